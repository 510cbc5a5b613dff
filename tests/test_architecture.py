"""The dependency rule, read from the imports themselves (architecture.md, section 1)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {"domain", "storage", "sender", "ui", "main", "tests", "bench"}
MAY_IMPORT = {
    "domain": {"domain"},
    "storage": {"storage", "domain"},
    "sender": {"sender", "storage", "domain"},
    "ui": {"ui", "storage", "domain"},
}
DOMAIN_MAY_USE = {
    *("abc", "base64", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib"),
    *(
        "heapq",
        "hmac",
        "ipaddress",
        "itertools",
        "math",
        "operator",
        "pathlib",
        "random",
        "re",
        "string",
        "typing",
    ),
    *("unicodedata", "urllib", "zlib", "zoneinfo"),
    *("phonenumbers", "tzdata"),  # tables of facts
}
"""No clock, no file, no network, no database, no page."""


def files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file names in an import, wherever it stands, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.module or "", node.lineno


def all_imports() -> list[tuple[str, Path, str, int]]:
    return [
        (room, path, module.partition(".")[0], line)
        for room in MAY_IMPORT
        for path in files(room)
        for module, line in imported(path)
    ]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {top}"
        for owner, path, top, line in all_imports()
        if owner == room and top in ROOMS - MAY_IMPORT[room]
    ]
    assert wrong == []


def test_no_file_needs_one_that_needs_it() -> None:
    known = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room in MAY_IMPORT
        for path in files(room)
    }
    needs: dict[str, set[str]] = {}
    for room in MAY_IMPORT:
        for path in files(room):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            needs[name] = {module for module in needed(path) if module in known} - {name}
    TopologicalSorter(needs).prepare()  # raises CycleError, which names the circle


def needed(path: Path) -> Iterator[str]:
    """The modules that a file's imports may mean: `from storage import audit` means storage.audit too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module or ""


def test_the_domain_touches_nothing_but_values() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {top}"
        for room, path, top, line in all_imports()
        if room == "domain" and top not in DOMAIN_MAY_USE | {"domain"}
    ]
    assert wrong == []


def test_the_domain_reads_no_clock() -> None:
    clocks = {"now", "utcnow", "today", "time_ns", "monotonic"}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("domain")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in clocks
    ]
    assert wrong == []


def test_importing_the_program_does_nothing_and_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, threading; import main; print(threading.active_count(), "
        "*sorted({'nicegui', 'sqlmodel', 'sqlalchemy', 'uvicorn'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    threads, *heavy = ended.stdout.split()
    assert (threads, heavy, ended.stderr) == ("1", [], "")
    assert list(tmp_path.iterdir()) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = (
        "py" + "pi.org",
        "files.python" + "hosted.org",
        "registry." + "npmjs",
        "un" + "pkg.com",
        "jsde" + "livr",
    )
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    wrong = [
        f"{name}: {host}"
        for name in kept.decode().split("\0")
        if name and (ROOT / name).is_file()
        for host in hosts
        if host.encode() in (ROOT / name).read_bytes()
    ]
    assert wrong == []


def test_no_page_writes_html_or_markdown_of_its_own() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files("ui")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("html", "markdown")
        and isinstance(node.value, ast.Name)
        and node.value.id == "ui"
    ]
    assert wrong == []
