import pytest

from domain.contacts import (
    BadEmail,
    BadField,
    ListNameMissing,
    ListNameTooLong,
    clean_email,
    clean_fields,
    clean_list_name,
    shown_fields,
)


@pytest.mark.parametrize("email", ["", "a@b.co", "maya.o+news@mail.example.com", "zoë@exämple.de"])
def test_good_addresses_pass(email: str) -> None:
    assert clean_email(f" {email}\u200b ") == email


@pytest.mark.parametrize("email", ["maya", "maya@", "@example.com", "a b@c.de", "a@b@c.de", "a@b", "a@.de"])
def test_bad_addresses_are_refused(email: str) -> None:
    with pytest.raises(BadEmail):
        clean_email(email)


def test_fields_need_names_of_their_own() -> None:
    assert clean_fields([(" city ", " Oslo "), ("", " "), ("n", 3)]) == {"city": "Oslo", "n": 3}
    with pytest.raises(BadField, match="two fields named “city”"):
        clean_fields([("city", "Oslo"), ("city ", "Bergen")])
    with pytest.raises(BadField, match="value “Oslo” a name"):
        clean_fields([(" ", "Oslo")])
    with pytest.raises(BadField, match="at most 100"):
        clean_fields([(f"f{n}", n) for n in range(101)])


def test_fields_are_shown_as_people_read_them() -> None:
    assert shown_fields({"b": True, "A": None, "c": 1.5}) == [("A", ""), ("b", "Yes"), ("c", "1.5")]


def test_list_names_are_tidied() -> None:
    assert clean_list_name("  Spring \u200b leads ") == "Spring leads"
    with pytest.raises(ListNameMissing):
        clean_list_name(" \0 ")
    with pytest.raises(ListNameTooLong):
        clean_list_name("x" * 121)
