import pytest

from domain.api_scopes import OutOfScope, Scope, UnknownScope, check, scope_of, wanted


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/campaigns", Scope.CAMPAIGNS),
        ("/v1/campaigns/7/results", Scope.CAMPAIGNS),
        ("/v1/lists/7/contacts", Scope.CONTACTS),
        ("/v1/suppressions/+1", Scope.SUPPRESSIONS),
        ("/v1/webhooks/calls/7/replay", Scope.SETUP),
        ("/v1/nowhere", None),
        ("/docs", None),
        ("/", None),
    ],
)
def test_a_path_belongs_to_its_part(path: str, scope: Scope | None) -> None:
    assert scope_of(path) is scope


def test_a_key_opens_its_scopes_and_nothing_else() -> None:
    check(None, "/v1/audit")
    check(["campaigns"], "/v1/campaigns/1")
    check(["campaigns"], "/v1/nowhere")  # there is nothing to open
    for path in ("/v1/audit", "/v1/contacts", "/v1/webhooks"):
        with pytest.raises(OutOfScope):
            check(["campaigns"], path)
    with pytest.raises(OutOfScope):
        check([], "/v1/campaigns")


def test_all_scopes_are_the_same_as_none_chosen() -> None:
    assert wanted(None) is None
    assert wanted(list(Scope)) is None
    assert wanted(["audit", "campaigns", "audit"]) == ["campaigns", "audit"]
    assert wanted([]) == []
    with pytest.raises(UnknownScope):
        wanted(["everything"])
    assert len({scope.label for scope in Scope}) == len(Scope)
