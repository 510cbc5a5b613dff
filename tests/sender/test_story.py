"""A carrier account from the outside: the program, its API, a strict Twilio, signed calls, and no secret."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from storage.database import Database
from tests import arrange, wait
from tests.faults.program import MAIN, Program
from tests.sender.contract.wire import answering
from tests.sender.fakes import BAD_NUMBER
from tests.sender.fakes.twilio import TwilioFake
from tests.sender.servers import serve
from tests.sender.test_dispatch import begin_now

ADA, BEN, CAT = "+14155550101", "+14155550102", "+14155550103"


class Api:
    """The program's API, as an administrator's program sees it."""

    def __init__(self, program: Program) -> None:
        made = subprocess.run(
            [sys.executable, str(MAIN), "create-api-key", "--name", "Test", "--role", "admin"],
            env=program.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        self.client = httpx.AsyncClient(
            base_url=f"{program.url}/api/v1",
            headers={"Authorization": f"Bearer {made.stdout.strip()}"},
            timeout=30,
        )

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        answer = await self.client.post(path, json=body)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def program(tmp_path: Path) -> Any:
    made = Program(tmp_path / "data", {"SMS_SECRET_KEY": "k" * 64})
    made.start()
    yield made
    made.terminate()


async def call(webhook: Webhook) -> int:
    async with httpx.AsyncClient(timeout=30) as client:
        headers = {**webhook.headers, "content-type": "application/x-www-form-urlencoded"}
        return (await client.post(webhook.url, content=webhook.body, headers=headers)).status_code


async def test_a_campaign_over_twilio_from_set_up_to_opt_out(program: Program, tmp_path: Path) -> None:
    fake, api = TwilioFake(), Api(program)
    async with serve(answering(fake)) as server, api.client:
        settings = {**fake.settings, "base_url": server.url.removesuffix("/messages")}
        carrier = await api.post("/carriers", {"name": "Twilio", "kind": "twilio", "settings": settings})
        assert fake.settings["auth_token"] not in str(carrier)
        line = await api.post(
            "/lines",
            {"label": "Main", "number": "+15550100000", "carrier_id": carrier["id"], "rate_per_second": 50},
        )
        people = await api.post("/lists", {"name": "People"})
        phones = [{"phone": phone} for phone in (ADA, BEN, CAT, BAD_NUMBER)]
        await api.post(f"/lists/{people['id']}/contacts", phones)
        campaign = await api.post(
            "/campaigns",
            {
                "name": "Story",
                "channel": "sms",
                "line_id": line["id"],
                "list_id": people["id"],
                "opt_in_acknowledged": True,
                "timezone": "UTC",
            },
        )
        await begin(api, program, campaign["id"])
        await wait.until_async(lambda: len(fake.taken) == 3, 90, "the messages")
        told = {one.recipient: one for one in fake.taken}
        assert await call(fake.receipt(told[ADA], State.DELIVERED)) == 200
        assert await call(fake.receipt(told[BEN], State.FAILED)) == 200
        forged = fake.receipt(told[CAT], State.DELIVERED)
        assert await call(Webhook({}, {"x-twilio-signature": "AAAA"}, forged.body, forged.url)) == 403
        fake.hooks = carrier["webhooks"]["inbound"].removesuffix("/inbound")
        assert await call(fake.text("STOP")) == 200

        async def ended() -> bool:
            found = await api.get(f"/campaigns/{campaign['id']}/deliveries")
            states = {one["phone"]: (one["state"], one["error_code"]) for one in found["items"]}
            return states == {
                ADA: ("delivered", None),
                BEN: ("failed", "30007"),
                CAT: ("sent", None),
                BAD_NUMBER: ("failed", "21211"),
            }

        await wait.until_async(ended, 60, "the receipts")
        gone = await api.get("/suppressions")
        assert [one["phone"] for one in gone["items"]] == ["+15550104321"]
    assert holding(tmp_path, fake.settings["auth_token"]) == []


async def begin(api: Api, program: Program, campaign_id: int) -> None:
    """Schedule one message, and bring its time to now so that nobody waits for a full minute."""
    soon = datetime.now(UTC) + timedelta(minutes=5)
    text = {"text": "Hello. Reply STOP to opt out.", "send_at": f"{soon:%Y-%m-%dT%H:%M:00Z}"}
    await api.post(f"/campaigns/{campaign_id}/messages", text)
    await api.post(f"/campaigns/{campaign_id}/schedule")
    [path] = program.folder.glob("*.db")
    db = Database(f"sqlite:///{path}")
    arrange.any_hour(db)
    begin_now(db, campaign_id)
    db.close()


def holding(folder: Path, secret: str) -> list[str]:
    """The files in which the secret can be read: data, logs, key files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    return [path.name for path in files if secret.encode() in path.read_bytes()]
