"""What Kannel says, and the codes of the gateways behind it (SMPP 3.4: statuses, and states of receipts)."""

from domain.carrier_codes.words import (
    BAD_SENDER,
    BLOCKED,
    EXPIRED,
    INVALID,
    NO_REASON,
    QUEUE_FULL,
    SIGN_IN,
    TOO_QUICK,
    TROUBLE,
    UNKNOWN_ADVICE,
    UNREACHABLE,
    WAIT,
    ErrorWords,
    Kind,
)

CODES = {
    "not_authorized": SIGN_IN,
    "not_routable": ErrorWords(
        "The gateway has no way to the phone network",
        "Ask an administrator to look at the gateway: its line to the network may be down.",
        Kind.CARRIER,
    ),
    "try_later": ErrorWords("The gateway could not take the message for now", WAIT, Kind.CARRIER),
    "rejected": BLOCKED,
    "undelivered": UNREACHABLE,
    "stat:UNDELIV": UNREACHABLE,
    "stat:EXPIRED": EXPIRED,
    "stat:REJECTD": BLOCKED,
    "stat:DELETED": ErrorWords("The person's carrier deleted the message", UNKNOWN_ADVICE, Kind.CARRIER),
    "0x00000008": TROUBLE,
    "0x0000000a": BAD_SENDER,
    "0x0000000b": INVALID,
    "0x00000014": QUEUE_FULL,
    "0x00000045": NO_REASON,
    "0x00000058": TOO_QUICK,
}
