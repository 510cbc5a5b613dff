"""python main.py create-admin, on a database that does not exist yet."""

from datetime import UTC, datetime
from pathlib import Path

from domain.access import Role
from storage import joining, sessions
from storage.database import Database
from storage.signing_in import Visitor
from tests.test_create_api_key import run


def test_the_link_alone_is_on_stdout_and_makes_an_administrator(tmp_path: Path) -> None:
    done = run(tmp_path, "create-admin", "--email", "ada@example.com")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    address, _, token = done.stdout.strip().rpartition("/")
    assert address == "http://127.0.0.1:8080/invite"
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{tmp_path / 'sms.db'}")
    signed_in = joining.join(db, token, "Ada Park", "correct horse battery", Visitor("", ""), now)
    assert sessions.resume(db, signed_in.token, now).actor.role is Role.ADMIN
    db.close()
    again = run(tmp_path, "create-admin", "--email", "ADA@example.com")
    assert again.stdout.startswith("http://127.0.0.1:8080/reset/")


def test_a_mistake_exits_with_2_and_one_plain_line(tmp_path: Path) -> None:
    for arguments in (("--email", "nonsense"), ("--email", " ")):
        wrong = run(tmp_path, "create-admin", *arguments)
        assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
        assert "empty" not in wrong.stderr  # it can't be left out here
    assert run(tmp_path, "create-admin").returncode == 2
