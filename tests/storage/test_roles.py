"""Every verb of storage × every role: none is reached that the role may not, and every change is audited.

A verb that is in none of the tables fails here: whoever writes one says who may use it.
"""

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from domain.access import Actor, Permission, Role, RoleForbids, allows
from domain.auto_pause import Thresholds
from domain.branding import Branding
from domain.claim_rules import ClaimRules
from storage import contacts
from storage.database import Database
from storage.retention import Retention
from storage.tables import AuditEntry
from tests import arrange
from tests.conftest import NOW
from tests.storage.verbs import of_people, of_the_program, reached, writes

NEEDS = {
    Permission.ADMINISTER: """
        api_keys.listed
        audit.before
        audit_log.choices audit_log.page audit_log.part
        auto_pause.allow
        branding.choose
        carriers.account carriers.accounts carriers.change_account carriers.create_account
        carriers.delete_account carriers.to_try
        choices.answer_keywords choices.choose choices.require_consent
        claim_rules.choose
        erasure.erase
        holds.release
        line_board.line line_board.lines
        line_settings.alter line_settings.change line_settings.create line_settings.delete line_settings.hold
        line_settings.unblock line_settings.unblock_account
        outgoing_webhooks.add outgoing_webhooks.calls outgoing_webhooks.listed outgoing_webhooks.remove
        outgoing_webhooks.replay outgoing_webhooks.switch
        quiet_hours.keep quiet_hours.keep_none
        retention.choose
        team.activate team.change_role team.deactivate team.invitations team.invite team.members
        team.reset_link team.sign_out_everywhere team.withdraw
        two_step.turn_off_for
    """,
    Permission.EDIT: """
        answers.write
        attachments.attach attachments.attach_smaller attachments.detach attachments.upload
        bulk.dismiss bulk.start bulk.stop bulk.undo
        campaigns.archive campaigns.clone campaigns.create campaigns.delete campaigns.pause campaigns.restart
        campaigns.resume campaigns.save_details campaigns.schedule campaigns.set_zone campaigns.stop
        campaigns.unarchive
        consents.record
        contact_cards.create contact_cards.delete contact_cards.put_on_list contact_cards.save
        contact_cards.take_off_list
        contacts.add contacts.create_list contacts.suppress
        conversations.mark_read conversations.mark_unread
        imports.cancel imports.create imports.go_back imports.go_on imports.start imports.start_check
        lists.create lists.delete lists.rename
        messages.add messages.put_back messages.remove messages.reorder messages.save
        missed.decide
        revocations.accept revocations.reopen revocations.undo
        saved_filters.change saved_filters.save
        suppressions.import_file suppressions.lift
        templates.put_back templates.remove templates.save
        test_sends.send
        unconfirmed.send_again
    """,
    Permission.VIEW: """
        audit_log.note_export bulk.latest
        exports.contacts_part exports.import_problems exports.results_part exports.suppressions_part
        line_access.of
        sessions.end sessions.end_others sessions.own
        team.change_password team.rename
        two_step.offer two_step.renew_codes two_step.standing two_step.turn_off two_step.turn_on
        workspace.drop_form workspace.keep_form workspace.kept_form
    """,
}
"""What everybody may do is about themselves, or reads what everybody sees."""

SEED = {"demo_talk.talk"}
"""Fills a database with demo data, as the command line asks for it."""

POLICY = {name: permission for permission, names in NEEDS.items() for name in names.split()}

UNSEEN = {
    "bulk.dismiss",  # what one has seen
    "exports.import_problems",  # writes a file, for itself to read
    "imports.create",  # a file that was uploaded; to start with it is what counts
    "imports.go_back",
    "imports.start_check",
    "conversations.mark_read",
    "conversations.mark_unread",
    "sessions.end",  # which writes it where there was one
    "two_step.offer",  # counts for nothing yet
    "workspace.drop_form",  # what is typed and not saved
    "workspace.keep_form",
}
"""What changes nothing that anybody else would ask about."""

