"""Small OpenAPI documents."""

from __future__ import annotations

from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

STRING: Document = {"type": "string"}


def obj(**fields: Document) -> Document:
    return {"type": "object", "properties": fields}


def ref(name: str, kind: str = "schemas") -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


def answer(schema: Document, **more: object) -> Document:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}, **more}}}


def get(operation_id: str, schema: Document, **more: object) -> Document:
    return {"get": {"operationId": operation_id, **answer(schema), **more}}


def published(paths: Document, schemas: Document | None = None, **components: object) -> Document:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Boats", "version": "1.0", "description": "All about boats."},
        "servers": [{"url": "https://boats.test/v1", "description": "The harbour"}],
        "security": [],
        "paths": paths,
        "components": {"schemas": schemas or {}, "securitySchemes": {}, **components},
    }


def boats(schema: Document, **schemas: Document) -> Document:
    return published({"/boats": get("boats.get", schema)}, schemas)
