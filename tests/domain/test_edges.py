"""What comes in from outside: details, settings, media links, keywords, roles, reasons, texts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import access, details, media, settings
from domain.access import Actor, Permission, Role, RoleForbids
from domain.audience import LeftOut, in_words
from domain.details import FIELDS, Details, DetailsMissing
from domain.keywords import Kind, kind_of
from domain.media import LinkInvalid
from domain.problems import NotAllowed, Problem
from domain.settings import WrongSetting
from domain.texts import storable

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COMPLETE: dict[str, Any] = {"name": "Spring", "line_id": 1, "list_id": 2, "owner_id": 3, "acknowledged": True}
EMPTY: dict[str, tuple[Any, ...]] = {
    "name": ("", "  ", "\u200b"),
    "channel": (None, ""),
    "line_id": (None, 0),
    "list_id": (None, 0),
    "owner_id": (None, 0),
    "acknowledged": (False,),
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in EMPTY.items() for v in values])
def test_every_field_is_required(field: str, value: object) -> None:
    form = Details(**COMPLETE | {field: value})
    assert details.missing(form) == (FIELDS[field],)
    with pytest.raises(DetailsMissing) as refused:
        details.check(form)
    assert refused.value.text == f"Still missing: {FIELDS[field]}."


def test_what_is_missing_is_named_in_the_forms_order() -> None:
    assert details.missing(Details()) == tuple(label for label in FIELDS.values() if label != "Channel")
    details.check(Details(**COMPLETE))
    assert details.missing(Details(**COMPLETE | {"name": "x" * 500})) == ()  # the field itself says so


def test_the_defaults_are_for_one_machine() -> None:
    made = settings.read({})
    assert (made.host, made.port, made.demo, made.sender) == ("127.0.0.1", 8080, False, True)
    assert made.database_url == "sqlite:///data/sms.db"
    assert made.public_url == "http://127.0.0.1:8080"
    assert (made.secret_key, made.metrics_token, made.log_format) == (None, None, "console")
    assert not made.distributed
    assert settings.read(dict.fromkeys(WRONG, "  ")) == made


WRONG = {
    "SMS_PORT": ("x", "-1", "65536", "80.5", "٣", "1e3"),
    "SMS_DEMO": ("maybe", "2"),
    "SMS_SENDER": ("perhaps",),
    "SMS_DATABASE_URL": ("mysql://x", "sms.db", "sqlite://", "http://x"),
    "SMS_PUBLIC_URL": (
        *("x.org", "ftp://x.org", "https://", "http://[::1", "http://x:99999"),
        *("https://x/?a=1", "https://x/#a", "https://me:pw@x.org"),
    ),
    "SMS_SECRET_KEY": ("short", "x" * 31),
    "SMS_LOG_FORMAT": ("xml", "JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        settings.read({name: value})
    assert refused.value.name == name
    assert refused.value.text.startswith(f"{name} must ")
    assert "\n" not in refused.value.text
    assert name != "SMS_SECRET_KEY" or value not in refused.value.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])  # noqa: S104
def test_a_demo_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(WrongSetting, match="SMS_HOST must be"):
        settings.read({"SMS_DEMO": "1", "SMS_HOST": host})
    assert settings.read({"SMS_HOST": host}).host == host


@pytest.mark.parametrize(
    ("env", "field", "value"),
    [
        ({"SMS_DATABASE_URL": "postgresql://h/d"}, "database_url", "postgresql+psycopg://h/d"),
        ({"SMS_DATABASE_URL": "postgres://h/d"}, "database_url", "postgresql+psycopg://h/d"),
        ({"SMS_DATABASE_URL": "sqlite:////tmp/x.db"}, "database_url", "sqlite:////tmp/x.db"),
        ({"SMS_DATABASE_URL": "postgresql://h/d"}, "distributed", True),
        ({"SMS_HOST": "::1", "SMS_PORT": "81"}, "public_url", "http://[::1]:81"),
        ({"SMS_PUBLIC_URL": " https://x.org/sms/ "}, "public_url", "https://x.org/sms"),
        ({"SMS_SENDER": "Off"}, "sender", False),
        ({"SMS_DEMO": "YES"}, "demo", True),
        ({"SMS_LOG_FORMAT": "json"}, "log_format", "json"),
        ({"SMS_SECRET_KEY": "x" * 32}, "secret_key", "x" * 32),
    ],
)
def test_a_setting_is_read_as_it_is_meant(env: dict[str, str], field: str, value: object) -> None:
    assert getattr(settings.read(env), field) == value


@given(st.integers(1, 2**31), st.integers(0, 10**6))
def test_a_media_link_opens_its_attachment_until_its_time(number: int, seconds: int) -> None:
    until = NOW + timedelta(seconds=seconds)
    token = media.token("k" * 32, number, until)
    assert media.read("k" * 32, token, NOW) == media.read("k" * 32, token, until) == number
    with pytest.raises(LinkInvalid):
        media.read("k" * 32, token, until + timedelta(seconds=1))
    with pytest.raises(LinkInvalid):
        media.read("K" * 32, token, NOW)


@given(st.text(max_size=80), st.integers(0, 60), st.sampled_from("0123456789.af"))
def test_no_other_text_opens_anything(text: str, place: int, character: str) -> None:
    with pytest.raises(LinkInvalid):
        media.read("k" * 32, text, NOW)
    token = media.token("k" * 32, 7, NOW)
    forged = token[:place] + character + token[place + 1 :]
    if forged != token:
        with pytest.raises(LinkInvalid):
            media.read("k" * 32, forged, NOW)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[
            (word, Kind.STOP)
            for word in ("STOP", "stop", " Stop. ", "StopAll", "STOP ALL", "stop-all", "end!")
        ],
        *[(word, Kind.STOP) for word in ("UNSUBSCRIBE", "cancel", "quit", "revoke", "OPT-OUT", "opt out")],
        *[(word, Kind.STOP) for word in ("optout", "remove", "ARRÊT", "arrete", "Arrêté", "arrett", "TD")],
        *[(word, Kind.START) for word in ("START", "yes", "Unstop", "start!")],
        *[(word, Kind.HELP) for word in ("HELP", "info", "help?")],
        *[(word, Kind.REPLY) for word in ("", "...", "👋", "We have got to STOP this bill", "stop it")],
        *[(word, Kind.REPLY) for word in ("don't cancel", "the end", "stopp", "restart", "not yes")],
    ],
)
def test_a_whole_text_is_a_keyword_or_a_reply(text: str, kind: Kind) -> None:
    assert kind_of(text, opted_out=True) is kind


@given(st.text())
def test_any_text_has_a_kind(text: str) -> None:
    assert kind_of(text, opted_out=False) in Kind


GRANTED = {
    Role.ADMIN: set(Permission),
    Role.MANAGER: {Permission.VIEW, Permission.EDIT},
    Role.VIEWER: {Permission.VIEW},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_what_its_name_says(role: Role, permission: Permission) -> None:
    actor = Actor(1, "Ada", role)
    if permission in GRANTED[role]:
        access.check(actor, permission)
        return
    with pytest.raises(RoleForbids) as refused:
        access.check(actor, permission)
    assert isinstance(refused.value, NotAllowed)


def test_every_reason_has_words_and_an_unknown_one_is_shown_as_it_is() -> None:
    assert all(in_words(reason.value) == reason.words and " " in reason.words for reason in LeftOut)
    assert in_words("moved_to_mars") == "moved_to_mars"


@given(st.text(st.characters(codec=None, categories=None), max_size=50))
def test_a_stored_text_is_one_that_every_database_takes(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert "\0" not in kept
    assert storable(kept) == kept


def test_a_problem_says_its_docstring() -> None:
    class Broken(Problem):
        """This is
        broken."""

    assert Broken().text == "This is broken."
    assert Broken("Otherwise.").text == "Otherwise."
