"""Seeded credentials go in at every door; then everything that comes out is searched for them."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.routing import Mount

from domain.access import Role
from domain.carrier_kinds import KINDS, check
from domain.carrier_settings import BadSetting
from sender.carriers.checking import check as try_connection
from sender.carriers.protocol import Outgoing, Webhook
from sender.carriers.registry import adapter
from sender.carriers.sending import send
from storage import api_keys, backups, carriers, credentials
from storage.attachments import Files
from storage.database import Database
from storage.tables import AuditEntry, CarrierAccount
from tests import arrange
from tests.conftest import NOW
from tests.ui.pages import visitor, world_of
from ui.api.app import create_api
from ui.api.world import ApiWorld
from ui.world import Carriers, no_test

SEED = "s33ded-s3cret"
MESSAGE = Outgoing("1-a", "+15550100000", "+15550104321", "Hello", (), "http://127.0.0.1:9/status?a=1-a")
REAL = sorted(set(KINDS) - {"sandbox"})  # which has no secret
PUBLIC_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # of RFC 8032: one can't be made up


def settings(kind: str) -> dict[str, str]:
    """Every field given, the secrets seeded; the address is one where nobody listens."""
    fields = [field for field in KINDS[kind].fields if field.secret or field.required]
    given = {field.name: SEED if field.secret else "AC1" for field in fields}
    if "public_key" in given:
        given["public_key"] = PUBLIC_KEY
    return given | {"base_url": "http://127.0.0.1:9"}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is said, down to the smallest."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def failing(error: Exception | None, status: int = 500) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if error is not None:
            raise error
        return httpx.Response(status, content=b"<html>", headers={"location": str(request.url)})

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("kind", REAL)
async def test_no_send_test_or_webhook_that_fails_tells_a_secret(
    kind: str, log: pytest.LogCaptureFixture
) -> None:
    carrier = adapter(kind, settings(kind))
    said = [repr(carrier), str(carrier)]
    transports = [failing(None, status) for status in (200, 302, 400, 401, 429, 500)]
    transports += [failing(error) for error in (httpx.ConnectError("no"), OSError("disk"), KeyError("bug"))]
    for transport in transports:
        said.append(repr(await send(carrier, transport, MESSAGE)))
        try:
            said.append(repr(await try_connection(carrier, transport)))
        except (OSError, KeyError) as error:
            said.append(repr(error))
    for body in (b"", b"{}", SEED.encode()[:3]):
        for read in (carrier.receipts, carrier.inbound):
            try:
                said.append(repr(read(Webhook({}, {}, body))))
            except Exception as error:
                said.append(repr(error) + str(error))
    assert SEED not in "\n".join(said) + log.text


@pytest.mark.parametrize("kind", REAL)
async def test_a_bad_setting_is_named_and_not_repeated(kind: str, log: pytest.LogCaptureFixture) -> None:
    given = settings(kind)
    secret = next(iter(KINDS[kind].secrets))
    for wrong in ({**given, secret: SEED + "\n"}, {**given, secret: SEED * 500}, {secret: SEED}):
        with pytest.raises(BadSetting) as caught:
            adapter(kind, {**wrong, "base_url": f"http://[{SEED}"})
        assert SEED not in str(caught.value) + repr(caught.value)
    assert SEED not in log.text


async def test_pages_api_audit_and_copies_of_the_database_hold_no_secret(
    sqlite_db: Database, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    db, actor = sqlite_db, arrange.person(sqlite_db, NOW)
    known = Carriers(tuple(KINDS), check, lambda *parts: "/".join(parts), no_test)
    api = create_api(ApiWorld(db, lambda: NOW, Files(tmp_path / "files"), known))
    key = api_keys.create(db, "program", Role.ADMIN, NOW)
    transport = httpx.ASGITransport(Starlette(routes=[Mount("/api", api)]), raise_app_exceptions=False)
    said: list[str] = []
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://sms.example/api/v1",
        headers={"authorization": f"Bearer {key}", "idempotency-key": "once"},
    ) as http:
        for kind in REAL:
            body = {"name": kind, "kind": kind, "settings": settings(kind)}
            made = await http.post("/carriers", json=body, headers={"idempotency-key": kind})
            again = await http.post("/carriers", json=body, headers={"idempotency-key": kind})
            assert made.status_code == again.status_code == 201, made.text
            path = f"/carriers/{made.json()['id']}"
            said += [made.text, again.text, (await http.get(path)).text, (await http.get("/carriers")).text]
            said.append((await http.patch(path, json={"name": kind.upper()})).text)
    async with visitor(world_of(db, actor, tmp_path)) as user:
        for account in carriers.accounts(db, actor):
            await user.open(f"/settings/carriers/{account.id}")
            await user.should_see("Saved. It is never shown again.")
            said.append(str(user.current_layout))
        await user.open("/settings/carriers")
        await user.should_see("TWILIO")
        said.append(str(user.current_layout))
    with db.read() as session:
        said += [repr(row.model_dump()) for row in session.scalars(select(AuditEntry))]
        said += [repr(row.model_dump()) for row in session.scalars(select(CarrierAccount))]
    shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-copy")
    files = [path for path in (tmp_path.parent / f"{tmp_path.name}-copy").rglob("*") if path.is_file()]
    assert [path for path in files if path.name.startswith("sms.db")]
    assert [path for path in files if SEED.encode() in path.read_bytes()] == []
    archive = tmp_path.parent / f"{tmp_path.name}.backup"
    backups.backup(db, tmp_path, archive, NOW, lambda _: None)
    with ZipFile(archive) as parts:
        assert SEED.encode() not in b"".join(parts.read(name) for name in parts.namelist())
    assert SEED not in "\n".join(said) + log.text
    token = carriers.accounts(db, actor)[0].token
    found = credentials.of_token(db, carriers.accounts(db, actor)[0].kind, token)
    assert found is not None
    assert SEED in dict(found.settings).values()  # it was there all the while
