import pytest

from domain.reach import CALLS, LINKS, PICTURES, unreachable, warning

LOCAL, PUBLIC = "http://127.0.0.1:8080", "https://sms.example.org"
TWILIO, KANNEL = "https://api.twilio.com", "http://127.0.0.1:13013"


@pytest.mark.parametrize(
    ("address", "kind", "carrier", "pictures", "links", "broken"),
    [
        (PUBLIC, "twilio", TWILIO, True, True, ()),
        (LOCAL, "sandbox", "", True, True, ()),
        (LOCAL, "twilio", TWILIO, False, False, (CALLS,)),
        (LOCAL, "twilio", "", True, True, (CALLS, PICTURES, LINKS)),
        ("http://localhost:8080/l/", "telnyx", "", False, True, (CALLS, LINKS)),
        ("http://[::1]:8080", "vonage", "", True, False, (CALLS, PICTURES)),
        (LOCAL, "kannel", KANNEL, True, False, ()),
        (LOCAL, "kannel", KANNEL, False, True, (LINKS,)),
        (LOCAL, "kannel", "http://10.0.0.7:13013", False, False, (CALLS,)),
    ],
)
def test_what_needs_to_be_reached_from_outside_is_named(
    address: str, kind: str, carrier: str, pictures: bool, links: bool, broken: tuple[str, ...]
) -> None:
    assert unreachable(address, kind, carrier, pictures=pictures, links=links) == broken


def test_the_warning_says_what_is_broken_and_what_to_do() -> None:
    assert warning(()) == ""
    assert warning((CALLS, PICTURES, LINKS)) == (
        "From outside nobody reaches this program, so receipts and replies don't come in, pictures can't be "
        "fetched and links lead nowhere. Set SMS_PUBLIC_URL to where the internet reaches it, and start it "
        "again."
    )
