import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.spreadsheets import Reader
from storage.exports import Coded
from ui.downloads import lines


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4)))
def test_what_is_written_for_machines_is_read_back(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(lines(rows, Reader.MACHINES), newline=""))) == rows


def test_times_are_in_utc_and_codes_have_words_for_people() -> None:
    at = datetime(2026, 11, 23, 7, 30, 5, 9, tzinfo=ZoneInfo("America/New_York"))
    row = (Coded("no_receipt", "No receipt after 72 h"), at, None, 3)
    assert lines([row], Reader.SPREADSHEETS) == "No receipt after 72 h,2026-11-23 12:30:05,,3\r\n"
    assert lines([row], Reader.MACHINES) == "no_receipt,2026-11-23T12:30:05+00:00,,3\r\n"
