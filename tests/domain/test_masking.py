import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to +15551231234 failed", "to +1555•••1234 failed"),
        ("to=%2B15551231234&x=1", "to=%2B1555•••1234&x=1"),
        ("15551231234", "1555•••1234"),
        ("('+447700900123',)", "('+4477•••0123',)"),
        ("12408 deliveries of message 7", "12408 deliveries of message 7"),
        ("took 0.123456789012 s", "took 0.123456789012 s"),
        ("attempt 1234-1b32ed94989850f9", "attempt 1234-1b32ed94989850f9"),
        ("key sck_12_abcdef0123", "key sck_12_•••"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer •••"),
        ("authorization: basic YTpi", "authorization: basic •••"),
        ("/webhooks/twilio/0123456789abcdef0123456789abcdef/status", "/webhooks/twilio/•••/status"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_must_not_be_read_is_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.integers(10**9, 10**15 - 1).map(str), st.sampled_from(["%s", "to %s.", "[%s]", '{"to": "+%s"}']))
def test_no_number_is_left_whole(number: str, around: str) -> None:
    shown = masked(around % number)
    assert number not in shown
    assert number[-4:] in shown
