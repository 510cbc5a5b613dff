"""python main.py create-api-key, on a database that does not exist yet."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from domain.access import Role
from storage import api_keys, demo, workspace
from storage.database import Database

ROOT = Path(__file__).parent.parent


def run(folder: Path, *arguments: str, data: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "SMS_DATA_DIR": str(data or folder), "SMS_DATABASE_URL": ""}
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def test_the_key_alone_is_on_stdout_and_demo_data_can_still_be_added(tmp_path: Path) -> None:
    done = run(tmp_path, "create-api-key", "--name", "CRM", "--role", "manager")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    now = datetime.now(UTC)
    db = Database(f"sqlite:///{tmp_path / 'sms.db'}")
    assert api_keys.verify(db, done.stdout.strip(), now).actor.role is Role.MANAGER
    assert demo.seed(db, now)
    assert workspace.actor(db, demo.OWNER_EMAIL).name == "Ada Park"
    db.close()


def test_a_mistake_exits_with_2(tmp_path: Path) -> None:
    wrong = run(tmp_path, "create-api-key", "--name", " ", "--role", "viewer")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.count("\n") == 1
    for arguments in (("--name", "CRM", "--role", "king"), ("--role", "viewer"), ("--nonsense",)):
        wrong = run(tmp_path, "create-api-key", *arguments)
        assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1), wrong.stderr
