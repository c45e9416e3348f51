"""Changes of published documents that are reported after normalizing them."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from apispec.changes import changes
from apispec.normalize import normalize

Document: TypeAlias = dict[str, Any]

STRING: Document = {"type": "string"}
BOAT: Document = {"$ref": "#/components/schemas/boat"}
BEARER: Document = {"type": "http", "scheme": "bearer"}
KEY: Document = {"type": "apiKey", "in": "header", "name": "X-Key"}
OAUTH: Document = {
    "type": "oauth2",
    "flows": {
        "clientCredentials": {"tokenUrl": "https://t.test", "scopes": {"write": "Prose"}},
    },
}


def answer(schema: object, **more: object) -> Document:
    return {"content": {"application/json": {"schema": schema}}, **more}


def published(response: Document | None = None, **more: object) -> Document:
    """A document with one operation, and other optional members.

    Args:
        response: The answer of the operation.
        more: The document's own members; ``item`` and ``operation`` go to the path and into it.
    """
    operation = {
        "operationId": "boats.get",
        "responses": {"200": response or {}},
        **more.pop("operation", {}),  # type: ignore[dict-item] # it is a dictionary if it is given
    }
    item: Any = more.pop("item", {})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Boats", "version": "1"},
        "paths": {"/boats": {"get": operation, **item}},
        "components": {"schemas": {"boat": {"type": "object", "properties": {"id": STRING}}}},
        **more,
    }


def said(old: Document, new: Document) -> list[str]:
    return [str(change) for change in changes(normalize(old, {}), normalize(new, {}))]


def webhook(status: Document) -> Document:
    schema = {"type": "object", "properties": {"status": status}}
    operation = {"requestBody": answer(schema), "responses": {"200": {"description": "Prose"}}}
    return {"webhooks": {"summary": {"post": operation}}}


def secured(scheme: Document) -> Document:
    components = {"schemas": {}, "securitySchemes": {"x-auth": scheme}}
    return published(components=components, security=[{"x-auth": []}])


CASES: list[tuple[str, Document, Document, list[str]]] = [
    (
        "what stands next to a reference",
        published(answer(BOAT)),
        published(answer({**BOAT, "deprecated": True})),
        ["compatible: boats.get: response 200 (application/json): becomes deprecated"],
    ),
    (
        "null next to a reference",
        published(answer(BOAT)),
        published(answer({**BOAT, "nullable": True})),
        ["breaking: boats.get: response 200 (application/json): becomes nullable"],
    ),
    (
        "a header that is named like an extension",
        published({"headers": {"x-limit": {"schema": STRING}}}),
        published(),
        ["breaking: boats.get: response 200 header x-limit: removed"],
    ),
    (
        "a header that is named like prose",
        published({"headers": {"summary": {"schema": STRING}}}),
        published({"headers": {"summary": {"schema": {"type": "integer"}}}}),
        ["breaking: boats.get: response 200 header summary: type changed: string → integer"],
    ),
    (
        "the servers of a path",
        published(),
        published(item={"servers": [{"url": "https://b.test"}]}),
        ['breaking: boats.get: operation: servers changed: [] → [{"url": "https://b.test"}]'],
    ),
    (
        "a constant that is false",
        published(answer({"const": True})),
        published(answer({"const": False})),
        [
            (
                "breaking: boats.get: response 200 (application/json): "
                "keyword changed: const true → false"
            )
        ],
    ),
    (
        "a value that looks like prose",
        published(answer({"type": "object", "default": {"summary": 1}})),
        published(answer({"type": "object", "default": {"summary": 2}})),
        [
            (
                "compatible: boats.get: response 200 (application/json): default changed: "
                '{"summary": 1} → {"summary": 2}'
            )
        ],
    ),
    (
        "a webhook that is new",
        published(),
        published(**webhook({**STRING, "enum": ["done"]})),
        ["compatible: webhook POST summary: POST summary: operation added"],
    ),
    (
        "another value in a webhook, which is read here",
        published(**webhook({**STRING, "enum": ["done"]})),
        published(**webhook({**STRING, "enum": ["done", "late"]})),
        ['breaking: webhook POST summary: request status: enum value added: "late"'],
    ),
    (
        "an API key in place of a token",
        secured(BEARER),
        secured(KEY),
        [("breaking: boats.get: operation: security tightened: http bearer → apiKey header X-Key")],
    ),
    (
        "OAuth in place of a token",
        secured(BEARER),
        secured(OAUTH),
        [
            (
                "breaking: boats.get: operation: security tightened: http bearer → oauth2 "
                '{"clientCredentials": {"scopes": {"write": ""}, "tokenUrl": "https://t.test"}}'
            )
        ],
    ),
    (
        "a boolean schema",
        published(answer({"type": "object", "properties": {"id": STRING}})),
        published(answer({"type": "object", "properties": {"id": True}})),
        ["breaking: boats.get: response 200 id: type widened: string → any"],
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_report_covers(old: Document, new: Document, lines: list[str]) -> None:
    assert said(old, new) == lines
    assert said(new, new) == []


def test_the_mark_of_repeatable_operations_is_kept() -> None:
    marked = published(operation={"x-repeatable": True, "x-other": 1})
    assert normalize(marked, {})["paths"]["/boats"]["get"]["x-repeatable"] is True
    assert "x-other" not in normalize(marked, {})["paths"]["/boats"]["get"]
    assert said(marked, published()) == ["breaking: boats.get: operation: no longer repeatable"]


def test_the_mark_of_handwritten_operations_is_no_change_of_the_api() -> None:
    marked = published(operation={"x-handwritten": True})
    assert changes(published(), marked) == changes(marked, published()) == []
    assert "x-handwritten" not in normalize(marked, {})["paths"]["/boats"]["get"]
