"""Short links: which words of a text are links, what each becomes for a person, and which clicks count."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from domain.merge_fields import template

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CODE_CHARACTERS = 10
"""62 to the power of 10: with ten million links out, a million million guesses find a dozen."""

MAX_CHARACTERS = 2_000

Shorten = Callable[[str, str], str]
"""Gives what stands in the text for a link, as it was written and as the person would get it."""

_RAW = r"""https?://(?:\{[^{}]*\}|[^\s<>"{}|\\^`])+"""
_PARTS = re.compile(rf"(?P<field>\{{[^{{}}]*\}})|(?P<link>{_RAW})", re.IGNORECASE)
_LINK = re.compile(_RAW, re.IGNORECASE)
_FIELD = re.compile(r"\{[^{}]*\}")
_AFTER = ".,;:!?'*_…)]"
"""What ends a sentence or a bracket around a link, and is none of it."""

_PROGRAMS = re.compile(
    r"(?<!cu)bots?\b|crawler|spider|preview|facebookexternalhit|whatsapp/|slack-imgproxy|skypeuri|embedly"
    r"|vkshare|curl/|wget/|python|okhttp|go-http|java/|libwww|headless|scanner|monitor",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def split(text: str) -> tuple[tuple[str, bool], ...]:
    """A text in its parts as they were written; each with whether it is a link."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for found in _PARTS.finditer(text):
        link = _trimmed(found["link"] or "")
        if not link or not _leads_somewhere(_FIELD.sub("x", link)):
            continue
        if found.start() > end:
            parts.append((text[end : found.start()], False))
        parts.append((link, True))
        end = found.start() + len(link)
    if end < len(text):
        parts.append((text[end:], False))
    return tuple(parts)


def has_links(text: str) -> bool:
    """Whether there is anything to shorten, in the text itself or perhaps in a person's own words."""
    return any(is_link or template(part).fields for part, is_link in split(text))


def written(text: str, values: Mapping[str, str], shorten: Shorten) -> str:
    """The text for a person with these values, its links shortened, also those among the values."""
    return "".join(_part(part, is_link, values, shorten) for part, is_link in split(text))


def estimate(text: str, base: str) -> str:
    """A text as it was written, with short links of the length that they will have."""
    code = base + "0" * CODE_CHARACTERS
    return "".join(code if is_link else part for part, is_link in split(text)) if base else text


def stand_in(base: str) -> Shorten:
    """Shortens every link to one of the right length that leads nowhere."""
    code = base + "0" * CODE_CHARACTERS
    return lambda _link, _target: code


def is_code(raw: str) -> bool:
    """Whether this can be one of ours."""
    return len(raw) == CODE_CHARACTERS and raw.isascii() and raw.isalnum()


def is_program(user_agent: str) -> bool:
    """Whether a visit is that of a program which looks at links, such as for a preview."""
    return not user_agent.strip() or _PROGRAMS.search(user_agent) is not None


def _part(part: str, is_link: bool, values: Mapping[str, str], shorten: Shorten) -> str:
    made = template(part)
    rendered = made.render(values)
    if is_link:
        return shorten(part, rendered) if _leads_somewhere(rendered) else rendered
    if not made.fields:
        return rendered
    return _LINK.sub(lambda found: _of_a_value(found[0], shorten), rendered)


def _of_a_value(found: str, shorten: Shorten) -> str:
    """A link among a person's own words: all of one host are counted together."""
    target = _trimmed(found)
    if not _leads_somewhere(target):
        return found
    address = urlsplit(target)
    return shorten(f"{address.scheme}://{address.hostname}/…", target) + found[len(target) :]


def _trimmed(link: str) -> str:
    while link and link[-1] in _AFTER and not (link[-1] == ")" and "(" in link):
        link = link[:-1]
    return link


def _leads_somewhere(target: str) -> bool:
    if len(target) > MAX_CHARACTERS or not target.isprintable() or any(map(str.isspace, target)):
        return False
    try:
        address = urlsplit(target)
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:  # a port or an address in brackets that is none
        return False
