"""F19: a backup made at full speed, restored elsewhere: sound, and nobody is sent to again."""

from datetime import UTC, datetime
from pathlib import Path

from domain.deliveries import State
from domain.messages import Choice
from storage import backups, missed
from storage.database import Database
from tests import ledger, postgres
from tests.faults.conftest import Say
from tests.faults.program import Program, run, start
from tests.faults.scale import sized
from tests.faults.stage import Stage


def test_f19_a_backup_while_sending_at_full_speed(both_stages: Stage, tmp_path: Path, say: Say) -> None:
    stage, file = both_stages, tmp_path / "made.backup"
    campaign = stage.campaign(people=sized(6_000, 6_000 if stage.kind == "sqlite" else 15_000))
    start(stage.senders())
    stage.carrier.sent_more(200)
    backups.backup(stage.db, stage.data, file, stage.now, lambda _line: None)
    stage.wait_for_end(campaign)
    stage.check(campaign)
    for program in stage.programs:
        assert program.terminate() == 0

    elsewhere = stage.folder / "elsewhere" / "data"
    settings = {"SMS_SECRET_KEY": "k" * 32}
    if stage.kind == "postgres":
        settings["SMS_DATABASE_URL"] = postgres.database("restored_at_speed")
    restored = run(elsewhere, "restore", str(file), **settings)
    assert restored.returncode == 0, restored.stderr
    assert "all counts and checksums agree. Sending is held" in restored.stdout
    stage.move(Database(settings.get("SMS_DATABASE_URL", f"sqlite:///{elsewhere / 'sms.db'}")), elsewhere)
    stage.check_soundness()
    ledger.check_tallies(stage.db)
    known = stage.states(campaign)
    assert known[State.QUEUED] > 0  # all of them were sent to since

    fresh = stage.campaign(people=50)
    before = len(stage.carrier.requests)
    program = Program(elsewhere, settings, ("worker",) if stage.kind == "postgres" else ())
    stage.programs.append(program)
    program.start()
    assert len(stage.carrier.requests) == before
    released = run(elsewhere, "release-sending", **settings)
    assert released.stdout == "Sending is released.\n", released.stderr
    stage.wait_for_end(fresh)
    assert len(stage.carrier.requests) == before + 50
    assert stage.carrier.twice == []

    now = datetime.now(UTC)
    missed.decide(stage.db, stage.actor, campaign.id, campaign.message_id, Choice.SKIP, now)
    stage.wait_for_end(campaign)
    assert stage.carrier.twice == []
    say(
        f"F19 {stage.kind}: by the backup {known[State.QUEUED]} of {len(campaign.phones)} were still to be "
        "sent to; 0 sent to again"
    )


def test_a_running_program_is_backed_up_and_restored_by_command(tmp_path: Path) -> None:
    program, file = Program(tmp_path / "data", {"SMS_DEMO": "1"}), tmp_path / "made.backup"
    elsewhere = tmp_path / "elsewhere" / "data"
    try:
        program.start()
        made = run(program.folder, "backup", str(file))
    finally:
        program.end()
    assert (made.returncode, len(made.stdout.splitlines())) == (0, 1), made.stderr
    assert made.stdout.startswith("Backed up ")
    restored = run(elsewhere, "restore", str(file))
    assert (restored.returncode, len(restored.stdout.splitlines())) == (0, 1), restored.stderr
    assert restored.stdout.startswith("Restored ")
    taken = f"There is a file {file} already. Name a new one.\n"
    full = "The database has data already, and a restore overwrites nothing. Name an empty one.\n"
    absent = f"The backup {tmp_path / 'none'} can't be unpacked: No such file or directory.\n"
    for folder, name, path, text in (
        (elsewhere, "backup", file, taken),
        (elsewhere, "restore", file, full),
        (tmp_path / "new" / "data", "restore", tmp_path / "none", absent),
    ):
        refused = run(folder, name, str(path))
        assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", text)


def test_nothing_is_restored_under_a_running_program(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    try:
        program.start()
        refused = run(program.folder, "restore", str(tmp_path / "made.backup"))
    finally:
        program.end()
    assert refused.returncode == 2
    assert refused.stderr.startswith("Another process already uses the data directory")
