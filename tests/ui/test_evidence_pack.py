import csv
import io
import zipfile
from datetime import UTC, datetime

from storage.evidence import Evidence, Sheet
from ui.evidence_pack import index, packed

NASTY = '<script>alert(1)</script> & "quotes"'
FOUND = Evidence(
    "+12125550100",
    NASTY,
    datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    (
        Sheet("replies", "Replies", ("At", "Text"), (("2026-11-23", NASTY), ("2026-11-24", "=1+1"))),
        Sheet("consent", "Consent", ("Given at",), ()),
    ),
)


def test_what_people_wrote_is_never_markup() -> None:
    page = index(FOUND)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 3
    assert "Nothing is recorded." in page


def test_the_pack_holds_an_index_and_a_file_for_each_table() -> None:
    pack = zipfile.ZipFile(io.BytesIO(b"".join(packed(FOUND))))
    assert pack.testzip() is None
    assert pack.namelist() == ["index.html", "replies.csv", "consent.csv"]
    assert pack.read("replies.csv").startswith(b"\xef\xbb\xbf")  # else a spreadsheet guesses the alphabet
    rows = list(csv.reader(io.StringIO(pack.read("replies.csv").decode("utf-8-sig"))))
    assert rows == [["At", "Text"], ["2026-11-23", NASTY], ["2026-11-24", "'=1+1"]]
