"""The settings: read from a mapping (the environment), checked, and refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from domain.problems import Problem

TRACER = "sms"
"""By this name our own spans are told from those of libraries."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(Problem):
    """A setting is wrong."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """What `interface.md` section 2 names, with its defaults filled in."""

    host: str
    port: int
    data_dir: Path
    database_url: str
    public_url: str
    secret_key: str | None
    secret_key_old: str | None  # what was sealed with it is sealed anew with the other at start
    demo: bool
    sender: bool
    metrics_token: str | None
    log_format: Literal["console", "json"]
    traces_url: str | None  # an OpenTelemetry collector's address; None: no traces

    @property
    def distributed(self) -> bool:
        """Whether many processes share a PostgreSQL."""
        return self.database_url.startswith("postgresql")


def read(env: Mapping[str, str]) -> Settings:
    """The settings in `env`; an empty value counts as not set.

    Raises `WrongSetting`, naming the variable, for the first value that can't be.
    """
    get = {name: value.strip() for name, value in env.items() if value.strip()}.get
    host = get("SMS_HOST", "127.0.0.1")
    port = _port(get("SMS_PORT", "8080"))
    demo = _switch("SMS_DEMO", get("SMS_DEMO", "0"))
    if demo and host not in LOOPBACK:
        raise WrongSetting(
            "SMS_HOST", f"must be 127.0.0.1 in demo mode, not {host}: a demo signs every visitor in."
        )
    data_dir = Path(get("SMS_DATA_DIR", "./data")).expanduser()
    log_format = get("SMS_LOG_FORMAT", "console")
    if log_format not in ("console", "json"):
        raise WrongSetting("SMS_LOG_FORMAT", f"must be console or json, not {log_format}.")
    return Settings(
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=_database(get("SMS_DATABASE_URL"), data_dir),
        public_url=_public(get("SMS_PUBLIC_URL", f"http://{_bracketed(host)}:{port}")),
        secret_key=_secret("SMS_SECRET_KEY", get("SMS_SECRET_KEY")),
        secret_key_old=_secret("SMS_SECRET_KEY_OLD", get("SMS_SECRET_KEY_OLD")),
        demo=demo,
        sender=_switch("SMS_SENDER", get("SMS_SENDER", "on")),
        metrics_token=get("SMS_METRICS_TOKEN"),
        log_format="json" if log_format == "json" else "console",
        traces_url=_collector(get("OTEL_EXPORTER_OTLP_ENDPOINT")),
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise WrongSetting("SMS_PORT", f"must be a port number from 0 to 65535, not {text}.")
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text.lower() in ("1", "on", "true", "yes"):
        return True
    if text.lower() in ("0", "off", "false", "no"):
        return False
    raise WrongSetting(name, f"must be on or off, not {text}.")


def _database(url: str | None, data_dir: Path) -> str:
    if url is None:
        return f"sqlite:///{data_dir / 'sms.db'}"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise WrongSetting("SMS_DATABASE_URL", "must begin with postgresql:// (or sqlite:/// for a file).")


def _public(url: str) -> str:
    if not _is_address(url):
        raise WrongSetting(
            "SMS_PUBLIC_URL", f"must be an address such as https://sms.example.org, not {url}."
        )
    return url.rstrip("/")


def _collector(url: str | None) -> str | None:
    if url is not None and not _is_address(url):
        raise WrongSetting(
            "OTEL_EXPORTER_OTLP_ENDPOINT", f"must be an address such as http://127.0.0.1:4318, not {url}."
        )
    return url.rstrip("/") if url else None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    bare = not parts.query and not parts.fragment and not parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare


def _secret(name: str, key: str | None) -> str | None:
    if key is not None and len(key) < 32:
        raise WrongSetting(name, "must have 32 characters or more.")
    return key


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
