"""Answers without a code of the carrier's own, by their HTTP status."""

from domain.carrier_codes.words import CHECK_ACCOUNT, NO_MONEY, SIGN_IN, TOO_MANY, TROUBLE, ErrorWords, Kind

_MOVED = ErrorWords("The carrier's address is not right", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)
_FORBIDDEN = ErrorWords("The carrier account may not send messages", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)

CODES = {
    "http-301": _MOVED,
    "http-307": _MOVED,
    "http-308": _MOVED,
    "http-401": SIGN_IN,
    "http-402": NO_MONEY,
    "http-403": _FORBIDDEN,
    "http-429": TOO_MANY,
    "http-500": TROUBLE,
    "http-502": TROUBLE,
    "http-503": TROUBLE,
    "http-504": TROUBLE,
}
