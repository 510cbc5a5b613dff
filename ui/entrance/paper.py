"""Plain pages: everything that is written on them is escaped, whoever wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fastapi.responses import HTMLResponse

from ui import assets, shell

STYLES = ("tokens.css", "theme.css", "entrance.css")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    complete: str = "off"
    hint: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What is posted back to `action`; `kept` goes along unseen."""

    action: str
    button: str
    fields: Sequence[Field]
    kept: Sequence[tuple[str, str]] = ()


def page(
    title: str,
    lead: str = "",
    form: Form | None = None,
    *,
    problem: str = "",
    note: str = "",
    way_out: tuple[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """A page with a form, or with words only; `way_out` is the label and path of a link."""
    styles = "".join(f'<link rel="stylesheet" href="{escape(assets.url(name))}">' for name in STYLES)
    mark = escape(assets.url("favicon.svg"))
    body = "".join(
        (
            f'<header class="door-brand"><img src="{mark}" alt=""> {escape(shell.BRAND)}</header>',
            '<main class="door panel">',
            f"<h1>{escape(title)}</h1>",
            f'<p class="muted">{escape(lead)}</p>' if lead else "",
            f'<p class="door-problem" role="alert" id="problem">{escape(problem)}</p>' if problem else "",
            _form(form, bool(problem)) if form else "",
            f'<p class="muted small">{escape(note)}</p>' if note else "",
            f'<p><a href="{escape(way_out[1])}">{escape(way_out[0])}</a></p>' if way_out else "",
            "</main>",
        )
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en-US"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {escape(shell.BRAND)}</title>"
        f'<link rel="icon" href="{mark}">'
        f'<script src="{escape(assets.url("theme.js"))}"></script>{styles}</head>'
        f'<body class="door-body">{body}</body></html>',
        status_code=status,
        headers={"cache-control": "no-store", "referrer-policy": "same-origin"},
    )


def _form(form: Form, wrong: bool) -> str:
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.kept
    )
    first = next((field.name for field in form.fields if not field.fixed and not field.value), "")
    fields = "".join(_field(field, wrong=wrong, focus=field.name == first) for field in form.fields)
    return (
        f'<form method="post" action="{escape(form.action)}">{kept}{fields}'
        f'<button type="submit" class="door-button">{escape(form.button)}</button></form>'
    )


def _field(field: Field, *, wrong: bool, focus: bool) -> str:
    described = " ".join(
        name for name in (f"{field.name}-hint" if field.hint else "", "problem" if wrong else "") if name
    )
    attributes = "".join(
        (
            f' aria-describedby="{escape(described)}"' if described else "",
            ' readonly class="is-fixed"' if field.fixed else " required",
            " autofocus" if focus else "",
        )
    )
    hint = f'<span class="muted small" id="{escape(field.name)}-hint">{escape(field.hint)}</span>'
    return (
        f'<div class="door-field"><label for="{escape(field.name)}">{escape(field.label)}</label>'
        f'<input id="{escape(field.name)}" name="{escape(field.name)}" type="{escape(field.type)}" '
        f'value="{escape(field.value)}" autocomplete="{escape(field.complete)}" maxlength="200" '
        f'autocapitalize="none" spellcheck="false"{attributes}>{hint if field.hint else ""}</div>'
    )
