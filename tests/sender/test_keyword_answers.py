"""Who answers a keyword: the carrier where it says so, else this program, once."""

import json
import secrets
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from domain.keywords import Kind
from sender.carriers.protocol import Webhook
from sender.carriers.registry import adapter
from sender.webhooks import Webhooks
from storage.database import Database
from storage.tables import Answer, CarrierAccount, Suppression
from tests import arrange
from tests.conftest import NOW
from tests.sender.fakes import AT
from tests.sender.fakes.twilio import TOKEN, TwilioFake

URL = "https://we.example/webhooks/twilio/token/inbound"


@pytest.mark.parametrize(
    ("opt_out_type", "told"),
    [("STOP", Kind.STOP), ("START", Kind.START), ("HELP", Kind.HELP), ("", None), ("ELSE", None)],
)
def test_twilio_says_what_it_took_a_text_for(opt_out_type: str, told: Kind | None) -> None:
    form = {"MessageSid": "SM1", "From": "+15550104321", "To": "+15550100000", "Body": "Halt"}
    form |= {"OptOutType": opt_out_type} if opt_out_type else {}
    signature = RequestValidator(TOKEN).compute_signature(URL, form)
    webhook = Webhook({}, {"x-twilio-signature": signature}, urlencode(form).encode(), URL, AT)
    carrier = adapter("twilio", {**TwilioFake.settings, "base_url": "https://carrier.example"})
    text = carrier.inbound(webhook)
    assert text is not None
    assert text.told is told


@pytest.mark.parametrize(("setting", "answers"), [("", 1), ("no", 1), ("yes", 0), ("True", 0)])
async def test_nothing_is_answered_where_the_account_says_that_the_carrier_does(
    sqlite_db: Database, setting: str, answers: int
) -> None:
    arrange.line(sqlite_db, NOW)
    with sqlite_db.write() as session:
        session.execute(update(CarrierAccount).values(settings={"answers_keywords": setting}))
        token = session.scalars(select(CarrierAccount)).one().token
    app = Webhooks(sqlite_db, lambda: NOW, "http://we.example")
    event = {"event_id": secrets.token_hex(4), "from": "+12125550100", "to": "+14155550100", "text": "Stop"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://we.example") as client:
        answer = await client.post(f"/webhooks/sandbox/{token}/inbound", content=json.dumps(event))
    assert answer.status_code == 200
    with sqlite_db.read() as session:
        assert len(session.scalars(select(Answer)).all()) == answers
        assert session.get(Suppression, "+12125550100") is not None
