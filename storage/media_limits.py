"""A message's attachments against what its line's carrier takes."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from domain import media_limits
from domain.carrier_kinds import kind_of
from domain.carrier_settings import CarrierKind
from domain.media_limits import Media
from storage.tables import Attachment, CarrierAccount, Line


def carrier_of(session: Session, line_id: int) -> CarrierKind:
    """The kind of carrier that a line sends by."""
    query = (
        select(col(CarrierAccount.kind))
        .join(Line, col(Line.account_id) == col(CarrierAccount.id))
        .where(col(Line.id) == line_id)
    )
    return kind_of(session.scalars(query).one())


def check(session: Session, line_id: int, files: Iterable[Attachment]) -> None:
    """Raise what the line's carrier would refuse."""
    media_limits.check(carrier_of(session, line_id), as_media(files))


def as_media(files: Iterable[Attachment]) -> list[Media]:
    """The files as a carrier counts them."""
    return [Media(file.bytes, file.content_type) for file in files]
