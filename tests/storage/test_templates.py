"""Texts kept by name for messages to come."""

import pytest
from sqlmodel import col, select

from domain.access import Actor, Role, RoleForbids
from domain.segments import MAX_CHARACTERS, TextTooLong
from storage import templates
from storage.database import Database
from storage.tables import AuditEntry
from storage.templates import (
    TemplateEmpty,
    TemplateNameMissing,
    TemplateNameTaken,
    TemplateNameTooLong,
    TemplateNotFound,
)
from tests import arrange
from tests.conftest import NOW

TEXT = "Hello {first_name|there}, our ÄPFEL are 50% off."


@pytest.fixture
def actor(db: Database) -> Actor:
    return arrange.person(db, NOW)


def found(db: Database, words: str = "") -> list[str]:
    return [row.name for row in templates.find(db, words)]


def test_a_template_is_found_by_its_name_and_its_text(db: Database, actor: Actor) -> None:
    templates.save(db, actor, "  Spring   sale ", TEXT, NOW)
    templates.save(db, actor, "Appointment", "See you {day|soon}", NOW)
    assert found(db) == ["Appointment", "Spring sale"]
    assert found(db, "SPRING äpfel") == ["Spring sale"]
    assert found(db, "50%") == ["Spring sale"]
    assert found(db, "5_%") == []
    assert found(db, "see YOU") == ["Appointment"]
    (row,) = templates.find(db, "spring")
    assert (row.text, row.saved_by, row.saved_at) == (TEXT, actor.name, NOW)


def test_a_name_is_there_once_however_it_is_spelled(db: Database, actor: Actor) -> None:
    templates.save(db, actor, "Spring sale", TEXT, NOW)
    with pytest.raises(TemplateNameTaken):
        templates.save(db, actor, " SPRING  sale", "Another", NOW)
    assert found(db) == ["Spring sale"]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (" \u200b ", TEXT, TemplateNameMissing),
        ("x" * 121, TEXT, TemplateNameTooLong),
        ("Empty", " \n", TemplateEmpty),
        ("Long", "x" * (MAX_CHARACTERS + 1), TextTooLong),
    ],
)
def test_what_makes_no_template_is_refused(
    db: Database, actor: Actor, name: str, text: str, problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        templates.save(db, actor, name, text, NOW)
    assert found(db) == []


def test_a_deleted_template_can_be_put_back(db: Database, actor: Actor) -> None:
    made = templates.save(db, actor, "Spring sale", TEXT, NOW)
    removed = templates.remove(db, actor, made, NOW)
    assert found(db) == []
    with pytest.raises(TemplateNotFound):
        templates.remove(db, actor, made, NOW)
    templates.put_back(db, actor, removed, NOW)
    (row,) = templates.find(db, "äpfel")
    assert (row.name, row.text) == ("Spring sale", TEXT)
    with pytest.raises(TemplateNameTaken):
        templates.put_back(db, actor, removed, NOW)
    with db.read() as session:
        query = select(col(AuditEntry.action)).where(col(AuditEntry.kind) == "template")
        assert list(session.scalars(query.order_by(col(AuditEntry.id)))) == ["create", "delete", "put back"]


def test_whoever_may_only_look_changes_none(db: Database, actor: Actor) -> None:
    made = templates.save(db, actor, "Spring sale", TEXT, NOW)
    viewer = arrange.person(db, NOW, "Vi", Role.VIEWER)
    with pytest.raises(RoleForbids):
        templates.save(db, viewer, "Another", TEXT, NOW)
    with pytest.raises(RoleForbids):
        templates.remove(db, viewer, made, NOW)
    with pytest.raises(RoleForbids):
        templates.put_back(db, viewer, templates.find(db)[0], NOW)
    assert found(db) == ["Spring sale"]
