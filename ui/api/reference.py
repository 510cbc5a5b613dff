"""The API's reference as one plain page, made from the OpenAPI document; it needs nothing from elsewhere."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;
--line:#d8dce3;--soft:#f5f6f8;--muted:#5b6472;--accent:#2c56c9}
@media(prefers-color-scheme:dark){:root{
--line:#333a45;--soft:#1b2027;--muted:#9aa4b2;--accent:#8fb0ff}}
body{font:14px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}a{color:var(--accent)}
article{border:1px solid var(--line);border-radius:8px;padding:.2rem 1rem 1rem;margin:1rem 0}
h3{font-size:1rem}code,pre{font-family:ui-monospace,monospace;font-size:.92em}
pre{background:var(--soft);padding:.7rem;border-radius:6px;overflow-x:auto;white-space:pre-wrap}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .8rem .25rem 0;vertical-align:top}
th{color:var(--muted);font-weight:500}tr{border-top:1px solid var(--line)}
.muted{color:var(--muted)}
"""
METHODS = ("get", "post", "patch", "put", "delete")


def page(document: Mapping[str, Any]) -> str:
    """The whole page as HTML; everything from the document is escaped."""
    operations: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if operation := methods.get(method):
                part = "".join(_operation(method, path, operation))
                operations.setdefault(operation["tags"][0], []).append(part)
    info = document["info"]
    parts = "".join(f"<h2>{escape(tag)}</h2>{''.join(items)}" for tag, items in operations.items())
    introduction = "".join(f"<p>{_text(line)}</p>" for line in info["description"].split("\n\n"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>'
        f"<h1>{escape(info['title'])}</h1>{introduction}"
        f'<p><a href="/api/openapi.json">OpenAPI document</a></p>{_problems()}{parts}</main></body></html>'
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f'<article id="{escape(operation["operationId"])}">'
    yield f"<h3>{escape(operation['summary'])}</h3>"
    yield f"<p><code><b>{method.upper()}</b> /api{escape(path)}</code></p>"
    yield f"<p>{_text(operation.get('description', ''))}</p>"
    if parameters := operation.get("parameters"):
        rows = "".join(_row(p["name"], p["schema"], p.get("description", "")) for p in parameters)
        yield f"<table><tr><th>Parameter</th><th>Type</th><th></th></tr>{rows}</table>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f'<p class="muted">Body, {escape(kind)}</p>{_sample(content)}'
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield f'<p class="muted">Answer {escape(status)}</p>'
            for content in answer.get("content", {}).values():
                yield _sample(content)
    yield "</article>"


def _problems() -> str:
    words = {
        401: "The key is missing, unknown, expired or revoked.",
        403: "The key's role does not allow this.",
        404: "What the address names does not exist.",
        409: "The state of things does not allow this now; the detail says why.",
        413: "The body is too large.",
        415: "The body is of a kind that this address does not take.",
        422: "A value is not valid or breaks a rule; errors names the fields.",
        500: "The program itself failed; what happened is in its log.",
    }
    rows = "".join(
        f'<tr id="problem-{code}"><td>{code}</td><td>{escape(t)}</td></tr>' for code, t in words.items()
    )
    return f"<h2>Problems</h2><table><tr><th>Status</th><th>Meaning</th></tr>{rows}</table>"


def _row(name: str, schema: Mapping[str, Any], text: str) -> str:
    return (
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(_kind(schema))}</td><td>{_text(text)}</td></tr>"
    )


def _kind(schema: Mapping[str, Any]) -> str:
    options = [_kind(option) for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return " or ".join(options)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or "one of its values")


def _sample(content: Mapping[str, Any]) -> str:
    return f"<pre>{escape(json.dumps(content['example'], indent=2, ensure_ascii=False))}</pre>"


def _text(text: str) -> str:
    """Escaped, with `code` as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
