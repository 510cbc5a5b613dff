import pytest

from domain.keywords import Kind, folded, kind_of


@pytest.mark.parametrize(
    "text", ["S T O P", "s.t.o.p", "ＳＴＯＰ", "«Stop»", "stop\n", "STOP 🛑", "'stop'", "No más", "ARRÊT"]
)
def test_a_keyword_is_known_however_it_is_spelled(text: str) -> None:
    assert kind_of(text, opted_out=False) is Kind.STOP


@pytest.mark.parametrize("text", ["yes", "YES!", "Yes."])
def test_a_yes_means_start_only_from_who_has_opted_out(text: str) -> None:
    assert kind_of(text, opted_out=True) is Kind.START
    assert kind_of(text, opted_out=False) is Kind.REPLY


def test_an_apostrophe_joins() -> None:
    assert folded("Don’t  STOP'") == "dont stop"
