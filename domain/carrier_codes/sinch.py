"""The codes of Sinch (developers.sinch.com, delivery reports and answers of the SMS API)."""

from domain.carrier_codes.words import (
    BLOCKED,
    COUNTRY,
    EXPIRED,
    MALFORMED,
    NO_ROUTE,
    NO_SENDER,
    NOT_FETCHED,
    SIGN_IN,
    SUSPENDED,
    TOO_LONG,
    TROUBLE,
    UNREACHABLE,
    WRONG_MEDIA,
    ErrorWords,
    Kind,
)

CODES = {
    "unauthorized": SIGN_IN,
    "402": NO_ROUTE,
    "403": TROUBLE,
    "404": UNREACHABLE,
    "405": MALFORMED,
    "406": EXPIRED,
    "407": ErrorWords(
        "The message was canceled at the carrier", "Send it again if it still matters.", Kind.CARRIER
    ),
    "408": BLOCKED,
    "410": NO_SENDER,
    "411": TOO_LONG,
    "412": COUNTRY,
    "413": SUSPENDED,
    "414": NOT_FETCHED,
    "415": BLOCKED,
    "416": WRONG_MEDIA,
    "417": UNREACHABLE,
    "418": WRONG_MEDIA,
    "deleted": ErrorWords(
        "The person's carrier deleted the message",
        "Check the number; the person may also have opted out there.",
        Kind.FILTERED,
    ),
    "syntax_invalid_parameter_format": MALFORMED,
}
