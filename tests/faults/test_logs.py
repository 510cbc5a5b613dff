"""A whole campaign through the real program: no number, text or token is in its log, in either form."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from domain.campaigns import Status
from domain.sandbox import BEHAVIOURS
from storage import campaigns, results
from storage.database import Database
from storage.schema import upgrade
from storage.tables import CarrierAccount, Message
from tests import arrange, wait
from tests.faults.program import Program

WORDS = "Zebra sale until Sunday. Reply STOP to opt out."
TOKEN = "measured by this token alone"


@pytest.mark.parametrize("form", ["console", "json"])
def test_nothing_about_a_person_is_in_the_log(tmp_path: Path, form: str) -> None:
    folder, now = tmp_path / "data", datetime.now(UTC)
    db = Database(f"sqlite:///{folder / 'sms.db'}")
    upgrade(db)
    arrange.any_hour(db)
    actor = arrange.person(db, now)
    arrange.no_pause(db, actor, now)
    line_id = arrange.line(db, now, number="+14155550142")
    people = arrange.numbers(40, sorted(BEHAVIOURS))
    list_id = arrange.contact_list(db, actor, now, people)
    campaign_id = arrange.draft(db, actor, now, line_id, list_id, texts=[WORDS])
    campaigns.schedule(db, actor, campaign_id, now)
    with db.write() as session:
        session.execute(update(Message).values(send_at=now, begins_at=now))
        token = session.scalars(select(CarrierAccount)).one().token
    settings = {"SMS_LOG_FORMAT": form, "SMS_METRICS_TOKEN": TOKEN}
    program = Program(folder, settings, fault={"set": {"domain.circuit:FIRST_REST": 1.0}})
    try:
        program.start()
        wait.until(lambda: status(db, campaign_id) is Status.COMPLETED, 90, "the campaign's end")
        calls = {
            f"/webhooks/sandbox/{token}/status": b'{"id": "x", "status": "no such status"}',
            f"/webhooks/sandbox/{token}/inbound": json.dumps({"from": people[0], "text": WORDS}).encode(),
            f"/api/v1/contacts?phone={people[1]}": b"",
        }
        for path, body in calls.items():
            httpx.post(program.url + path, content=body, headers={"authorization": "Bearer sck_1_secretive"})
        wait.until(lambda: measured(program)["sms_carrier_outcomes_total"] >= len(people), 30, "the report")
        assert program.terminate() == 0
    finally:
        program.end()
        db.close()
    written = program.log + program.path("out").read_text()
    assert "the sender runs on" in written  # there is a log
    numbers = [*people, *(number[1:] for number in people), "+14155550142"]
    secrets = [*numbers, WORDS, "Zebra", token, "secretive", TOKEN]
    assert [secret for secret in secrets if secret in written] == []
    if form == "json":
        lines = [json.loads(line) for line in program.log.splitlines()]
        assert all({"at", "level", "logger", "text"} <= line.keys() for line in lines)


def status(db: Database, campaign_id: int) -> Status:
    return results.overview(db, campaign_id, datetime.now(UTC)).standing.status


def measured(program: Program) -> dict[str, float]:
    """The metrics' values, those of one name added up."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = httpx.get(f"{program.url}/metrics", headers=headers, timeout=20)
    found: dict[str, float] = {"sms_carrier_outcomes_total": 0.0}
    for line in answer.raise_for_status().text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            name = name.partition("{")[0]
            found[name] = found.get(name, 0.0) + float(value)
    return found
