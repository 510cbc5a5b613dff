"""What a text is expected to cost, before it is written out for anybody."""

from domain import segments
from domain.merge_fields import template
from domain.short_links import estimate


def usual(text: str, links: str = "") -> int:
    """Segments of a text as it was written; `links` is the address below which its short links are."""
    return max(1, segments.count(estimate(text, links)).segments)


def claimed(text: str, links: str = "") -> int:
    """What a claim sets aside for each person: one more where merge fields may make the text longer."""
    return usual(text, links) + bool(template(text).fields)
