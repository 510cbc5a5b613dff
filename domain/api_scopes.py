"""Scopes of API keys: which parts of the API a key opens, beside what its role allows there."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from domain.problems import NotAllowed, Problem


class Scope(StrEnum):
    """A part of the API."""

    CAMPAIGNS = "campaigns"
    CONTACTS = "contacts"
    SUPPRESSIONS = "suppressions"
    INBOUND = "inbound"
    SETUP = "setup"
    AUDIT = "audit"

    @property
    def label(self) -> str:
        """The words on screen."""
        return _LABELS[self]


_LABELS = {
    Scope.CAMPAIGNS: "Campaigns, messages and results",
    Scope.CONTACTS: "Contacts, lists and consents",
    Scope.SUPPRESSIONS: "Suppressions",
    Scope.INBOUND: "Inbound texts",
    Scope.SETUP: "Carriers, lines and webhooks",
    Scope.AUDIT: "Audit",
}
_PARTS = {
    "campaigns": Scope.CAMPAIGNS,
    "attachments": Scope.CAMPAIGNS,
    "contacts": Scope.CONTACTS,
    "lists": Scope.CONTACTS,
    "consents": Scope.CONTACTS,
    "consent-required": Scope.CONTACTS,
    "suppressions": Scope.SUPPRESSIONS,
    "inbound": Scope.INBOUND,
    "carriers": Scope.SETUP,
    "lines": Scope.SETUP,
    "webhooks": Scope.SETUP,
    "audit": Scope.AUDIT,
}


class OutOfScope(NotAllowed):
    """This key is not made for this part of the API. Ask an administrator for one that is."""


class UnknownScope(Problem):
    """There is no such scope."""


def scope_of(path: str) -> Scope | None:
    """The scope that a path such as /v1/campaigns/7 belongs to; None for a path that leads nowhere."""
    parts = path.strip("/").split("/")
    return _PARTS.get(parts[1]) if len(parts) > 1 else None


def check(scopes: Collection[str] | None, path: str) -> None:
    """Raise `OutOfScope` unless the key's scopes open the path; None opens everything."""
    scope = scope_of(path)
    if scopes is not None and scope is not None and scope.value not in scopes:
        raise OutOfScope


def wanted(scopes: Sequence[str] | None) -> list[str] | None:
    """The scopes in their usual order; None for all of them. Raises `UnknownScope`."""
    if scopes is None:
        return None
    for name in scopes:
        if name not in list(Scope):
            raise UnknownScope(f"There is no scope “{name}”; there is {', '.join(Scope)}.")
    found = [scope.value for scope in Scope if scope.value in scopes]
    return None if len(found) == len(Scope) else found
