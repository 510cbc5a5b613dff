"""Files of numbers, as suppression lists are kept elsewhere."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.number_file import rows, text_of


def read(text: str) -> list[tuple[int, str, str]]:
    return [(row.line, row.phone or "bad", row.reason) for row in rows(text.splitlines())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("+14155550100", [(1, "+14155550100", "")]),
        ("(415) 555-0100,asked\n", [(1, "+14155550100", "asked")]),
        ("phone,reason\n+14155550100,asked\n", [(2, "+14155550100", "asked")]),
        ("name;Mobile number;Why\nAna;+14155550100;a, b\n", [(2, "+14155550100", "a, b")]),
        ("Reason\tPhone\nasked\t4155550100\n", [(2, "+14155550100", "asked")]),
        ("Phone\n\n+14155550100\nx\n", [(3, "+14155550100", ""), (4, "bad", "")]),
        ('"+14155550100","said ""stop"""', [(1, "+14155550100", 'said "stop"')]),
        ("phone\n12\n", [(2, "bad", "")]),
        ("a,phone\nonly one\n", [(2, "bad", "")]),
    ],
)
def test_a_file_is_read_as_people_write_it(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert read(text) == expected


def test_what_is_wrong_is_said_with_its_line() -> None:
    [bad] = [row for row in rows(["+14155550100", "12"]) if row.problem]
    assert (bad.line, bad.raw) == (2, "12")
    assert "too short" in bad.problem


def test_a_cell_that_can_not_be_read_spoils_no_other_line() -> None:
    found = list(rows(["x" * (csv.field_size_limit() + 1), "+14155550100"]))
    assert [bool(row.problem) for row in found] == [True, False]


@pytest.mark.parametrize("content", ["Ä,é".encode(), "\ufeffÄ,é".encode(), "Ä,é".encode("cp1252")])
def test_the_encoding_is_found(content: bytes) -> None:
    assert text_of(content) == "Ä,é"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    for row in rows(text.splitlines()):
        assert bool(row.phone) != bool(row.problem)
