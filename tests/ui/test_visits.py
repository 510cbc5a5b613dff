"""Who acts in the demo is asked once for a page."""

import pytest

from domain.access import Actor, Role
from ui import visits
from ui.visits import HOST_SECONDS, Host


def test_the_host_is_read_again_when_a_page_could_have_been_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(visits, "monotonic", lambda: now[0])
    names = iter(("Ada Park", "Ada Lind"))
    host = Host(lambda: Actor(1, next(names), Role.ADMIN))
    assert [host().name, host().name] == ["Ada Park"] * 2
    now[0] += HOST_SECONDS + 0.01
    assert [host().name, host().name] == ["Ada Lind"] * 2
