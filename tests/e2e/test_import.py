"""A file's way to contacts in a browser, good and bad, and what can be taken out again."""

import csv
from pathlib import Path

from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.e2e.conftest import CheckAxe
from tests.e2e.inside import fits

GOOD = "".join(f"(212) 700-{n:04d},Maya,No {n},Oslo\n" for n in range(40))
BAD = "12,Bad,Row,\n(212) 700-0001,Twice,,Bergen\n"


def test_a_file_is_checked_imported_and_exported(page: Page, axe: CheckAxe, tmp_path: Path) -> None:
    file = tmp_path / "Spring fair.csv"
    file.write_bytes(("Mobile;First name;Surname;Ort\n" + (GOOD + BAD).replace(",", ";")).encode("utf-16"))
    page.goto("/contacts")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Choose the file")).to_be_visible()
    axe(page)
    page.get_by_label("Contacts file").set_input_files(file)
    expect(page.get_by_label("Name of the new list")).to_have_value("Spring fair")
    expect(page.get_by_role("cell", name="(212) 700-0001")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Ready to import")).to_be_visible()
    expect(page.get_by_text("“12” is too short")).to_be_visible()
    axe(page)
    with page.expect_download() as problems:
        page.get_by_role("link", name="Download these rows with their problems").click()
    rows = list(csv.reader(problems.value.path().read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Row", "Problem", "Mobile", "First name", "Surname", "Ort"]
    assert (rows[1][0], rows[1][2:]) == ("42", ["12", "Bad", "Row", ""])
    page.get_by_role("button", name="Import 40 contacts").click()
    page.get_by_role("button", name="Open the list").click()
    expect(page.get_by_role("heading", name="Spring fair")).to_be_visible()
    expect(page.get_by_text("40 contacts", exact=True)).to_be_visible()
    with page.expect_download() as everybody:
        page.get_by_role("link", name="for machines").click()
    rows = list(csv.reader(everybody.value.path().read_text().splitlines()))
    assert len(rows) == 41
    assert rows[1][:3] == ["+12127000000", "Maya", "No 0"]
    with page.expect_download() as sheet:
        page.get_by_role("link", name="for spreadsheets").click()
    assert "'+12127000000" in sheet.value.path().read_text("utf-8-sig")


def test_columns_are_chosen_on_a_phone_too(page: Page, axe: CheckAxe, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    file = tmp_path / "Market day.csv"
    file.write_text("Ort,Mobile\nOslo,(212) 700-9001\n")
    page.goto("/contacts/import")
    page.get_by_label("Contacts file").set_input_files(file)
    choice = page.get_by_role("combobox", name="Read Ort as")
    choice.click()
    page.get_by_role("option", name="Leave out").click()
    expect(choice).to_have_value("Leave out")
    axe(page)
    fits(page)


def test_a_file_that_is_none_is_refused_with_words(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "photo.csv"
    file.write_bytes(b"\x89PNG\0\0\xff" * 100)
    page.goto("/contacts/import")
    page.get_by_label("Contacts file").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("photo.csv: This file can't be read.")


def workbook(path: Path, rows: int) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Cell phone", "Full name", "Plan"])
    for place in range(rows):
        sheet.append([12127100000 + place, f"Xena No {place}", "gold"])
    book.save(path)
    return path


def test_a_workbook_is_gone_on_with_after_leaving_the_page(page: Page, tmp_path: Path) -> None:
    page.goto("/contacts/import")
    page.get_by_label("Contacts file").set_input_files(workbook(tmp_path / "Members.xlsx", 300))
    expect(page.get_by_role("cell", name="Xena No 1", exact=True)).to_be_visible()
    address = page.url
    page.goto("/campaigns/sms")
    page.goto(address)
    expect(page.get_by_label("Name of the new list")).to_have_value("Members")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Ready to import")).to_be_visible()
    page.goto("/campaigns/sms")
    page.goto(address)
    page.get_by_role("button", name="Import 300 contacts").click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    page.get_by_role("button", name="Open the list").click()
    expect(page.get_by_text("300 contacts", exact=True)).to_be_visible()
    page.get_by_role("searchbox", name="Search this list").fill("xena 212 710 0299")
    page.get_by_role("link", name="Xena No 299").click()
    expect(page.get_by_text("gold")).to_be_visible()


def test_an_import_is_canceled_and_nothing_was_written(page: Page, tmp_path: Path) -> None:
    page.goto("/contacts/import")
    file = tmp_path / "Nobody.csv"
    file.write_text("phone,name\n+12127200001,Canceled Person\n")
    page.get_by_label("Contacts file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Ready to import")).to_be_visible()
    page.get_by_role("button", name="Cancel import").click()
    expect(page.get_by_role("heading", name="Canceled")).to_be_visible()
    page.goto("/contacts?search=canceled+person")
    expect(page.get_by_role("heading", name="No contacts match")).to_be_visible()
