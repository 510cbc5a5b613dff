"""F14, F15, F18: receipts that come three times, in any order, too early or never; and forged ones."""

import json
import statistics
import time
from itertools import count
from urllib.parse import urlencode

import httpx
from sqlalchemy import func, select
from sqlmodel import col

from domain.deliveries import RANK, State
from storage.tables import Delivery, ReceiptInbox, Suppression
from tests import ledger, wait
from tests.faults.conftest import Say
from tests.faults.program import start
from tests.faults.scale import FULL, sized
from tests.faults.stage import Campaign, Stage


def test_f14_receipts_in_any_order_never_step_back(both_stages: Stage, say: Say) -> None:
    """Three of each, shuffled, a third before our outcome, a tenth never."""
    stage = both_stages
    how = {"copies": 3, "early": 0.3, "mixed": 0.2, "lost": 0.1, "within": 2.0}
    stage.carrier.behave({"share": 1.0, "delay": (0.0, 0.2)}, receipts=how)
    campaign = stage.campaign(people=sized(200, 5_000), rate=sized(None, 400.0))
    web = stage.web()
    start([web, *stage.beside(web)])
    ranks: dict[str, int] = {}
    steps_back = looks = 0

    def all_is_told() -> bool:
        nonlocal steps_back, looks
        looks += 1
        for phone, state in ledger.states(stage.db, campaign.message_id).items():
            steps_back += RANK[state] < ranks.get(phone, 0)
            ranks[phone] = max(RANK[state], ranks.get(phone, 0))
        if stage.carrier.posts or not stage.completed(campaign):
            return False
        return ledger.states(stage.db, campaign.message_id) == told(stage, campaign)

    wait.until(all_is_told, 180, "every receipt's word in the ledger")
    counts = stage.check(campaign)
    heard = stage.carrier.told
    assert steps_back == 0
    assert 0 < sum(1 for phone in campaign.phones if not heard.get(phone)) < 0.2 * counts.people
    say(f"F14 {stage.kind}: {looks} looks, {steps_back} steps back, all as the last word says; {counts}")


def told(stage: Stage, campaign: Campaign) -> dict[str, State]:
    """What each delivery must be by the receipts that came."""
    heard = stage.carrier.told
    return {phone: _highest(heard.get(phone, set())) for phone in campaign.phones}


def _highest(statuses: set[str]) -> State:
    if "delivered" in statuses:
        return State.DELIVERED
    return State.UNDELIVERED if statuses else State.SENT


def test_f15_forged_receipts_are_refused_and_disturb_nobody(stage: Stage, say: Say) -> None:
    """Wrongly signed, replayed by another account, and for attempts that never were: none is applied."""
    seconds, rate = sized(3.0, 60.0), 10_000 / 60
    signed = {"account_sid": "AC1", "auth_token": "secret" * 6, "base_url": stage.carrier.url}
    campaign = stage.campaign(people=50, kind="twilio", settings=signed)
    other = stage.campaign(people=1)
    web = stage.web()
    start([web, *stage.beside(web)])
    stage.wait_for_end(campaign)
    stage.wait_for_end(other)
    before = stage.states(campaign)
    attempts = [row.attempt_id for row in ledger.rows(stage.db, campaign.message_id).values()]
    idle = [page_time(web.url) for _ in range(sized(10, 60))]
    busy: list[float] = []
    answers: list[int] = []
    with httpx.Client(timeout=30) as http:
        began, numbers = time.monotonic(), count()
        while (passed := time.monotonic() - began) < seconds:
            for number in numbers:
                attempt = attempts[number % len(attempts)] or ""
                answers.append(forge(http, web.url, campaign, other, attempt, number))
                if number >= passed * rate:
                    break
            busy.append(page_time(web.url))
    assert stage.states(campaign) == before
    assert applied(stage) == 0
    refused, stray = answers.count(403), answers.count(200)
    assert refused + stray + answers.count(404) == len(answers)
    ratio = p95(busy) / p95(idle)
    if FULL:
        assert ratio < 2
    counts = stage.check(campaign)
    pages = f"a page's p95 {p95(busy) * 1000:.1f} ms, {ratio:.2f} times its idle"
    say(
        f"F15 {stage.kind}: {len(answers)} forged in {seconds:.0f} s ({refused} answered 403, "
        f"{stray} kept as stray), 0 applied; {pages}; {counts}"
    )


def forge(
    http: httpx.Client, url: str, campaign: Campaign, other: Campaign, attempt: str, number: int
) -> int:
    """One receipt that is not the carrier's, in one of three ways; the answer's status."""
    query = urlencode({"a": attempt})
    if number % 3 == 0:  # a wrong signature
        headers = {"x-twilio-signature": "Zm9yZ2Vk", "content-type": "application/x-www-form-urlencoded"}
        content = urlencode({"MessageSid": f"SM{number}", "MessageStatus": "delivered"})
        path = f"/webhooks/twilio/{campaign.token}/status?{query}"
    elif number % 3 == 1:  # well made, but by another account
        headers = {"content-type": "application/json"}
        content = json.dumps({"id": "m-1", "status": "delivered", "event_id": f"e-{number % 300}"})
        path = f"/webhooks/sandbox/{other.token}/status?{query}"
    else:  # a guessed address
        headers, content = {}, "{}"
        path = f"/webhooks/sandbox/{number:032x}/status?{query}"
    return http.post(url + path, headers=headers, content=content).status_code


def applied(stage: Stage) -> int:
    with stage.db.read() as session:
        query = select(func.count()).where(col(ReceiptInbox.applied_at).is_not(None))
        return session.scalar(query) or 0


def page_time(url: str) -> float:
    began = time.perf_counter()
    assert httpx.get(f"{url}/readyz", timeout=30).status_code in (200, 503)
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def test_f18_a_stop_reply_holds_from_its_answer_on(stage: Stage, say: Say) -> None:
    """Replies of people whose turn is still to come: nobody is claimed after the suppression's commit."""
    campaign = stage.campaign(people=sized(400, 1_000), rate=20.0)
    web = stage.web()
    start([web, *stage.beside(web)])
    stage.carrier.has_sent(10)
    stopping = campaign.phones[-sized(40, 400) :]
    for number, phone in enumerate(stopping):
        event = {"event_id": f"stop-{number}", "from": phone, "to": "+14155550100", "text": "STOP"}
        answer = httpx.post(f"{web.url}/webhooks/sandbox/{campaign.token}/inbound", json=event, timeout=60)
        assert answer.status_code == 200
    stage.set_rate(campaign, None)
    stage.wait_for_end(campaign)
    with stage.db.read() as session:
        late = (
            select(func.count())
            .select_from(Delivery)
            .join(Suppression, col(Suppression.phone) == col(Delivery.phone))
            .where(col(Delivery.sending_since) > col(Suppression.created_at))
        )
        claimed_late = session.scalar(late)
    assert claimed_late == 0
    counts = stage.check(campaign)
    assert counts.states[State.SKIPPED] + counts.states[State.SENT] == counts.people
    assert 0 < counts.states[State.SKIPPED] <= len(stopping)
    say(f"F18 {stage.kind}: {len(stopping)} replied STOP, {claimed_late} claimed afterwards; {counts}")
