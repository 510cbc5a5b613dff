"""What every carrier's codes share: their kinds, and phrases that say what happened and what to do."""

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
    blocks: bool = False  # nothing on the line can be sent until a person acts


UNKNOWN_ADVICE = "Try one message to this person later. If it fails again, ask the carrier what it means."
CHECK_NUMBER = "Check the number with the person and correct the contact."
REMOVE_OR_CORRECT = "Correct the contact, or remove the number from the list."
LEAVE_OUT = "Nothing to do: the number is on the opt-out list now. They can come back by replying START."
TRY_LATER = "Try again later; the phone may be off or out of coverage."
REWORD = "Reword the text: avoid link shorteners and all capitals, and say who you are and how to opt out."
REGISTER = "Finish the registration of this number with the carrier, or send from another line."
OTHER_LINE = "Send from another line, or change the number of this one in the settings."
CHECK_ACCOUNT = "Ask an administrator to check the carrier account in the settings."
SLOW_DOWN = "Lower the line's rate in the settings, or spread the campaign over more lines."
WAIT_A_DAY = "Send the rest tomorrow, or spread the campaign over more lines."
WAIT = "Wait a little and try again. If it goes on, look at the carrier's status page."

INVALID = ErrorWords("The number is not valid", CHECK_NUMBER, Kind.BAD_NUMBER)
LANDLINE = ErrorWords("The number is a landline", REMOVE_OR_CORRECT, Kind.BAD_NUMBER)
OPTED_OUT = ErrorWords("The person has opted out", LEAVE_OUT, Kind.OPTED_OUT)
UNREACHABLE = ErrorWords("The phone could not be reached", TRY_LATER, Kind.UNREACHABLE)
FILTERED = ErrorWords("The carrier filtered the message as spam", REWORD, Kind.FILTERED)
SIGN_IN = ErrorWords("The carrier did not accept our sign-in", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)
TROUBLE = ErrorWords("The carrier had trouble of its own", WAIT, Kind.CARRIER)
NO_SENDER = ErrorWords("The carrier has no number to send from", OTHER_LINE, Kind.SENDER, blocks=True)
BAD_SENDER = ErrorWords("The number we send from is not valid", OTHER_LINE, Kind.SENDER, blocks=True)
UNREGISTERED = ErrorWords("The line is not registered for US texting", REGISTER, Kind.SENDER, blocks=True)
UNVERIFIED = ErrorWords("The toll-free number is not verified", REGISTER, Kind.SENDER, blocks=True)
SUSPENDED = ErrorWords("The carrier account is suspended", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)
NO_MONEY = ErrorWords(
    "The carrier account has no money left",
    "Ask an administrator to top up the account at the carrier, then open the line in the settings.",
    Kind.ACCOUNT,
    blocks=True,
)
COUNTRY = ErrorWords(
    "The carrier account may not send to this country",
    "Ask an administrator to allow the country at the carrier, or leave these people out.",
    Kind.ACCOUNT,
)
NOT_IN_USE = ErrorWords("The number is not in use", CHECK_NUMBER, Kind.BAD_NUMBER)
NO_TEXTS = ErrorWords("The number is a landline or can't get texts", REMOVE_OR_CORRECT, Kind.BAD_NUMBER)
BLOCKED = ErrorWords(
    "The message was blocked",
    "The person or their carrier blocks this sender. Reach them another way.",
    Kind.FILTERED,
)
SHORT_LINK = ErrorWords(
    "The carrier blocked a shortened link", "Use links of your own domain instead.", Kind.FILTERED
)
TOO_LONG = ErrorWords("The text is too long", "Shorten the text, or make two messages of it.", Kind.CONTENT)
TOO_LARGE = ErrorWords(
    "The message is too large for the person's carrier",
    "Attach smaller images; below 600 kB works everywhere.",
    Kind.CONTENT,
)
NOT_FETCHED = ErrorWords(
    "The carrier could not fetch an attachment",
    "Ask an administrator to check the public address of this app in the settings.",
    Kind.CONTENT,
)
WRONG_MEDIA = ErrorWords(
    "The attachment can't be shown on the person's phone", "Attach a JPEG, PNG or GIF.", Kind.CONTENT
)
MALFORMED = ErrorWords(
    "The carrier could not read the message",
    "Check the text for unusual characters and try again.",
    Kind.CONTENT,
)
TOO_MANY = ErrorWords("Too many requests at once", SLOW_DOWN, Kind.TOO_FAST)
TOO_QUICK = ErrorWords("The line sent faster than its registration allows", SLOW_DOWN, Kind.TOO_FAST)
QUEUE_FULL = ErrorWords("The line's queue at the carrier is full", SLOW_DOWN, Kind.TOO_FAST)
DAY_LIMIT = ErrorWords("The line reached its limit for today", WAIT_A_DAY, Kind.TOO_FAST)
EXPIRED = ErrorWords(
    "The message waited too long and expired", "Send it again if it still matters.", Kind.CARRIER
)
NO_REASON = ErrorWords("The carrier could not deliver it and gave no reason", UNKNOWN_ADVICE, Kind.CARRIER)
NO_ROUTE = ErrorWords("This line can't reach the number by text", OTHER_LINE, Kind.UNREACHABLE)
