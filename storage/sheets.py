"""Files of rows, CSV and XLSX: what they are written in, and their rows as texts, one after the other."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain.imports import MOST_COLUMNS, FileEmpty, FileUnreadable

CSV, XLSX = "csv", "xlsx"
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = (
    "utf-8-sig",
    "cp1252",
    "utf-16",
    "iso-8859-1",
    "mac_roman",
    "cp1250",
    "cp1251",
    "gb18030",
)
GUESSED = ("cp1252", "cp1250", "cp1251", "gb18030")
"""What a file that is not Unicode is likely to be written in; the others can be chosen."""

SAMPLE = 262_144
LONGEST_CELL = 32_768
MOST_UNPACKED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written."""

    kind: str
    encoding: str = "utf-8-sig"
    delimiter: str = ","


def detect(path: Path) -> Form:
    """Find out how a file is written; raises `FileUnreadable`."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if sample.startswith(b"PK\x03\x04"):
        return Form(XLSX)
    if not sample.strip():
        raise FileEmpty
    encoding = _encoding(path, sample)
    if encoding != "utf-16" and b"\0" in sample:
        raise FileUnreadable
    return Form(CSV, encoding, _delimiter(sample.decode(encoding, "replace")))


def rows(path: Path, form: Form) -> Iterator[list[str]]:
    """Every row with anything in it, the header first; raises `FileUnreadable`."""
    return (_of_sheet if form.kind == XLSX else _of_text)(path, form)


def preview(path: Path, form: Form, count: int = 5) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows; raises `FileEmpty` when there is none."""
    found: list[list[str]] = []
    with closing(rows(path, form)) as reader:  # type: ignore[type-var] # a generator, which can be closed
        for row in reader:
            found.append(row[:MOST_COLUMNS])
            if len(found) > count:
                break
    if len(found) < 2:
        raise FileEmpty
    return found[0], found[1:]


def _encoding(path: Path, sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _is_utf8(path):
        return "utf-8-sig"
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample[:65_536], cp_isolation=list(GUESSED)).best()
    return best.encoding if best else "cp1252"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(SAMPLE):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """The one that divides the header most often."""
    header = text.lstrip("\ufeff").split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def _of_text(path: Path, form: Form) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open("r", encoding=form.encoding, errors="replace", newline="") as file:
            for row in csv.reader(file, delimiter=form.delimiter):
                if any(row):
                    yield row
    except (csv.Error, UnicodeError, LookupError) as error:
        raise FileUnreadable(f"This file can't be read as CSV: {error}.") from error


def _of_sheet(path: Path, form: Form) -> Iterator[list[str]]:
    """The first sheet; a formula stays the text that it is."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise FileUnreadable("This file is too large once unpacked. Save it as CSV.")
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=False)
    except FileUnreadable:
        raise
    except Exception as error:  # a broken workbook breaks in many ways
        raise FileUnreadable from error
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            texts = [_text(value) for value in row]
            if any(texts):
                yield texts
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)[:LONGEST_CELL]
