"""Who acts in the demo is asked once for a page."""

import pytest

from domain.access import Actor, Role
from ui import visits
from ui.visits import OWNER_SECONDS, DemoOwner


def test_the_owner_is_read_again_when_a_page_could_have_been_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(visits, "monotonic", lambda: now[0])
    names = iter(("Ada Park", "Ada Lind"))
    owner = DemoOwner(lambda: Actor(1, next(names), Role.ADMIN))
    assert [owner().name, owner().name] == ["Ada Park"] * 2
    now[0] += OWNER_SECONDS + 0.01
    assert [owner().name, owner().name] == ["Ada Lind"] * 2
