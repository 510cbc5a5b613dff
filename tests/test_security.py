"""The table of promises in docs/security.md, and the promises that have no other place."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import httpx
import nicegui
import pytest
from fastapi import FastAPI

from domain import media as links
from storage import attachments
from storage.database import Database
from tests import arrange
from tests.storage.test_attachments import picture
from tests.ui.pages import NOW, world_of
from ui import media
from ui.guard import POLICY

ROOT = Path(__file__).parent.parent
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", (ROOT / "docs/security.md").read_text(), re.MULTILINE)


def test_every_promise_is_in_the_table_once() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 23))


@pytest.mark.parametrize(("number", "tests"), [(number, tests) for number, _, tests in ROWS])
def test_every_promise_names_tests_that_exist(number: str, tests: str) -> None:
    named = re.findall(r"`([^`:]+)::(\w+)`", tests)
    assert named
    missing = [test for path, test in named if f"def {test}(" not in (ROOT / path).read_text()]
    assert missing == []


def test_the_content_policy_allows_what_the_framework_needs_and_no_more() -> None:
    parts = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert parts.pop("script-src") == "'self' 'unsafe-inline' 'unsafe-eval'"
    assert parts.pop("style-src") == "'self' 'unsafe-inline'"
    assert parts.pop("img-src") == "'self' data: blob:"
    assert parts.pop("font-src") == "'self' data:"
    for name in ("default-src", "connect-src", "form-action"):
        assert parts.pop(name) == "'self'"
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert parts.pop(name) == "'none'"
    assert parts == {}


async def test_a_media_link_gives_one_file_for_a_time_and_nothing_else(
    sqlite_db: Database, tmp_path: Path
) -> None:
    world = world_of(sqlite_db, arrange.person(sqlite_db, NOW), tmp_path)
    upload = tmp_path / "upload"
    content = picture()
    upload.write_bytes(content)
    kept = attachments.upload(sqlite_db, world.actor(), world.files, 'a"b.png', upload, NOW)
    app = FastAPI()
    app.include_router(media.router(world))
    token = links.token(world.secret, kept.id or 0, NOW + timedelta(hours=1))
    late = links.token(world.secret, kept.id or 0, NOW - timedelta(seconds=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sms.example") as http:
        answer = await http.get(f"/media/{token}")
        others = [(await http.get(f"/media/{wrong}")).status_code for wrong in (late, token[:-1], "", "../x")]
    assert answer.content == content
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline; filename")
    assert answer.headers["cache-control"].startswith("private")
    assert "set-cookie" not in answer.headers
    assert others == [404] * 4


def test_every_dependency_is_locked_with_hashes() -> None:
    names = sorted(path.name for path in ROOT.glob("requirements*.txt"))
    assert len(names) == 4
    for name in names:
        text = (ROOT / name).read_text().replace("\\\n", " ")
        pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line, re.IGNORECASE)]
        assert pins
        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_page_framework_is_past_its_known_holes() -> None:
    assert tuple(int(part) for part in nicegui.__version__.split(".")[:2]) >= (3, 18)


def test_the_audit_of_dependencies_skips_none_and_needs_a_command_of_its_own() -> None:
    (audit,) = [line for line in planned("audit") if "pip-audit" in line]
    assert "--strict" in audit
    assert {"requirements.txt", "requirements-dev.txt"} <= set(audit.split())
    assert not any("pip-audit" in line for line in planned("test"))  # CI may have no internet


def planned(target: str) -> list[str]:
    """What `make` would do."""
    made = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in made.stdout.splitlines() if " install " not in line]
