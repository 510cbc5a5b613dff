import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.spreadsheets import Reader, cell, lines


@pytest.mark.parametrize("text", ["=1+1", "+14155550100", "-1", "@x", "\tx", "\rx", "  =1"])
def test_a_spreadsheet_never_calculates_and_a_machine_gets_it_raw(text: str) -> None:
    assert cell(text, Reader.SPREADSHEETS) == f"'{text}"
    assert cell(text, Reader.MACHINES) == text


@pytest.mark.parametrize("text", ["", "Maya", "1 = 1", "a@b.co"])
def test_harmless_cells_stay(text: str) -> None:
    assert cell(text, Reader.SPREADSHEETS) == text


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4)))
def test_what_is_written_for_machines_is_read_back(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(lines(rows, Reader.MACHINES), newline=""))) == rows
