"""Short links: made with the text of a delivery, in its claim; followed and counted when somebody clicks."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from domain import short_links
from domain.merge_fields import template
from domain.problems import NotFound
from domain.short_links import ALPHABET, CODE_CHARACTERS
from storage import choices, rendering
from storage.database import Database
from storage.inserts import insert_into
from storage.tables import MessageLink, ShortLink

NAME = "short links"
PATH = "/l/"


class LinkUnknown(NotFound):
    """This link leads nowhere. It may have been cut off, or be too old."""


@dataclass(frozen=True, slots=True)
class Clicks:
    """A link of a message, as it was written, and who followed it."""

    url: str
    people: int
    clicks: int


def keep_base(db: Database, public_url: str) -> None:
    """Note the address that short links begin with: the program's own, as it is reached from outside."""
    value = {"base": public_url.rstrip("/") + PATH}
    with db.write() as session:
        if choices.chosen(session, NAME) != value:
            choices.keep(session, NAME, value)


def base(session: Session) -> str:
    """What short links begin with; "" before anybody has said so."""
    return str(choices.chosen(session, NAME).get("base", ""))


def written(
    session: Session, message_id: int, text: str, address: str, people: Sequence[tuple[int, int, str]]
) -> dict[int, str]:
    """The text for each of these people (delivery id, contact id, number), with links of their own.

    {} when there is nothing in it to write out. A delivery that is tried again keeps its links.
    """
    if not short_links.has_links(text):
        return {}
    contacts = [(contact_id, phone) for _, contact_id, phone in people]
    words = rendering.words(session, contacts) if template(text).fields else {}
    writer = _Writer(session, message_id, address, [delivery_id for delivery_id, _, _ in people])
    found = {
        contact_id: short_links.written(text, words.get(contact_id, {}), writer.of(delivery_id))
        for delivery_id, contact_id, _ in people
    }
    writer.keep()
    return found


def target(db: Database, code: str) -> str:
    """Where a short link leads; raises `LinkUnknown`."""
    query = (
        select(col(ShortLink.target), col(MessageLink.url))
        .join(MessageLink, col(MessageLink.id) == col(ShortLink.link_id))
        .where(col(ShortLink.code) == code)
    )
    with db.read() as session:
        row = session.execute(query).one_or_none() if short_links.is_code(code) else None
    if row is None:
        raise LinkUnknown
    return str(row[0] or row[1])


def count(db: Database, code: str, now: datetime) -> None:
    """Count a click: once more for the link, and once for the person."""
    clicked = update(ShortLink).where(col(ShortLink.code) == code)
    more = {"clicks": ShortLink.clicks + 1}
    with db.write() as session:
        connection = session.connection()
        first = clicked.where(col(ShortLink.first_click_at).is_(None)).values(first_click_at=now, **more)
        people = connection.execute(first).rowcount
        if not people:
            connection.execute(clicked.values(**more))
        link_id = select(col(ShortLink.link_id)).where(col(ShortLink.code) == code).scalar_subquery()
        connection.execute(
            update(MessageLink)
            .where(col(MessageLink.id) == link_id)
            .values(clicks=MessageLink.clicks + 1, people=MessageLink.people + people)
        )


def of_messages(session: Session, message_ids: Iterable[int]) -> dict[int, tuple[Clicks, ...]]:
    """The links of each message, those that most people followed first; costs the same for any audience."""
    found: dict[int, list[Clicks]] = {message_id: [] for message_id in message_ids}
    query = (
        select(MessageLink)
        .where(col(MessageLink.message_id).in_(found))
        .order_by(col(MessageLink.people).desc(), col(MessageLink.id))
    )
    for row in session.scalars(query):
        found[row.message_id].append(Clicks(row.url, row.people, row.clicks))
    return {message_id: tuple(links) for message_id, links in found.items()}


class _Writer:
    """Gives each delivery of a claim its codes, and keeps the new ones together."""

    def __init__(self, session: Session, message_id: int, address: str, delivery_ids: list[int]) -> None:
        self._session, self._message_id, self._address = session, message_id, address
        self._new: dict[tuple[int, str, str], str] = {}
        self._kept = self._read(delivery_ids)

    def of(self, delivery_id: int) -> short_links.Shorten:
        """Shortens links for one delivery; the same link twice is one."""

        def shorten(url: str, target_: str) -> str:
            if target_.startswith(self._address):
                return target_
            key = (delivery_id, url, target_)
            code = self._kept.get(key) or self._new.setdefault(key, _code())
            return self._address + code

        return shorten

    def keep(self) -> None:
        """Write down what is new."""
        if not self._new:
            return
        ids = self._link_ids({url for _, url, _ in self._new})
        rows = [
            {
                "code": code,
                "link_id": ids[url],
                "delivery_id": delivery_id,
                "target": target_ if target_ != url else None,
                "clicks": 0,
            }
            for (delivery_id, url, target_), code in self._new.items()
        ]
        self._session.execute(insert(ShortLink), rows)

    def _read(self, delivery_ids: list[int]) -> dict[tuple[int, str, str], str]:
        query = (
            select(
                col(ShortLink.delivery_id),
                col(MessageLink.url),
                col(ShortLink.target),
                col(ShortLink.code),
            )
            .join(MessageLink, col(MessageLink.id) == col(ShortLink.link_id))
            .where(col(ShortLink.delivery_id).in_(delivery_ids))
        )
        return {(row[0], row[1], row[2] or row[1]): row[3] for row in self._session.execute(query)}

    def _link_ids(self, urls: set[str]) -> dict[str, int]:
        rows = [
            {"message_id": self._message_id, "url": url, "people": 0, "clicks": 0} for url in sorted(urls)
        ]
        self._session.execute(insert_into(self._session, MessageLink).values(rows).on_conflict_do_nothing())
        query = select(col(MessageLink.url), col(MessageLink.id)).where(
            col(MessageLink.message_id) == self._message_id, col(MessageLink.url).in_(urls)
        )
        return {url: number or 0 for url, number in self._session.execute(query)}


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
