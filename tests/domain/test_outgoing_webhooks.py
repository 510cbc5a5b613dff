import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import outgoing_webhooks as rules
from domain.outgoing_webhooks import (
    DEAD_AFTER,
    DEAD_TRIES,
    STUCK_AFTER,
    BadAddress,
    Kind,
    NoKinds,
    why_off,
)

AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="utf-8"), max_size=200))
def test_a_signature_is_what_standard_webhooks_computes(key: bytes, body: str) -> None:
    headers = rules.signed(rules.secret_of(key), "evt_1", AT, body)
    stamp = str(int(AT.timestamp()))
    expected = hmac.new(key, f"evt_1.{stamp}.{body}".encode(), hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "evt_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(expected).decode(),
    }


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "https://example.com:8443/a/b?c=d", " https://xn--bcher-kva.example/in "],
)
def test_a_public_address_may_be_kept(url: str) -> None:
    assert rules.checked(url, local=False) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "http://example.com", "ftp://example.com", "https://", "https://exa mple.com"),
        *("https://user:word@example.com", "https://example.com/#part", "https://example.com:99999"),
        *("https://localhost", "https://127.0.0.1", "https://[::1]/", "https://10.0.0.8", "https://0.0.0.0"),
        *("https://169.254.169.254/latest", "https://192.168.1.1", "https://[fd00::1]", "https://2130706433"),
        *("https://127.1", "https://printer.local", "https://a.localhost", "https://db.internal"),
        *("https://[::ffff:8.8.8.8]", "https://example.com/" + "a" * 2000, "https://büro.example"),
    ],
)
def test_an_address_that_can_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        rules.checked(url, local=False)


def test_a_demo_may_call_its_own_machine_and_no_other_private_one() -> None:
    assert rules.checked("http://127.0.0.1:9000/in", local=True) == "http://127.0.0.1:9000/in"
    for url in ("http://10.0.0.1", "http://example.com"):
        with pytest.raises(BadAddress):
            rules.checked(url, local=True)


PRIVATE = [
    *("127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254"),
    *("100.64.0.1", "100.127.255.255", "0.0.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "fec0::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe"),
    *("2002:7f00:1::", "2002:0a00:0001::1", "64:ff9b::7f00:1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("example.com", "", "1.2.3", "0x7f.1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_only_public_addresses_are_connected_to(address: str) -> None:
    assert not rules.may_call(address, local=False)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "100.63.255.255", "172.32.0.1"]
)
def test_public_addresses_are(address: str) -> None:
    assert rules.may_call(address, local=False)
    assert rules.may_call(address, local=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_demo_connects_to_loopback_besides(address: str) -> None:
    loopback = {"127.0.0.1", "127.8.9.1", "::1"}
    assert rules.may_call(address, local=True) == (address in loopback)


@given(st.floats(0, 1))
def test_tries_are_further_and_further_apart_for_about_a_day(drawn: float) -> None:
    pauses = [rules.pause(tries, drawn) for tries in range(1, rules.MOST_TRIES)]
    known = [pause for pause in pauses if pause is not None]
    assert len(known) == len(pauses)
    assert known == sorted(known)
    assert timedelta(seconds=3) < known[0] < timedelta(seconds=7)
    assert timedelta(hours=14) < sum(known, timedelta()) < timedelta(hours=48)
    assert rules.pause(rules.MOST_TRIES, drawn) is None


def test_the_kinds_are_kept_in_order_and_once() -> None:
    assert rules.wanted(["message.received", "campaign.status_changed", "message.received", "x"]) == [
        "campaign.status_changed",
        "message.received",
    ]
    with pytest.raises(NoKinds):
        rules.wanted(["x"])
    assert len({kind.label for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("failed_for", "tries", "too_many_wait", "off"),
    [
        (timedelta(), 1, False, False),
        (DEAD_AFTER, DEAD_TRIES, False, True),
        (DEAD_AFTER, DEAD_TRIES - 1, False, False),
        (DEAD_AFTER - timedelta(seconds=1), 1_000, False, False),
        (STUCK_AFTER, 1, True, True),
        (STUCK_AFTER - timedelta(seconds=1), 1_000, True, False),
        (-DEAD_AFTER, 1_000, True, False),  # the clock was set back
    ],
)
def test_an_address_that_no_call_reaches_is_switched_off(
    failed_for: timedelta, tries: int, too_many_wait: bool, off: bool
) -> None:
    assert bool(why_off(AT - failed_for, tries, AT, too_many_wait=too_many_wait)) is off
