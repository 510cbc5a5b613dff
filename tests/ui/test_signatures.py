"""What NiceGUI remembers of methods is what it would find."""

from typing import Any

import pytest
from nicegui import helpers

from ui import signatures


class Listener:
    def nothing(self) -> None:
        """Takes nothing."""

    def something(self, event: Any) -> None:
        """Takes the event."""

    def perhaps(self, event: Any = None) -> None:
        """Can do without."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is looked up."""
    found: list[Any] = []
    original = helpers.expects_arguments
    plain = getattr(original, "_ask", original)

    def ask(func: Any) -> bool:
        found.append(func)
        return bool(plain(func))

    monkeypatch.setattr(helpers, "expects_arguments", ask)
    signatures.keep()
    signatures.keep()
    return found


def test_a_method_is_looked_up_once_whoever_has_it(asked: list[Any]) -> None:
    for listener in (Listener(), Listener()):
        assert helpers.expects_arguments(listener.nothing) is False
        assert helpers.expects_arguments(listener.something) is True
        assert helpers.expects_arguments(listener.perhaps) is False
    assert len(asked) == 3


def test_functions_are_looked_up_each_time_and_let_go(asked: list[Any]) -> None:
    def handler(event: Any) -> None:
        """Lives with its page."""

    assert [helpers.expects_arguments(handler) for _ in range(2)] == [True, True]
    assert len(asked) == 2
