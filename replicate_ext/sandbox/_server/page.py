"""The page at `/`, which shows models and recent predictions. It changes nothing.

It is plain HTML without scripts. All values are escaped, and a header lets the browser load only
the sandbox's own files and data URIs.
"""

import json
import mimetypes
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._faults.injection import Faults
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.prediction import Prediction
from replicate_ext.sandbox._server.records import Records

SHOWN = 50
"""Number of predictions and webhooks on the page."""
LONGEST = 2_000
"""Maximum number of characters of a text that are shown."""
LARGEST_DATA = 1_000_000
"""Maximum length of a data URI that is shown as a picture, audio or video."""

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; img-src 'self' data:; media-src 'self' data:; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .2rem .8rem .2rem 0 }
th { text-align: left; font-weight: 600 } tr { border-bottom: 1px solid #8883 }
article { border: 1px solid #8885; border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem }
pre { background: #8881; overflow: auto; padding: .5rem; white-space: pre-wrap }
img, video { max-height: 16rem; max-width: 100% } .succeeded { color: #178a3a }
.failed, .aborted { color: #c22 } .canceled { color: #888 } small { color: #888 }
"""
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters, at least",
    "maxLength": "characters, at most",
    "pattern": "pattern",
    "enum": "one of",
}


class Page:
    """The route of the page.

    Args:
        origin: scheme, host and port of the server.
        models: the store of models.
        jobs: the store of predictions.
        records: the record of webhooks.
        faults: planned faults.
    """

    def __init__(
        self, origin: str, models: Models, jobs: Jobs, records: Records, faults: Faults
    ) -> None:
        self._origin = origin
        self._models = models
        self._jobs = jobs
        self._records = records
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to the root of the server."""
        return [Route("/", self._get)]

    async def _get(self, _request: Request) -> Response:
        predictions = self._jobs.all(Prediction)[: -SHOWN - 1 : -1]
        deliveries = list(self._records.deliveries)[: -SHOWN - 1 : -1]
        faults = [repr(fault) for fault in self._faults.pending]
        if self._faults.latency:
            faults.append(f"latency of {self._faults.latency} s")
        hooks = [
            (one.event, one.url, f"attempt {one.attempt}", f"status {one.status}")
            for one in deliveries
        ]
        body = "".join(
            (
                f"<h1>Replicate sandbox</h1><p>{_text(self._origin)}/v1</p>",
                _section("Models", map(_model, self._models.all())),
                _section("Predictions", (self._prediction(one) for one in predictions)),
                _section("Webhooks", [_table(hooks)] if hooks else []),
                _section("Faults in effect", (f"<pre>{_text(fault)}</pre>" for fault in faults)),
            )
        )
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8">'
            f"<title>Replicate sandbox</title><style>{_STYLE}</style><body>{body}</body></html>"
        )
        return HTMLResponse(page.encode(errors="replace"), headers=_HEADERS)

    def _prediction(self, prediction: Prediction) -> str:
        shown = cast("dict[str, Any]", prediction.to_dict())
        times: dict[str, str] = {
            name: str(shown[name]) for name in ("created_at", "completed_at") if name in shown
        }
        numbers = {
            name: f"{value:.3f}" if isinstance(value, float) else str(value)
            for name, value in shown.get("metrics", {}).items()
        }
        error = f"<h4>Error</h4><pre>{_text(shown['error'])}</pre>" if shown["error"] else ""
        logs = f"<h4>Logs</h4><pre>{_text(shown['logs'])}</pre>" if shown["logs"] else ""
        return (
            f"<article><h3>{_text(shown['model'])} "
            f'<span class="{_text(shown["status"])}">{_text(shown["status"])}</span></h3>'
            f"<small>{_text(shown['id'])} {_text(_pairs({**times, **numbers}))}</small>"
            f"<h4>Input</h4><pre>{_text(_json(shown['input']))}</pre>"
            f"<h4>Output</h4>{self._output(shown['output'])}{error}{logs}</article>"
        )

    def _output(self, value: object) -> str:
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        if items and all(isinstance(item, str) and self._kind(item) == "" for item in items):
            return f"<pre>{_text(''.join(map(str, items)))}</pre>"
        return "".join(map(self._item, items))

    def _item(self, value: object) -> str:
        kind = self._kind(value) if isinstance(value, str) else ""
        source = escape(str(value), quote=True)
        match kind:
            case "image":
                return f'<img alt="output" src="{source}">'
            case "audio" | "video":
                return f'<{kind} controls src="{source}"></{kind}>'
            case _:
                text = value if isinstance(value, str) else _json(value)
                return f"<pre>{_text(text)}</pre>"

    def _kind(self, text: str) -> str:
        """Return the first part of the media type of a data URI or output file, else ""."""
        if text.startswith("data:"):
            return text[5:].partition("/")[0] if len(text) <= LARGEST_DATA else "data"
        if not text.startswith(f"{self._origin}/outputs/"):
            return ""
        kind = mimetypes.guess_type(urlsplit(text).path)[0] or "file"
        return kind.partition("/")[0]


def _model(model: Model) -> str:
    schemas = (
        {}
        if model.latest is None
        else cast("Any", model.latest.program.signature.openapi_schema)["components"]["schemas"]
    )
    inputs = schemas.get("Input", {})
    rows = [
        _input(name, schema, schemas, is_required=name in inputs.get("required", ()))
        for name, schema in inputs.get("properties", {}).items()
    ]
    description = model.texts.get("description", "")
    return (
        f"<article><h3>{_text(model.name)}</h3><p>{_text(description)}</p>{_table(rows)}</article>"
    )


def _input(
    name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], *, is_required: bool
) -> tuple[str, ...]:
    [reference] = schema.get("allOf", [{}])
    whole = {**schemas.get(reference.get("$ref", "").rpartition("/")[2], {}), **schema}
    limits = [f"{words} {whole[keyword]}" for keyword, words in _LIMITS.items() if keyword in whole]
    default = f"default {_json(whole['default'])}" if "default" in whole else ""
    kind = str(whole.get("format", whole.get("type", "any")))
    about = str(whole.get("description", "")) if schema.get("description") else ""
    return name, kind, "required" if is_required else default, ", ".join(limits), about


def _section(title: str, parts: Iterable[str]) -> str:
    return f"<h2>{title}</h2>{''.join(parts) or '<p>none</p>'}"


def _table(rows: Iterable[Iterable[str]]) -> str:
    lines = (f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{''.join(lines)}</table>"


def _pairs(values: Mapping[str, str]) -> str:
    return " · ".join(f"{name} {value}" for name, value in values.items())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _text(value: object) -> str:
    text = str(value)
    return escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}…", quote=True)
