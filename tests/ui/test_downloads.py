import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from domain.spreadsheets import Reader
from ui.downloads import lines


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4)))
def test_what_is_written_for_machines_is_read_back(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(lines(rows, Reader.MACHINES), newline=""))) == rows
