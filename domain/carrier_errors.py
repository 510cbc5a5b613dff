"""What a carrier's error code means, in words for people, and what they can do about it.

The codes and their classes are those of Twilio's error dictionary (twilio.com/docs/api/errors) and of our
own sandbox carrier. A carrier that is not in the table still gets its code shown.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of trouble it is; results are grouped by it."""

    BAD_NUMBER = "bad_number"  # this number can never get a text
    OPTED_OUT = "opted_out"  # the person said STOP to the carrier
    UNREACHABLE = "unreachable"  # the phone could not be reached this time
    FILTERED = "filtered"  # the carrier took the text for spam
    CONTENT = "content"  # the message itself can't be sent as it is
    SENDER = "sender"  # our number is not registered or not able to send this
    ACCOUNT = "account"  # credentials, balance or permissions at the carrier
    TOO_FAST = "too_fast"  # more than the line may send
    CARRIER = "carrier"  # trouble on the carrier's side
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """An error as people read it: what happened, and what to do."""

    title: str
    advice: str
    kind: Kind


def explain(kind_of_carrier: str, code: str) -> ErrorWords:
    """Give the words for a carrier's error code; a code that is not in the table is named as it is."""
    if words := TABLES.get(kind_of_carrier, {}).get(code):
        return words
    return ErrorWords(f"Error {code}" if code else "Unknown error", _UNKNOWN_ADVICE, Kind.UNKNOWN)


_UNKNOWN_ADVICE = "Try one message to this person later. If it fails again, ask the carrier what it means."
_CHECK_NUMBER = "Check the number with the person and correct the contact."
_REMOVE_OR_CORRECT = "Correct the contact, or remove the number from the list."
_LEAVE_OUT = "Nothing to do: the number is on the opt-out list now. They can come back by replying START."
_TRY_LATER = "Try again later; the phone may be off or out of coverage."
_REWORD = "Reword the text: avoid link shorteners and all capitals, and say who you are and how to opt out."
_REGISTER = "Finish the registration of this number with the carrier, or send from another line."
_OTHER_LINE = "Send from another line, or change the number of this one in the settings."
_CHECK_ACCOUNT = "Ask an administrator to check the carrier account in the settings."
_SLOW_DOWN = "Lower the line's rate in the settings, or spread the campaign over more lines."
_WAIT_A_DAY = "Send the rest tomorrow, or spread the campaign over more lines."
_WAIT = "Wait a little and try again. If it goes on, look at the carrier's status page."

_INVALID = ErrorWords("The number is not valid", _CHECK_NUMBER, Kind.BAD_NUMBER)
_LANDLINE = ErrorWords("The number is a landline", _REMOVE_OR_CORRECT, Kind.BAD_NUMBER)
_OPTED_OUT = ErrorWords("The person has opted out", _LEAVE_OUT, Kind.OPTED_OUT)
_UNREACHABLE = ErrorWords("The phone could not be reached", _TRY_LATER, Kind.UNREACHABLE)
_FILTERED = ErrorWords("The carrier filtered the message as spam", _REWORD, Kind.FILTERED)
_SIGN_IN = ErrorWords("The carrier did not accept our sign-in", _CHECK_ACCOUNT, Kind.ACCOUNT)
_TROUBLE = ErrorWords("The carrier had trouble of its own", _WAIT, Kind.CARRIER)
_NO_SENDER = ErrorWords("The carrier has no number to send from", _OTHER_LINE, Kind.SENDER)

_SANDBOX = {
    "invalid_number": _INVALID,
    "unreachable": _UNREACHABLE,
    "landline": _LANDLINE,
    "filtered": _FILTERED,
    "opted_out": _OPTED_OUT,
    "server_error": _TROUBLE,
    "connection_lost": ErrorWords(
        "The connection broke while sending",
        "It may or may not have been sent. Ask the person before you send it again.",
        Kind.CARRIER,
    ),
    "no_answer": ErrorWords(
        "The carrier did not answer in time",
        "It may or may not have been sent. Ask the person before you send it again.",
        Kind.CARRIER,
    ),
}

