"""Checking that names do not clash with each other, with names of the clients, or with imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi_python_client.strings import pascal_case, snake_case

from apispec.document import operations
from apispec.prepare import attributes_of, module_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from apispec.document import Document

# Names of attributes that the clients of replicate_ext define; they would hide an operation.
OWN_NAMES = (
    *(
        "aclose",
        "base_url",
        "bind",
        "close",
        "get_async_httpx_client",
        "get_httpx_client",
        "paginate",
        "with_options",
    ),
    *("request", "run", "stream", "wait"),
    *("predictions.run", "predictions.stream", "predictions.wait"),
)
_RESOURCES_OF_ALL = "api"
_ADVICE = "rename one in an overlay in scripts/apispec/data"


def require_distinct(document: Document, imported: Collection[str]) -> None:
    """Check that no name of an operation or a schema clashes with another one.

    Args:
        document: The document to generate from.
        imported: Names that the generated modules import, besides the schemas.

    Raises:
        ValueError: A name is already in use.
    """
    modules: dict[tuple[str, str], str] = {}
    ids = {".".join(attributes_of(name)): name for name in operations(document)}
    for operation_id in operations(document):
        other = modules.setdefault(module_of(operation_id), operation_id)
        if other != operation_id:
            raise ValueError(f"{operation_id} and {other} have the same module name; {_ADVICE}")
        parts = attributes_of(operation_id)
        if not all(part.isidentifier() for part in parts):
            raise ValueError(f"{operation_id}: one part is not a valid Python name; {_ADVICE}")
        beginnings = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        for beginning in beginnings[:-1]:
            if beginning in ids:
                raise ValueError(
                    f"{operation_id}: its group {ids[beginning]} is an operation too; {_ADVICE}"
                )
        for beginning in {*beginnings} & {*OWN_NAMES}:
            raise ValueError(
                f"{operation_id}: the clients already have an attribute {beginning}; {_ADVICE}"
            )
        if parts[0] == _RESOURCES_OF_ALL:
            raise ValueError(f"{operation_id}: the name {parts[0]} is reserved; {_ADVICE}")
    _require_distinct_schemas(document, imported)


def _require_distinct_schemas(document: Document, imported: Collection[str]) -> None:
    files: dict[str, str] = {}
    for schema in document.get("components", {}).get("schemas", {}):
        other = files.setdefault(snake_case(pascal_case(schema)), schema)
        if other != schema:
            raise ValueError(
                f"The schemas {other} and {schema} have the same module name; {_ADVICE}"
            )
        if pascal_case(schema) in imported:
            raise ValueError(f"The schema {schema} has the same name as an import; {_ADVICE}")
