"""Short links: one a person and link, made in the claim; followed, and counted with their message."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from domain.access import Actor
from domain.outcomes import Outcome, Proof
from domain.schedules import TooEarly
from storage import campaigns, deliveries, erasure, lines, messages, results, retention, short_links
from storage.database import Database
from storage.deliveries import Claimed, Settled, Wanted
from storage.messages import Change
from storage.review import review
from storage.short_links import LinkUnknown
from storage.tables import Contact, Delivery, ShortLink
from tests import arrange, ledger
from tests.conftest import NOW

START = ledger.start_of(NOW)
BASE = "https://s.example/l/"
PAGE = "https://shop.example/spring-sale/with/a/long/path?utm_source=sms"
OWN = "https://shop.example/me?n={first_name|you}"
TEXT = f"Hi {{first_name|there}}: {PAGE} or {OWN}. STOP to opt out."
PHONES = arrange.numbers(3)


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def started(db: Database, actor: Actor, text: str = TEXT, *, shorten: bool = True) -> int:
    """A message to three people that has begun."""
    short_links.keep_base(db, "https://s.example/")
    line_id = arrange.line(db, NOW, daily_cap=100)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=(text,))
    message_id = messages.of_campaign(db, campaign_id)[0].id or 0
    messages.save(db, actor, message_id, Change(shorten_links=shorten), NOW)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    return message_id


def test_the_next_message_may_begin_when_the_short_text_is_through(db: Database, actor: Actor) -> None:
    short_links.keep_base(db, "https://s.example/")
    list_id = arrange.contact_list(db, actor, NOW, arrange.numbers(120))
    texts = (f"See https://shop.example/{'x' * 300} Reply STOP to opt out.", "Again")
    line_id = arrange.line(db, NOW, rate=1.0)
    campaign_id = arrange.draft(
        db, actor, NOW, line_id, list_id, texts=texts, apart=timedelta(minutes=3), first=START
    )
    with pytest.raises(TooEarly):
        campaigns.schedule(db, actor, campaign_id, NOW)
    message_id = messages.of_campaign(db, campaign_id)[0].id or 0
    messages.save(db, actor, message_id, Change(shorten_links=True), NOW)
    campaigns.schedule(db, actor, campaign_id, NOW)


def claim(db: Database, message_id: int) -> list[Claimed]:
    """As the pump does it."""
    work = lines.work(db, 1, START)
    assert work is not None
    [text] = work.texts
    wanted = Wanted(message_id, 10, 2, "nonce", text.text, text.version, text.links)
    return sorted(deliveries.exchange(db, (), wanted, START), key=lambda one: one.phone)


def codes(text: str | None) -> list[str]:
    return [word.rstrip(".").removeprefix(BASE) for word in (text or "").split() if word.startswith(BASE)]


def test_everybody_gets_links_of_their_own(db: Database, actor: Actor) -> None:
    claimed = claim(db, started(db, actor))
    all_codes = [code for one in claimed for code in codes(one.text)]
    assert len(set(all_codes)) == 6
    assert {len(code) for code in all_codes} == {10}
    for one in claimed:
        page, own = codes(one.text)
        assert one.text == f"Hi Maya: {BASE}{page} or {BASE}{own}. STOP to opt out."
        assert one.segments == 1
        assert short_links.target(db, page) == PAGE
        assert short_links.target(db, own) == "https://shop.example/me?n=Maya"
    with db.read() as session:
        assert set(session.scalars(select(col(Delivery.text)))) == {one.text for one in claimed}


def test_nothing_is_made_where_the_switch_is_off(db: Database, actor: Actor) -> None:
    claimed = claim(db, started(db, actor, f"Hello: {PAGE}", shorten=False))
    assert {one.text for one in claimed} == {None}
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(ShortLink)) == 0


def test_a_delivery_that_is_tried_again_keeps_its_links(db: Database, actor: Actor) -> None:
    message_id = started(db, actor)
    first = claim(db, message_id)
    failed = Outcome(Proof.TOO_FAST, detail="Slow down.")
    deliveries.settle(db, [Settled(one.id, one.attempt_id, failed, START) for one in first], START)
    again = claim(db, message_id)
    assert [one.text for one in again] == [one.text for one in first]
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(ShortLink)) == 6


def test_clicks_are_counted_by_person_and_in_all(db: Database, actor: Actor) -> None:
    message_id = started(db, actor)
    first, second, _ = claim(db, message_id)
    page, own = codes(first.text)
    for code in (page, page, codes(second.text)[0], own):
        short_links.count(db, code, START + timedelta(minutes=5))
    [shown] = results.overview(db, 1, START).messages
    assert [(one.url, one.people, one.clicks) for one in shown.links] == [(PAGE, 2, 3), (OWN, 1, 1)]
    with db.read() as session:
        kept = session.get_one(ShortLink, page)
        assert (kept.clicks, kept.first_click_at) == (2, START + timedelta(minutes=5))


@pytest.mark.parametrize("code", ["", "nonsense", "0000000000", "x" * 5000, "абвгдежзик"])
def test_an_unknown_code_leads_nowhere(db: Database, actor: Actor, code: str) -> None:
    claim(db, started(db, actor))
    with pytest.raises(LinkUnknown):
        short_links.target(db, code)


def test_the_review_counts_the_segments_that_are_sent(db: Database, actor: Actor) -> None:
    short_links.keep_base(db, "https://s.example")
    line_id = arrange.line(db, NOW)
    list_id = arrange.contact_list(db, actor, NOW, PHONES)
    text = f"{TEXT} {PAGE}/more"
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=(text,))
    assert dict(review(db, campaign_id, NOW).messages[0].segments) == {2: 3}
    message_id = messages.of_campaign(db, campaign_id)[0].id or 0
    messages.save(db, actor, message_id, Change(shorten_links=True), NOW)
    assert dict(review(db, campaign_id, NOW).messages[0].segments) == {1: 3}
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    assert {one.segments for one in claim(db, message_id)} == {1}


def test_a_clone_keeps_the_switch(db: Database, actor: Actor) -> None:
    message_id = started(db, actor)
    copy = campaigns.clone(db, actor, 1, NOW)
    [cloned] = messages.of_campaign(db, copy)
    assert cloned.id != message_id
    assert cloned.shorten_links


def test_an_erased_persons_links_go(db: Database, actor: Actor) -> None:
    message_id = started(db, actor)
    first, second, _ = claim(db, message_id)
    sent = Outcome(Proof.ACCEPTED, "c1")
    deliveries.settle(db, [Settled(first.id, first.attempt_id, sent, START)], START)
    with db.read() as session:
        contact_id = session.scalar(select(col(Contact.id)).where(col(Contact.phone) == first.phone)) or 0
    erasure.erase(db, actor, contact_id, START)
    with pytest.raises(LinkUnknown):
        short_links.target(db, codes(first.text)[0])
    assert short_links.target(db, codes(second.text)[0]) == PAGE


def test_links_with_a_persons_own_words_go_with_the_texts(db: Database, actor: Actor) -> None:
    message_id = started(db, actor)
    first, second, _ = claim(db, message_id)
    sent = Outcome(Proof.ACCEPTED, "c1")
    deliveries.settle(db, [Settled(one.id, one.attempt_id, sent, START) for one in (first, second)], START)
    page, own = codes(first.text)
    retention.sweep(db, START + timedelta(days=395))
    assert short_links.target(db, own) == "https://shop.example/me?n=Maya"
    retention.sweep(db, START + timedelta(days=395, minutes=1))
    with pytest.raises(LinkUnknown):
        short_links.target(db, own)
    assert short_links.target(db, page) == PAGE
    assert ("remove by age", "workspace", 0) in ledger.audit(db)


def test_programs_that_start_at_once_all_note_the_address(db: Database) -> None:
    gate = threading.Barrier(4)

    def note() -> None:
        gate.wait()
        short_links.keep_base(db, "https://sms.example/")

    with ThreadPoolExecutor(4) as threads:
        for one in [threads.submit(note) for _ in range(4)]:
            one.result()
    with db.read() as session:
        assert short_links.base(session) == "https://sms.example/l/"
