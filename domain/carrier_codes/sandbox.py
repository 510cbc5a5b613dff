"""The codes of the sandbox carrier."""

from domain.carrier_codes.words import (
    FILTERED,
    INVALID,
    LANDLINE,
    MALFORMED,
    OPTED_OUT,
    TOO_MANY,
    TROUBLE,
    UNREACHABLE,
    ErrorWords,
    Kind,
)

CODES = {
    "invalid_number": INVALID,
    "unreachable": UNREACHABLE,
    "landline": LANDLINE,
    "filtered": FILTERED,
    "opted_out": OPTED_OUT,
    "internal_error": TROUBLE,
    "server_error": TROUBLE,
    "too_fast": TOO_MANY,
    "bad_request": MALFORMED,
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
