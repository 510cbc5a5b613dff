"""What needs no code of the carrier's own: answers by their HTTP status, and what we refuse ourselves."""

from domain.carrier_codes.words import CHECK_ACCOUNT, NO_MONEY, SIGN_IN, TOO_MANY, TROUBLE, ErrorWords, Kind

_MOVED = ErrorWords("The carrier's address is not right", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)
_FORBIDDEN = ErrorWords("The carrier account may not send messages", CHECK_ACCOUNT, Kind.ACCOUNT, blocks=True)

_MEDIA = ErrorWords(
    "The carrier can't take these attachments",
    "Attach fewer files, put a link into the text, or send from a line of another carrier.",
    Kind.CONTENT,
)

CODES = {
    "media_refused": _MEDIA,
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
