"""The contract's third part: calls to our webhooks, the carrier's and others', and the ledger behind them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from domain.deliveries import State
from sender.carriers.protocol import Outgoing, Webhook
from sender.webhooks import Webhooks
from storage.database import Database
from storage.deliveries import Claimed
from storage.tables import ReceiptInbox, Suppression
from tests import arrange, ledger
from tests.conftest import NOW
from tests.sender.contract.values import ValueContract, called
from tests.sender.fakes import AT, Fake, Taken

assert ledger.start_of(NOW) == AT


@dataclass
class Place:
    """An account with one message handed to its carrier, whose outcome is not settled yet."""

    db: Database
    fake: Fake
    app: Webhooks
    claimed: Claimed
    told: Taken
    message_id: int
    now: datetime = AT

    async def call(self, webhook: Webhook) -> httpx.Response:
        """Bring a call to our webhooks."""
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(
                webhook.method, webhook.url, headers=dict(webhook.headers), content=webhook.body
            )

    @property
    def state(self) -> State:
        [row] = ledger.rows(self.db, self.message_id).values()
        return row.state

    def inbox(self, *, applied: bool) -> int:
        condition = col(ReceiptInbox.applied_at).is_not(None) == applied
        with self.db.read() as session:
            return session.scalar(select(func.count()).select_from(ReceiptInbox).where(condition)) or 0


def account(db: Database, fake: Fake) -> tuple[int, str]:
    """A line on an account of the fake's kind; its id and the secret part of its webhooks."""
    line_id = arrange.line(
        db,
        NOW,
        kind=fake.kind,
        base_url="https://carrier.example",
        number="+15550100000",
        credentials=fake.settings,
    )
    return line_id, arrange.token(db, line_id)


class InboxContract(ValueContract):
    """What becomes of receipts and texts."""

    @pytest.fixture
    def place(self, sqlite_db: Database) -> Place:
        fake = self.fake()
        line_id, token = account(sqlite_db, fake)
        fake.hooks = f"https://app.example/webhooks/{fake.kind}/{token}"
        actor = arrange.person(sqlite_db, NOW)
        campaign_id = ledger.started(sqlite_db, actor, NOW, ["+14155550123"], line_id=line_id)
        message_id = ledger.message_ids(sqlite_db, campaign_id)[0]
        [claimed] = ledger.claim(sqlite_db, message_id, AT)
        callback = f"{fake.hooks}/status?a={claimed.attempt_id}"
        message = Outgoing(claimed.attempt_id, "+15550100000", claimed.phone, "Hello", (), callback)
        fake.answer(called(self.carrier().request(message)))
        place = Place(
            sqlite_db,
            fake,
            Webhooks(sqlite_db, lambda: AT, "https://app.example"),
            claimed,
            fake.taken[0],
            message_id,
        )
        place.app.clock = lambda: place.now
        return place

    async def test_a_receipt_reaches_its_delivery(self, place: Place) -> None:
        ledger.settle(place.db, [place.claimed], AT)
        answer = await place.call(place.fake.receipt(place.told, State.DELIVERED))
        assert answer.status_code == 200
        assert place.state is State.DELIVERED
        ledger.check_tallies(place.db)

    async def test_receipts_out_of_order_and_repeated_end_at_the_highest(self, place: Place) -> None:
        ledger.settle(place.db, [place.claimed], AT)
        for state in (State.UNDELIVERED, State.DELIVERED, State.SENT, State.DELIVERED, State.UNDELIVERED):
            event = 1 + list(State).index(state)
            assert (await place.call(place.fake.receipt(place.told, state, event))).status_code in (200, 400)
        assert place.state is State.DELIVERED
        assert place.inbox(applied=True) in (2, 3)  # not every carrier says “sent”
        assert place.inbox(applied=False) == 0

    async def test_a_receipt_before_its_outcome_is_not_lost(self, place: Place) -> None:
        await place.call(place.fake.receipt(place.told, State.DELIVERED))
        assert place.state is State.DELIVERED
        ledger.settle(place.db, [place.claimed], AT)
        assert place.state is State.DELIVERED
        ledger.check_tallies(place.db)

    async def test_a_forged_receipt_is_refused_counted_and_changes_nothing(self, place: Place) -> None:
        forged = list(place.fake.forged(place.fake.receipt(place.told, State.DELIVERED)))
        forged = [replace(one, at=AT) for one in forged if one.at == AT]
        for webhook in forged:
            answer = await place.call(webhook)
            assert answer.status_code in (403, 404)  # 404 where the token in the path was changed too
        assert place.app.refused[place.fake.kind] == len(forged)
        assert place.state is State.SENDING
        assert place.inbox(applied=True) + place.inbox(applied=False) == 0

    async def test_a_wrong_secret_in_the_path_finds_nothing(self, place: Place) -> None:
        place.fake.hooks = f"https://app.example/webhooks/{place.fake.kind}/{'0' * 32}"
        assert (await place.call(place.fake.text("STOP"))).status_code == 404

    async def test_a_call_repeated_later_changes_nothing(self, place: Place) -> None:
        webhook = place.fake.receipt(place.told, State.DELIVERED)
        await place.call(webhook)
        place.now = AT + timedelta(hours=1)
        answer = await place.call(webhook)
        assert answer.status_code in (200, 403)
        assert place.inbox(applied=True) == 1
        assert place.state is State.DELIVERED

    async def test_another_account_can_not_speak_for_ours(self, place: Place) -> None:
        """Even one with the same secrets."""
        _line, token = account(place.db, place.fake)
        ours = place.fake.hooks
        place.fake.hooks = f"https://app.example/webhooks/{place.fake.kind}/{token}"
        told = replace(place.told, callback=place.told.callback.replace(ours, place.fake.hooks))
        if place.fake.kind == "bandwidth":
            told = replace(told, callback=f"{place.fake.hooks}/status")
        assert (await place.call(place.fake.receipt(told, State.DELIVERED))).status_code == 200
        assert place.state is State.SENDING
        assert place.inbox(applied=False) == 1

    async def test_a_stop_holds_and_is_answered_as_the_carrier_expects(self, place: Place) -> None:
        for _ in range(2):
            answer = await place.call(place.fake.text("STOP"))
            assert (answer.status_code, answer.text) == (200, self.carrier().thanks)
            kind = "text/xml" if self.carrier().thanks else "text/plain"
            assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        with place.db.read() as session:
            assert [row.phone for row in session.scalars(select(Suppression))] == ["+15550104321"]

    async def test_nonsense_is_answered_with_400_or_403(self, place: Place) -> None:
        for hook in ("status", "inbound"):
            url = f"{place.fake.hooks}/{hook}"
            for body in (b"", b"\xff\x00", b"[]", b"{}", b"a=b"):
                answer = await place.call(Webhook({}, {}, body, url))
                assert answer.status_code in (400, 403)
