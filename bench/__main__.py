"""`make bench`: run every benchmark, print the tables, and write them to bench/README.md.

`python -m bench NAME` runs one (or several) and only prints; without a name, all of them. Each has a process
of its own, so that none is measured in what another left behind; one that fails does not hide the others.
"""

import importlib
import subprocess
import sys
import time
from pathlib import Path

from bench.measure import machine

PARTS = (
    *("dispatch", "rivals", "receipts", "workers", "rows", "live"),
    *("latency", "forged", "scrape", "grid", "results", "contacts", "bulk", "imports", "review"),
)

HEAD = """# Benchmarks

Written by `make bench`. Quote the ratios: absolute figures belong to the machine they were measured on. All
that is compared ran in turns in the same call; each figure is the median of five turns or more.

"""


def main(names: list[str]) -> int:
    """Run them one after the other; the exit code is 1 when one failed."""
    if len(names) == 1:
        print(importlib.import_module(f"bench.{names[0]}").run(), flush=True)
        return 0
    tables, failed = [], []
    for name in names or PARTS:
        start = time.perf_counter()
        part = subprocess.run(
            [sys.executable, "-m", "bench", name], stdout=subprocess.PIPE, text=True, check=False
        )
        if part.returncode:
            failed.append(name)
        tables.append(part.stdout if not part.returncode else f"### {name}\nFailed in this run.\n")
        print(tables[-1], flush=True)
        print(f"({name}: {time.perf_counter() - start:.0f} s)\n", file=sys.stderr, flush=True)
    if not names:
        text = f"{HEAD}Machine: {machine()}.\n\n" + "\n".join(tables)
        Path(__file__).with_name("README.md").write_text(text)
    if failed:
        print(f"These failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
