"""What a line may send as: a phone number, a short code, or a name of up to 11 characters."""

import re

from domain import phones
from domain.problems import Problem

SHORT_CODE = re.compile(r"[0-9]{3,8}")
SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")


class BadSenderName(Problem):
    """A sender name has at most 11 characters: letters A to Z, digits, spaces and & + _ -."""


def normalise(raw: str) -> str:
    """The form that is kept: a number as E.164, a short code or a name as it is.

    Raises `BadNumber` or `BadSenderName`.
    """
    text = raw.strip()
    if SHORT_CODE.fullmatch(text) or SENDER_NAME.fullmatch(text):
        return text
    if re.search("[A-Za-z]", text):
        raise BadSenderName
    return phones.normalise(text)
