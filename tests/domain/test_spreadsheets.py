import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.spreadsheets import Reader, cell


@pytest.mark.parametrize("text", ["=1+1", "+14155550100", "-1", "@x", "\tx", "\rx", "  =1"])
def test_a_spreadsheet_never_calculates_and_a_machine_gets_it_raw(text: str) -> None:
    assert cell(text, Reader.SPREADSHEETS) == f"'{text}"
    assert cell(text, Reader.MACHINES) == text


@pytest.mark.parametrize("text", ["", "Maya", "1 = 1", "a@b.co"])
def test_harmless_cells_stay(text: str) -> None:
    assert cell(text, Reader.SPREADSHEETS) == text


@given(st.text())
def test_a_cell_is_only_ever_given_an_apostrophe(text: str) -> None:
    shown = cell(text, Reader.SPREADSHEETS)
    assert shown in (text, f"'{text}")
    csv.writer(io.StringIO()).writerow([shown])
