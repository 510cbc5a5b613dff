"""What of a campaign, or of a carrier account, needs this program to be reached from outside and isn't."""

from collections.abc import Sequence

from sqlmodel import Session

from domain import reach
from domain.carrier_kinds import kind_of
from domain.short_links import has_links
from storage import attachments, credentials, short_links
from storage.database import Database
from storage.tables import CarrierAccount, Line, Message
from storage.vault import CredentialsUnreadable


def broken(db: Database, session: Session, line: Line, messages: Sequence[Message]) -> tuple[str, ...]:
    """What will not work when these messages go out through the line."""
    account = session.get_one(CarrierAccount, line.account_id)
    files = attachments.of_campaign_messages(session, [message.id or 0 for message in messages])
    return reach.unreachable(
        short_links.base(session),
        account.kind,
        carrier_url(account.kind, _address(db, account)),
        pictures=any(files.values()),
        links=any(message.shorten_links and has_links(message.text) for message in messages),
    )


def carrier_url(kind: str, given: str) -> str:
    """Where the carrier is called: the account's own address, or its kind's usual one."""
    return given or kind_of(kind).base_url


def _address(db: Database, account: CarrierAccount) -> str:
    try:
        return str(credentials.opened(db, account).settings.get("base_url") or "")
    except CredentialsUnreadable:
        return ""  # nothing goes out with them either, and the line says why
