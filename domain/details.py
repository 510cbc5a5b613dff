"""The first step's fields: what a campaign must have before it can be saved."""

from dataclasses import dataclass

from domain.names import NameMissing, clean
from domain.problems import Conflict, Problem

CHANNEL = "sms"
ACKNOWLEDGMENT = (
    "I understand that I am required to obtain and store opt-in approval for every mobile number texted."
)
"""The checkbox's words (product.md S4); kept with who ticked it and when."""

FIELDS = {
    "name": "Campaign Name",
    "channel": "Channel",
    "line_id": "Send As Number",
    "list_id": "Contact List",
    "owner_id": "Campaign Owner",
    "acknowledged": "Opt-In Acknowledgment",
}
"""Every field of the form with its label; all are required."""


@dataclass(frozen=True, slots=True)
class Details:
    """The form's values, complete or not."""

    name: str = ""
    channel: str | None = CHANNEL
    line_id: int | None = None
    list_id: int | None = None
    owner_id: int | None = None
    acknowledged: bool = False


class DetailsMissing(Problem):
    """Complete every field first."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__(f"Still missing: {', '.join(labels)}.")
        self.labels = labels


class DetailsLocked(Conflict):
    """The campaign is scheduled or was started, so its details are locked."""


class DetailsChanged(Conflict):
    """Somebody else changed these details in the meantime. Nothing was overwritten: reload to see theirs."""


class NameTaken(Conflict):
    """Another campaign already has this name. Choose a different one."""


class ChoiceGone(Problem):
    """One of the choices no longer exists. Choose again."""


def missing(details: Details) -> tuple[str, ...]:
    """The labels of the fields that are not complete yet, in the form's order."""
    return tuple(label for field, label in FIELDS.items() if not _complete(details, field))


def check(details: Details) -> None:
    """Raise `DetailsMissing` unless every field is complete."""
    if labels := missing(details):
        raise DetailsMissing(labels)


def _complete(details: Details, field: str) -> bool:
    if field != "name":
        return bool(getattr(details, field))
    try:
        clean(details.name)
    except NameMissing:
        return False
    except Problem:
        return True  # present, though not acceptable: the field itself says what is wrong
    return True
