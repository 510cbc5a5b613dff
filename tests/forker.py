"""A process that has imported modules already, and forks one for each start of the program.

A start from scratch takes some three seconds of a core, most of them for imports; a fork has them for
nothing. What runs is the real program in a process of its own, with its own environment, files and signals.

Requests come as lines of JSON on stdin: `{"start": {...}}` is answered by the process's id, `{"ended": id}`
by its exit code as `subprocess` counts it, or null while it runs.
"""

import gc
import importlib
import json
import os
import sys
from collections.abc import Mapping
from typing import Any


def main(modules: list[str]) -> int:
    """Import, then fork until stdin ends; in a fork, be the program and return its exit code."""
    for name in modules:
        importlib.import_module(name)
    gc.freeze()  # what is there stays: no look for garbage should touch, and so copy, its pages
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            child = os.fork()
            if child == 0:
                return _be(request["start"])
            answer: int | None = child
        else:
            ended, status = os.waitpid(request["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
    return 0


def _be(start: Mapping[str, Any]) -> int:
    os.setsid()
    os.chdir(start["folder"])
    for stream, file in enumerate((os.devnull, start["out"], start["err"])):
        flags = os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        opened = os.open(file, flags, 0o644)
        os.dup2(opened, stream)
        os.close(opened)
    os.environ.clear()
    os.environ.update(start["environment"])
    module, _, verb = start["run"].partition(":")
    code: int = getattr(importlib.import_module(module), verb)(*start["arguments"])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