DOORS = {
    "api_keys.verify",
    "idempotency.begin",
    "idempotency.finish",
    "idempotency.forget",
    "joining.join",
    "joining.reset",
    "joining.set_up",
    "sessions.note",
    "sessions.resume",
    "signing_in.confirm",
    "signing_in.sign_in",
    "signing_in.sign_out",
    "short_links.count",  # whoever follows a link has its code
}
"""What pages and the API may call for somebody who is nobody yet: each asks for a secret of its own."""

KEEPERS = {
    "bulk.advance",  # goes on with what somebody was allowed to begin
    "bulk.forget",
    "bulk.work",
    "import_files.fetch",  # brings a file that was uploaded to where it is read
    "import_files.share",
    "saved_filters.count",  # keeps a number that is shown right
    "saved_filters.count_all",
}
"""What changes nothing but how far a work is, or a number that is kept beside what it counts."""


def test_every_verb_has_a_policy() -> None:
    assert sorted(set(of_people()) - SEED) == sorted(POLICY)


@pytest.mark.parametrize("role", Role)
def test_no_role_reaches_a_verb_that_it_may_not(db: Database, role: Role) -> None:
    actor = arrange.person(db, NOW, "Ada Park", role)
    wrong = [name for name in POLICY if reaches(db, actor, name) is not allows(actor, POLICY[name])]
    assert wrong == []


def reaches(db: Database, actor: Actor, name: str) -> bool:
    """Whether the verb goes on with what was asked for, and be it to stumble over it."""
    try:
        outcome = of_people()[name](db, actor, *ARGUMENTS.get(name, nonsense(name)))
        if inspect.isgenerator(outcome):
            next(outcome, None)
    except RoleForbids:
        return False
    except Exception:
        return True
    return True


def nonsense(name: str) -> list[Any]:
    """What else the verb asks for: nothing that exists."""
    asked = list(inspect.signature(of_people()[name]).parameters.values())[2:]
    return [None for one in asked if one.default is one.empty and one.kind is not one.KEYWORD_ONLY]


ARGUMENTS: dict[str, list[Any]] = {
    "auto_pause.allow": [Thresholds(1, 1, 1), NOW],
    "branding.choose": [Branding("Our shop"), NOW],
    "choices.answer_keywords": [{}, NOW],
    "claim_rules.choose": [ClaimRules(expire=True), NOW],
    "lists.create": ["Spring", NOW],
    "quiet_hours.keep": [(), "UTC", NOW],
    "retention.choose": [Retention(), NOW],
}
"""For verbs that read what is asked for before they hand it on to another verb, which checks."""


@pytest.mark.parametrize("name", sorted(name for name in POLICY if name not in UNSEEN))
def test_every_change_is_written_into_the_audit(name: str) -> None:
    assert not writes(name) or "audit.record" in reached(name)


def test_pages_and_api_call_no_verb_in_which_nobody_acts() -> None:
    forbidden = set(of_the_program()) - DOORS - KEEPERS
    wrong = [
        f"{path}:{node.lineno} {node.value.id}.{node.attr}"
        for path in sorted((Path(__file__).parents[2] / "ui").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and f"{node.value.id}.{node.attr}" in forbidden
    ]
    assert wrong == []


def test_the_walk_sees_what_it_should() -> None:
    assert writes("campaigns.stop")
    assert writes("lists.create")
    assert not writes("team.members")
    assert "audit.record" in reached("choices.require_consent")
    assert "deliveries.claim" in of_the_program()
    assert "team.invite" in of_people()


def test_an_entry_says_from_where(db: Database) -> None:
    ada = arrange.person(db, NOW)
    here = Actor(ada.user_id, ada.name, ada.role, "203.0.113.9")
    contacts.create_list(db, here, "Spring", NOW)
    with db.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1)).one()
    assert (entry.user_name, entry.address, entry.at) == ("Ada Park", "203.0.113.9", NOW)
