"""Operations and schemas that the templates do not support are refused by name."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

import pytest
from apispec.clashes import require_distinct
from apispec.limits import base_url
from apispec.prepare import prepare

Document: TypeAlias = dict[str, Any]

TEXT: Document = {"type": "string"}
LIST: Document = {"type": "array", "items": TEXT}
OBJECT: Document = {"type": "object", "properties": {"id": TEXT}}
JSON = "application/json"


def document(operation: Document, *, call: str = "get /boats", **more: object) -> Document:
    """A document with one operation, and additional members of the path and the document."""
    method, path = call.split()
    operation = {"operationId": "boats.get", "responses": {"204": {}}, **operation}
    item: Any = {method: operation, **more.pop("item", {})}  # type: ignore[dict-item] # as above
    return {
        "info": {"title": "Boats", "version": "1"},
        "paths": {path: item},
        "components": {"schemas": {}},
        **more,
    }


def taking(schema: object = TEXT, place: str = "query", **more: object) -> Document:
    return {"parameters": [{"in": place, "name": "q", "schema": schema, **more}]}


def sending(media: str, schema: Document) -> Document:
    return {"requestBody": {"content": {media: {"schema": schema}}}}


def secured(**schemes: Document) -> Document:
    security: list[Document] = [{name: [] for name in schemes}]
    components = {"schemas": {}, "securitySchemes": schemes}
    return document({}, security=security, components=components)


def holding(schema: object) -> Document:
    return document({}, components={"schemas": {"Boat": schema, "Other": OBJECT}})


REF: Document = {"$ref": "#/components/schemas/Other"}
KEY: Document = {"type": "apiKey", "in": "header", "name": "X-Key"}
BASIC: Document = {"type": "http", "scheme": "basic"}
BEARER: Document = {"type": "http", "scheme": "Bearer"}
HERE, THERE = ([{"url": f"https://{name}.test"}] for name in "ab")

REFUSED: list[tuple[Document, str]] = [
    (document({}, call="trace /boats"), "boats.get: the method TRACE is not supported"),
    (document({}, call="copy /boats"), "boats.get: the method COPY is not supported"),
    (document({"servers": THERE}, servers=HERE), "boats.get: servers of an operation are not"),
    (
        document({}, servers=HERE, item={"servers": THERE}),
        "boats.get: servers of an operation are not",
    ),
    (document({}, servers=[{"url": "/v1"}]), "the document: the server '/v1' is not an absolute"),
    (document({}, servers=[{"url": "https://{a}.test"}]), "the document: the server 'https://{a}"),
    (secured(key=KEY), "boats.get: the credentials apiKey are not supported; use a bearer"),
    (secured(key=KEY, bearer=BEARER), "boats.get: the credentials apiKey, http are"),
    (secured(basic=BASIC), "boats.get: the credentials http are"),
    (document({"security": [{"a": []}]}), "boats.get: the security scheme a is not defined"),
    (document(taking(place="cookie")), "boats.get: the cookie q is not supported"),
    (document(taking(LIST, explode=False)), "boats.get: explode: false of q is not"),
    (document(taking(OBJECT, style="deepObject")), "boats.get: the style deepObject of q is"),
    (document(taking(LIST, style="pipeDelimited")), "boats.get: the style pipeDelimited of q"),
    (document(taking(OBJECT)), "boats.get: the type object of q is not supported in a query"),
    (
        document(taking(LIST, "header")),
        "boats.get: the type array of q is not supported in a header",
    ),
    (
        document(taking(LIST, "path", required=True), call="get /boats/{q}"),
        "boats.get: the type array of q is not supported in a path",
    ),
    (document({}, call="get /boats/{id}"), "boats.get: the path /boats/{id} does not match its"),
    (
        document(taking(place="path")),
        "boats.get: the path /boats does not match its parameters (q)",
    ),
    (document({}, call="get /boats?a=1"), "boats.get: the path /boats?a=1 does not match"),
    (
        document(sending("multipart/form-data", TEXT)),
        "boats.get: a body as multipart/form-data needs a schema with properties",
    ),
    (
        document({"responses": {"default": {}}}),
        "boats.get: it has no 2xx response; the default response may be an error",
    ),
    (holding({"enum": []}), "the schema Boat: an enum must have a value"),
    (
        holding({**REF, "properties": {}}),
        "the schema Boat: properties next to the reference #/components",
    ),
    (
        document({"responses": {"200": {"content": {JSON: {"schema": {**REF, "type": "object"}}}}}})
        | {"components": {"schemas": {"Other": OBJECT}}},
        "boats.get: type next to the reference #/components/schemas/Other is not supported",
    ),
]


@pytest.mark.parametrize(("source", "message"), REFUSED, ids=[case[1] for case in REFUSED])
def test_unsupported_operations_and_schemas_are_refused_by_name(
    source: Document, message: str
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        prepare(source)
    assert str(caught.value).startswith(message)
    assert "scripts/apispec/data" in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        document({"servers": HERE}, servers=HERE, item={"servers": HERE}),
        document({"security": []}, **{key: secured(key=KEY)[key] for key in ("components",)}),
        secured(a=BEARER),
        secured(a={"type": "oauth2", "flows": {}}),
        secured(a={"type": "openIdConnect", "openIdConnectUrl": "https://a.test"}),
        document(taking(explode=False)),
        document(taking(LIST, style="form", explode=True)),
        document(taking({"oneOf": [TEXT, OBJECT]})),
        document(taking(True)),  # noqa: FBT003 - a schema
        document(taking(place="path"), call="get /boats/{q}"),
        document({"responses": {"302": {}, "default": {}}}),
        holding({**REF, "deprecated": True, "maxProperties": 3}),
        {"info": {"title": "Boats", "version": "1"}, "paths": {}},
    ],
)
def test_supported_operations_and_schemas_are_accepted(source: Document) -> None:
    before = copy.deepcopy(source)
    prepare(source)
    assert source == before


def test_the_base_url_is_that_of_the_first_server() -> None:
    assert base_url(document({}, servers=[*HERE, *THERE])) == "https://a.test"
    assert base_url(document({})) == ""


def test_two_schemas_with_one_module_name_are_refused() -> None:
    schemas = {"components": {"schemas": {"ABC": OBJECT, "Abc": OBJECT}}}
    with pytest.raises(ValueError, match=r"The schemas ABC and Abc have the same module name"):
        require_distinct({**document({}), **schemas}, ())
