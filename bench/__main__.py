"""`make bench`: run every benchmark, print the tables, and write them to bench/README.md."""

from pathlib import Path

from bench import dispatch, grid, results
from bench.measure import machine

HEAD = """# Benchmarks

Written by `make bench`. Quote the ratios: absolute figures belong to the machine they were measured on.

"""


def main() -> None:
    """Run them one after the other."""
    tables = []
    for part in (grid, results, dispatch):
        tables.append(part.run())
        print(tables[-1], flush=True)
    text = f"{HEAD}Machine: {machine()}.\n\n" + "\n".join(tables)
    Path(__file__).with_name("README.md").write_text(text)


if __name__ == "__main__":
    main()
