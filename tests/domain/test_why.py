from itertools import product

import pytest

from domain.audience import LeftOut, Waits
from domain.deliveries import State
from domain.why import why, why_left_out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (why(State.DELIVERED, ""), "Sent: confirmed by the carrier"),
        (why(State.SENT, ""), "Sent: accepted by the carrier, no receipt yet"),
        (why(State.QUEUED, ""), "Not sent yet: waiting for its turn"),
        (
            why(State.QUEUED, "quiet_hours"),
            "Not sent yet: waits for the hours in which this person may be texted",
        ),
        (
            why(State.EXPIRED, "quiet_hours"),
            "Not sent: it came up in quiet hours, in which your workspace lets texts expire",
        ),
        (why(State.EXPIRED, ""), "Not sent: its time passed before it could be sent"),
        (why(State.SKIPPED, "opted_out"), "Not sent: opted out"),
        (why(State.SKIPPED, "too_often"), "Not sent: had as many texts as your workspace allows one person"),
        (why(State.CANCELED, "The campaign was stopped."), "Not sent: the campaign was stopped"),
        (why(State.UNDELIVERED, "", "twilio", "30006", 1), "Sent, but not delivered: "),
        (why(State.FAILED, "", "twilio", "99999"), "Not sent: Error 99999"),
        (why(State.FAILED, "", "", "", 3), "Not sent: the carrier gave no reason (3 attempts)"),
        (
            why(State.UNKNOWN, "The program ended while this was being sent."),
            "Perhaps sent: the program ended",
        ),
        (why_left_out("no_consent"), "Not sent: no recorded opt-in"),
        (why_left_out("invalid_number"), "Not sent: the number can't receive texts"),
    ],
)
def test_the_answer_is_one_plain_line(line: str, words: str) -> None:
    assert line.startswith(words)
    assert len(line) > len("Not sent: ")


def test_every_state_and_reason_has_an_answer_of_its_own() -> None:
    reasons = ["", *LeftOut, *(Waits.QUIET_HOURS,)]
    for state, reason in product(State, reasons):
        line = why(state, reason)
        assert line[0].isupper()
        assert "_" not in line
        assert not line.endswith((".", ": "))
        assert why(state, reason) == why(state, reason.words if isinstance(reason, LeftOut | Waits) else "")
    assert len({why_left_out(reason) for reason in LeftOut}) == len(LeftOut)
