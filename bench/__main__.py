"""`make bench`: run every benchmark, print the tables, and write them to bench/README.md.

`python -m bench NAME` runs one (or several) and only prints; without a name, all of them.
"""

import importlib
import sys
import time
from pathlib import Path

from bench.measure import machine

PARTS = (
    *("dispatch", "rivals", "receipts", "workers", "rows", "live"),
    *("latency", "forged", "scrape", "grid", "results", "contacts", "imports"),
)

HEAD = """# Benchmarks

Written by `make bench`. Quote the ratios: absolute figures belong to the machine they were measured on. All
that is compared ran in turns in the same call; each figure is the median of five turns or more.

"""


def main(names: list[str]) -> None:
    """Run them one after the other."""
    tables = []
    for name in names or PARTS:
        start = time.perf_counter()
        tables.append(importlib.import_module(f"bench.{name}").run())
        print(tables[-1], flush=True)
        print(f"({name}: {time.perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)
    if not names:
        text = f"{HEAD}Machine: {machine()}.\n\n" + "\n".join(tables)
        Path(__file__).with_name("README.md").write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
