"""Many values as one parameter of a statement: no limit on parameters, and nothing compiled anew."""

import json
from collections.abc import Iterable

from sqlmodel import Session

_SELECTS = {
    "sqlite": "SELECT value FROM json_each(:many)",
    "postgresql": "SELECT value FROM json_array_elements_text(CAST(:many AS json)) AS listed(value)",
}


def listed(session: Session) -> str:
    """The SQL of a subquery with the texts of the parameter "many", to stand behind IN."""
    return _SELECTS[session.get_bind().dialect.name]


def packed(texts: Iterable[str]) -> str:
    """Texts as the parameter "many"."""
    return json.dumps(list(texts))
