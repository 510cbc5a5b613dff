"""The carriers that a carrier account can be of."""

from collections.abc import Callable, Mapping

import httpx

from domain.problems import Problem
from sender.carriers.protocol import Carrier
from sender.carriers.sandbox import SandboxCarrier


class UnknownCarrier(Problem):
    """There is no carrier of this kind."""


class BadSetting(Problem):
    """A setting of this carrier account is missing or wrong."""


def adapter(kind: str, settings: Mapping[str, str]) -> Carrier:
    """The adapter for an account of `kind`. Raises UnknownCarrier or BadSetting."""
    build = _ADAPTERS.get(kind)
    if build is None:
        raise UnknownCarrier(f"There is no carrier of the kind “{kind}”; there is {', '.join(_ADAPTERS)}.")
    return build(settings)


def kinds() -> tuple[str, ...]:
    """The kinds that there are."""
    return tuple(_ADAPTERS)


def _sandbox(settings: Mapping[str, str]) -> Carrier:
    return SandboxCarrier(_address(settings, "base_url"), _seconds(settings, "delay_seconds"))


_ADAPTERS: Mapping[str, Callable[[Mapping[str, str]], Carrier]] = {"sandbox": _sandbox}


def _address(settings: Mapping[str, str], name: str) -> str:
    try:
        url = httpx.URL(settings.get(name, ""))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise BadSetting(f"The setting “{name}” must be an address that starts with http:// or https://.")
    return str(url)


def _seconds(settings: Mapping[str, str], name: str) -> float | None:
    if not settings.get(name):
        return None
    try:
        seconds = float(settings[name])
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise BadSetting(f"The setting “{name}” must be a number of seconds from 0 to 3600.")
    return seconds
