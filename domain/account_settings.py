"""How an account's settings change: what is left empty stays, and a new address asks for the secrets anew."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from domain.carrier_kinds import check, kind_of
from domain.carrier_settings import BadSetting, CarrierKind
from domain.problems import Conflict, Problem

ADDRESS = "base_url"


class AccountNameMissing(Problem):
    """Give the carrier account a name."""


class AccountInUse(Conflict):
    """Lines or received texts belong to this carrier account, so it stays."""


def merged(kind: str, kept: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The settings after somebody entered `given`; a secret that is left empty stays as it is kept.

    Raises `BadSetting`. Where the address leads to another host, every secret must be entered again:
    nobody may have them sent to where they can read them.
    """
    described = kind_of(kind)
    stays = {name for name in described.secrets if not given.get(name, "").strip()}
    open_ = {name: str(value) for name, value in kept.items() if name not in described.secrets}
    typed = {name: value for name, value in given.items() if name not in stays}
    if _host(described, open_ | typed) != _host(described, open_):
        for field in described.fields:
            if field.name in stays and kept.get(field.name):
                raise BadSetting(f"The address changed, so enter “{field.label}” again.", field.name)
    secrets = {name: str(kept[name]) for name in stays if kept.get(name)}
    return check(kind, open_ | typed | secrets)


def shown(kind: str, kept: Mapping[str, Any]) -> dict[str, str]:
    """The settings that people may read."""
    described = kind_of(kind)
    names = [field.name for field in described.fields if not field.secret]
    return {name: str(kept[name]) for name in names if kept.get(name)}


def _host(described: CarrierKind, settings: Mapping[str, str]) -> tuple[str, str]:
    parts = urlsplit(settings.get(ADDRESS) or described.base_url)
    return parts.scheme, parts.netloc.lower()