_TWILIO = {
    "10001": ErrorWords("The carrier account is not active", _CHECK_ACCOUNT, Kind.ACCOUNT),
    "20003": _SIGN_IN,
    "20429": ErrorWords("Too many requests at once", _SLOW_DOWN, Kind.TOO_FAST),
    "20500": _TROUBLE,
    "20503": ErrorWords("The carrier was not available", _WAIT, Kind.CARRIER),
    "21211": _INVALID,
    "21212": ErrorWords("The number we send from is not valid", _OTHER_LINE, Kind.SENDER),
    "21217": _INVALID,
    "21408": ErrorWords(
        "The carrier account may not send to this country",
        "Ask an administrator to allow the country at the carrier, or leave these people out.",
        Kind.ACCOUNT,
    ),
    "21602": ErrorWords("The message was empty", "Add a text or an attachment.", Kind.CONTENT),
    "21603": ErrorWords("The message had no number to send from", _OTHER_LINE, Kind.SENDER),
    "21606": ErrorWords("Our number can't send texts to this person", _OTHER_LINE, Kind.SENDER),
    "21608": ErrorWords(
        "A trial account only sends to confirmed numbers",
        "Ask an administrator to upgrade the carrier account, or confirm the number there.",
        Kind.ACCOUNT,
    ),
    "21610": _OPTED_OUT,
    "21611": ErrorWords("The line's queue at the carrier is full", _SLOW_DOWN, Kind.TOO_FAST),
    "21612": ErrorWords("This line can't reach the number by text", _OTHER_LINE, Kind.UNREACHABLE),
    "21614": ErrorWords("The number is not a mobile number", _REMOVE_OR_CORRECT, Kind.BAD_NUMBER),
    "21617": ErrorWords(
        "The text is too long", "Shorten the text, or make two messages of it.", Kind.CONTENT
    ),
    "21620": ErrorWords(
        "The carrier could not fetch an attachment",
        "Ask an administrator to check the public address of this app in the settings.",
        Kind.CONTENT,
    ),
    "21623": ErrorWords("The message has too many attachments", "Attach fewer files.", Kind.CONTENT),
    "21635": _LANDLINE,
    "21703": _NO_SENDER,
    "21704": _NO_SENDER,
    "30001": ErrorWords("The carrier's queue overflowed", _SLOW_DOWN, Kind.TOO_FAST),
    "30002": ErrorWords("The carrier account is suspended", _CHECK_ACCOUNT, Kind.ACCOUNT),
    "30003": _UNREACHABLE,
    "30004": ErrorWords(
        "The message was blocked",
        "The person or their carrier blocks this sender. Reach them another way.",
        Kind.FILTERED,
    ),
    "30005": ErrorWords("The number is not in use", _CHECK_NUMBER, Kind.BAD_NUMBER),
    "30006": ErrorWords("The number is a landline or can't get texts", _REMOVE_OR_CORRECT, Kind.BAD_NUMBER),
    "30007": _FILTERED,
    "30008": ErrorWords("The carrier could not deliver it and gave no reason", _UNKNOWN_ADVICE, Kind.CARRIER),
    "30010": ErrorWords(
        "The message costs more than the price limit",
        "Ask an administrator to raise the price limit of the carrier account.",
        Kind.ACCOUNT,
    ),
    "30011": ErrorWords(
        "Picture messages do not work in this country",
        "Send a text with a link to the picture instead.",
        Kind.CONTENT,
    ),
    "30012": ErrorWords(
        "The message had too little time left to be sent",
        "Give the message a later end, or send it earlier.",
        Kind.CONTENT,
    ),
    "30017": ErrorWords("The phone network was overloaded", _WAIT, Kind.CARRIER),
    "30018": ErrorWords("This country wants senders to be registered", _REGISTER, Kind.SENDER),
    "30019": ErrorWords(
        "The message is too large for the person's carrier",
        "Attach smaller images; below 600 kB works everywhere.",
        Kind.CONTENT,
    ),
    "30022": ErrorWords("The line sent faster than its registration allows", _SLOW_DOWN, Kind.TOO_FAST),
    "30023": ErrorWords("The line reached its limit for today", _WAIT_A_DAY, Kind.TOO_FAST),
    "30024": ErrorWords("The line is not set up for this network yet", _REGISTER, Kind.SENDER),
    "30025": ErrorWords("Half of T-Mobile's limit for today is used", _WAIT_A_DAY, Kind.TOO_FAST),
    "30026": ErrorWords("70 % of T-Mobile's limit for today is used", _WAIT_A_DAY, Kind.TOO_FAST),
    "30027": ErrorWords("T-Mobile's limit for today is used up", _WAIT_A_DAY, Kind.TOO_FAST),
    "30032": ErrorWords("The toll-free number is not verified", _REGISTER, Kind.SENDER),
    "30034": ErrorWords("The line is not registered for US texting", _REGISTER, Kind.SENDER),
    "30036": ErrorWords(
        "The message waited too long and expired", "Send it again if it still matters.", Kind.CARRIER
    ),
    "30410": ErrorWords(
        "The person's carrier did not answer in time",
        "It may or may not have arrived. Ask the person before you send it again.",
        Kind.CARRIER,
    ),
}

TABLES = {"sandbox": _SANDBOX, "twilio": _TWILIO}
"""The words by kind of carrier and by code."""
