from datetime import UTC, datetime
from typing import Any

import pytest

from domain.preflight import (
    Audience,
    LineFacts,
    MessagePlan,
    Review,
    says_how_to_opt_out,
    shortened_links,
)
from domain.reach import CALLS, LINKS
from domain.segments import Encoding

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def plan(text: str = "Hi. Reply STOP to opt out.", **more: Any) -> MessagePlan:
    given: dict[str, Any] = {
        "id": 1,
        "position": 1,
        "people": 100,
        "already": 0,
        "encodings": {Encoding.GSM7: 100},
        "segments": {1: 100},
        "costly": (),
        "missing": {},
        "unknown": (),
        "capped": 0,
        "cost_micros": 0,
        "starts_at": NOON,
        "ends_at": NOON,
        "held": 0,
        "expiring": 0,
        "slots": (),
    }
    return MessagePlan(text=text, **(given | more))


def warnings(*plans: MessagePlan, to_send: int = 100, cap: int | None = None, blocked: str = "") -> list[str]:
    audience = Audience(100, 0, 0, 0, to_send)
    return list(Review(audience, plans, "UTC", LineFacts(None, cap, blocked or None)).warnings)


def test_what_nobody_reaches_is_warned_of() -> None:
    line = LineFacts(None, None, None, (CALLS, LINKS))
    (words,) = Review(Audience(100, 0, 0, 0, 100), (plan(),), "UTC", line).warnings
    assert words.startswith("From outside nobody reaches this program, so receipts and replies don't come in")


def test_a_sound_campaign_has_no_warning() -> None:
    assert warnings(plan(), cap=100) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": "Sale today"}, "does not say how to opt out"),
        ({"text": "bit.ly/x. Reply STOP"}, "Carriers filter texts with links of bit.ly"),
        ({"missing": {"first_name": 1}}, "1 person has no first_name, and {first_name} has no fallback"),
        ({"missing": {"tier": 2}}, "2 people have no tier"),
        (
            {"unknown": ("frist_name",), "missing": {"frist_name": 9}},
            "{frist_name} is a field that nobody on the list has",
        ),
        ({"held": 12_000}, "Quiet hours hold 12,000 people of 100"),
        ({"capped": 2}, "2 people won't get it, as they will have had"),
        ({"capped": 2, "about": True}, "About 2 people won't get it, as they will have had"),
        ({"expiring": 1}, "1 person won't get it: the message expires"),
        ({"encodings": {Encoding.GSM7: 93, Encoding.UCS2: 7}}, "the texts of 7 people to UCS-2"),
    ],
)
def test_what_needs_a_second_look_is_said_once(more: dict[str, Any], words: str) -> None:
    [warning] = warnings(plan(**more))
    assert words in warning


def test_the_line_and_the_list_are_warned_of_first() -> None:
    found = warnings(plan(held=3), to_send=0, cap=99, blocked="No registration.")
    assert found[0] == "Nobody on this list can be sent to."
    assert found[1] == "The line is blocked: No registration."
    assert "99 segments a day and this needs 100" in found[2]
    assert "Quiet hours" in found[3]


def test_whoever_shares_the_line_is_named() -> None:
    line = LineFacts(1.0, None, None, shared_with=("Winter sale",))
    [warning] = Review(Audience(100, 0, 0, 0, 100), (plan(),), "UTC", line).warnings
    assert (
        warning == "“Winter sale” sends on this line at the same time: both take longer than is shown here."
    )


def test_with_several_messages_a_warning_names_its_message() -> None:
    found = warnings(plan(), plan("Again", position=2, held=1))
    assert found == ["Message 2: Quiet hours hold 1 person of 100 until their hours begin."]


def test_most_peoples_alphabet_is_the_messages() -> None:
    assert plan().encoding is Encoding.GSM7
    assert plan(encodings={Encoding.GSM7: 1, Encoding.UCS2: 2}).encoding is Encoding.UCS2
    assert plan(segments={1: 10, 3: 2}).total_segments == 16


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Reply STOP to opt out", True),
        ("reply stop to end", True),
        ("Text 'stop' any time", True),
        ("Unsubscribe: example.com", True),
        ("To opt-out say so", True),
        ("Stop by our shop at the end of the street", False),
        ("Sale ends soon", False),
        ("", False),
    ],
)
def test_how_to_opt_out_is_found_in_words(text: str, says: bool) -> None:
    assert says_how_to_opt_out(text) is says


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("See https://bit.ly/abc", ["bit.ly"]),
        ("See www.TinyURL.com/x and t.co/1.", ["t.co", "tinyurl.com"]),
        ("See https://shop.example/bit.ly", []),
        ("Write to me@bit.ly.example or at.t.company", []),
        ("Nothing here", []),
    ],
)
def test_public_shorteners_are_found(text: str, hosts: list[str]) -> None:
    assert shortened_links(text) == hosts
