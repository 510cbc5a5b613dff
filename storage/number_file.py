"""A file of numbers with a reason each, as suppression lists are kept elsewhere: read line by line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from domain.phones import BadNumber, normalise

NUMBER_HEADS = ("phone", "number", "mobile", "cell", "msisdn", "recipient", "to", "tel")
REASON_HEADS = ("reason", "why", "note", "comment")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a number as contacts have it, or what is wrong with it. Lines count from 1."""

    line: int
    raw: str
    phone: str = ""
    reason: str = ""
    problem: str = ""


def text_of(content: bytes) -> str:
    """The file's text: UTF-8 where it is that, else as Windows writes it."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def rows(lines: Iterable[str], country: str = "US") -> Iterator[Row]:
    """Every line that holds something; a line of headings says which column is which."""
    ahead = iter(lines)
    first = next(ahead, "")
    mark = next((one for one in "\t;" if one in first), ",")
    reader = csv.reader(chain([first], ahead), delimiter=mark)
    number, reason, begun = 0, 1, False
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, "", problem="This line can't be read.")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not begun and (heads := _heads(cells)):
            number, reason = heads
        else:
            raw = cells[number].strip() if number < len(cells) else ""
            why = cells[reason].strip() if 0 <= reason < len(cells) else ""
            yield _row(reader.line_num, raw, why, country)
        begun = True


def _row(line: int, raw: str, why: str, country: str) -> Row:
    try:
        return Row(line, raw, normalise(raw, country), why)
    except BadNumber as problem:
        return Row(line, raw, problem=problem.text)


def _heads(cells: list[str]) -> tuple[int, int] | None:
    """Where number and reason stand, if these are headings; the reason is -1 where there is none."""
    words = [cell.casefold().strip() for cell in cells]
    numbers = [place for place, word in enumerate(words) if any(head in word for head in NUMBER_HEADS)]
    if not numbers or any(sum(map(str.isdigit, word)) > 5 for word in words):
        return None
    reasons = [place for place, word in enumerate(words) if any(head in word for head in REASON_HEADS)]
    return numbers[0], reasons[0] if reasons else -1
