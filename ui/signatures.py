"""NiceGUI looks up the signatures of the same methods for every element of every page; once is enough."""

from collections.abc import Callable
from types import MethodType
from typing import Any

from nicegui import helpers


def keep() -> None:
    """Let NiceGUI remember whether a method takes arguments: a quarter of what an element costs."""
    if not isinstance(helpers.expects_arguments, _Remembered):
        helpers.expects_arguments = _Remembered(helpers.expects_arguments)


class _Remembered:
    """Answers like `ask`. Only methods are kept: their functions live as long as their classes do."""

    def __init__(self, ask: Callable[[Callable[..., Any]], bool]) -> None:
        self._ask = ask
        self._known: dict[Callable[..., Any], bool] = {}

    def __call__(self, func: Callable[..., Any]) -> bool:
        if not isinstance(func, MethodType):
            return self._ask(func)
        known = self._known.get(func.__func__)
        if known is None:
            known = self._known[func.__func__] = self._ask(func)
        return known
