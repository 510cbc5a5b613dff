"""What people were sent, as every place that shows it has it: the contact, the inbox and the evidence."""

from datetime import timedelta
from pathlib import Path

from storage import (
    attachments,
    audit_log,
    campaigns,
    contact_cards,
    conversations,
    deliveries,
    evidence,
    inbound,
    messages,
    retention,
)
from storage.attachments import Files
from storage.audit_log import Filters
from storage.database import Database
from storage.evidence import OWN_WORDS_GONE
from storage.inbound import Reply
from storage.messages import Change
from storage.retention import Retention
from tests import arrange, ledger
from tests.conftest import NOW
from tests.storage.test_attachments import picture

START = ledger.start_of(NOW)
MAYA, BO, CY = arrange.numbers(3)
TEXT = "Hi {first_name|there}, reply STOP to opt out."


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def seen(db: Database, phone: str, contact_id: int) -> list[str]:
    """The text as the contact's page has it, as the inbox does, and as the evidence does."""
    line = "+14155550100"
    inbound.take(db, Reply(1, f"hello {phone}", phone, line, "Hello"), START + minutes(30))
    [talk] = conversations.of_number(db, phone)
    ours = [said.text for said in conversations.thread(db, talk).said if said.ours]
    sheets = {sheet.name: sheet for sheet in evidence.of_contact(db, contact_id, NOW).sheets}
    column = sheets["messages"].heads.index("Text as sent")
    return [
        *(sent.text for sent in contact_cards.card(db, contact_id).sent),
        *ours,
        *(row[column] for row in sheets["messages"].rows),
    ]


def test_everybody_is_shown_with_their_own_words(db: Database) -> None:
    campaign_id = ledger.started(db, arrange.person(db, NOW), NOW, [MAYA, BO], texts=(TEXT,))
    [message_id] = ledger.message_ids(db, campaign_id)
    ledger.settle(db, deliveries.claim(db, message_id, 10, 1, START, "nonce", TEXT), START)
    assert seen(db, MAYA, 1) == ["Hi Maya, reply STOP to opt out."] * 3


def test_a_text_that_was_rewritten_in_the_middle_is_each_ones_own(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [MAYA, BO], texts=("Doors open at 8.",))
    [message_id] = ledger.message_ids(db, campaign_id)
    [first] = ledger.send(db, message_id, START, limit=1)
    campaigns.pause(db, actor, campaign_id, START + minutes(1))
    messages.save(db, actor, message_id, Change(text="Doors open at nine."), START + minutes(2))
    messages.save(db, actor, message_id, Change(text="Doors open at 9."), START + minutes(3))
    campaigns.resume(db, actor, campaign_id, START + minutes(4))
    [second] = ledger.send(db, message_id, START + minutes(5), limit=1)
    assert seen(db, first.phone, first.contact_id) == ["Doors open at 8."] * 3
    assert seen(db, second.phone, second.contact_id) == ["Doors open at 9."] * 3


def test_the_evidence_says_where_only_the_pattern_is_left(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [MAYA], texts=(TEXT,))
    [message_id] = ledger.message_ids(db, campaign_id)
    ledger.settle(db, deliveries.claim(db, message_id, 10, 1, START, "nonce", TEXT), START)
    retention.choose(db, actor, Retention(texts_days=30), NOW)
    retention.sweep(db, NOW + timedelta(days=40))
    assert seen(db, MAYA, 1)[2] == OWN_WORDS_GONE + TEXT


def test_the_evidence_gives_no_text_to_whom_nothing_was_sent(db: Database) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [MAYA], texts=(TEXT,))
    campaigns.stop(db, actor, campaign_id, START)
    ledger.beat(db, START)
    [row] = next(s for s in evidence.of_contact(db, 1, NOW).sheets if s.name == "messages").rows
    assert row[3:7] == ("", "", "Canceled", "Not sent: the campaign was stopped")


def test_the_evidence_names_the_pictures_of_a_message(db: Database, tmp_path: Path) -> None:
    actor = arrange.person(db, NOW)
    line_id, list_id = arrange.line(db, NOW), arrange.contact_list(db, actor, NOW, [MAYA])
    campaign_id = arrange.draft(db, actor, NOW, line_id, list_id, texts=("",))
    [message_id] = ledger.message_ids(db, campaign_id)
    upload = tmp_path / "upload"
    upload.write_bytes(picture("PNG"))
    attachments.attach(db, actor, message_id, Files(tmp_path / "files"), "cat.png", upload, NOW)
    campaigns.schedule(db, actor, campaign_id, NOW)
    ledger.beat(db, START)
    ledger.send(db, message_id, START)
    [row] = next(s for s in evidence.of_contact(db, 1, NOW).sheets if s.name == "messages").rows
    assert row[3:6] == ("", "cat.png", "Sent")


def test_the_evidence_names_the_pictures_that_went_out_then(db: Database, tmp_path: Path) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [MAYA, BO, CY], texts=("Look.",))
    [message_id] = ledger.message_ids(db, campaign_id)
    files = Files(tmp_path / "files")

    def uploaded(name: str) -> Path:
        (tmp_path / name).write_bytes(picture("PNG"))
        return tmp_path / name

    [first] = ledger.send(db, message_id, START, limit=1)
    campaigns.pause(db, actor, campaign_id, START + minutes(1))
    cat = attachments.attach(db, actor, message_id, files, "cat.png", uploaded("cat.png"), START + minutes(2))
    campaigns.resume(db, actor, campaign_id, START + minutes(3))
    [second] = ledger.send(db, message_id, START + minutes(4), limit=1)
    campaigns.pause(db, actor, campaign_id, START + minutes(5))
    attachments.detach(db, actor, cat.id or 0, files, START + minutes(6))
    dog = attachments.upload(db, actor, files, "dog.png", uploaded("dog.png"), START + minutes(6))
    messages.save(db, actor, message_id, Change(attachment_ids=[dog.id or 0]), START + minutes(7))
    campaigns.resume(db, actor, campaign_id, START + minutes(8))
    [third] = ledger.send(db, message_id, START + minutes(9), limit=1)

    def named(contact_id: int) -> str:
        sheets = evidence.of_contact(db, contact_id, NOW).sheets
        [row] = next(sheet for sheet in sheets if sheet.name == "messages").rows
        return row[4]

    assert [named(one.contact_id) for one in (first, second, third)] == ["", "cat.png", "dog.png"]


def test_files_that_are_changed_while_paused_are_audited(db: Database, tmp_path: Path) -> None:
    actor = arrange.person(db, NOW)
    campaign_id = ledger.started(db, actor, NOW, [MAYA, BO], texts=("Look.",))
    [message_id] = ledger.message_ids(db, campaign_id)
    campaigns.pause(db, actor, campaign_id, START)
    upload = tmp_path / "upload"
    upload.write_bytes(picture("PNG"))
    given = attachments.upload(db, actor, Files(tmp_path / "files"), "cat.png", upload, NOW)
    messages.save(db, actor, message_id, Change(attachment_ids=[given.id or 0]), START)
    [entry] = audit_log.part(db, actor, Filters(action="edit", kind="message"), None)
    assert [seen["attachments"] for seen in (entry.before, entry.after) if seen] == [[], ["cat.png"]]
