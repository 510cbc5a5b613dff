"""Who gets a campaign: the reasons for which a list's member is left out, or still waits."""

from enum import StrEnum


class LeftOut(StrEnum):
    """Why a person is not sent to; the text is what is stored."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    INVALID = "invalid_number"
    DUPLICATE = "duplicate"
    REMOVED = "removed"
    ERASED = "erased"
    TOO_OFTEN = "too_often"

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return _WORDS[self]


class Waits(StrEnum):
    """Why a queued person is not sent to yet; the text is what is stored."""

    QUIET_HOURS = "quiet_hours"

    @property
    def words(self) -> str:
        """The reason as a person reads it."""
        return "Waits for the hours in which this person may be texted"


_WORDS = {
    LeftOut.OPTED_OUT: "Opted out",
    LeftOut.NO_CONSENT: "No recorded opt-in",
    LeftOut.INVALID: "The number can't receive texts",
    LeftOut.DUPLICATE: "The same number is on the list twice",
    LeftOut.ERASED: "Erased on request",
    LeftOut.TOO_OFTEN: "Had as many texts as your workspace allows one person",
    LeftOut.REMOVED: "Removed from the list since the campaign began",
}


def in_words(reason: str) -> str:
    """A stored reason as a person reads it; an unknown one as it is."""
    words = {one.value: one.words for kind in (LeftOut, Waits) for one in kind}
    return words.get(reason, reason)
