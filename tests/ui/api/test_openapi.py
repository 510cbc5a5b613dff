"""The API against its own OpenAPI document: schemathesis makes the requests, and checks every answer."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from domain.access import Role
from domain.rate_limits import Limits
from storage import api_keys
from storage.attachments import Files
from storage.database import Database
from tests.conftest import NOW
from tests.ui.api.conftest import Clock, carriers
from ui.api.app import create_api
from ui.api.world import ApiWorld

NONE = Limits(quota=1_000_000)
EXAMPLES = 12
"""Requests that are made up for each operation."""


@pytest.mark.timeout(600)
def test_every_answer_is_one_that_the_document_names(sqlite_db: Database, tmp_path: Path) -> None:
    key = api_keys.create(sqlite_db, "schemathesis", Role.ADMIN, NOW)
    app = create_api(ApiWorld(sqlite_db, Clock(), Files(tmp_path / "attachments"), carriers(), limits=NONE))
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    document.config.update(headers={"Authorization": f"Bearer {key}"})
    wrong = {}
    for found in document.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        try:
            _try(operation)
        except BaseExceptionGroup as problem:
            wrong[operation.label] = problem
    assert wrong == {}, "\n\n".join(f"{label}\n{problem}" for label, problem in wrong.items())


def _try(operation: Any) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answers_as_documented(case: Case[Any]) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])  # rules reach beyond a schema

    answers_as_documented()
