"""Names that a document must not give twice, since one of the two could not be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi_python_client.strings import pascal_case, snake_case

from apispec.document import operations
from apispec.prepare import attributes_of, module_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from apispec.document import Document

# What replicate_ext's clients do themselves hides what the document has under the same name.
OWN_NAMES = (
    *("aclose", "close", "get_async_httpx_client", "get_httpx_client", "paginate", "request"),
    *("run", "stream", "wait", "predictions.run", "predictions.stream", "predictions.wait"),
)
_RESOURCES_OF_ALL = "api"
_MEND = "rename one with an overlay in scripts/apispec/data"


def require_distinct(document: Document, imported: Collection[str]) -> None:
    """Check that every operation and every schema can be reached under its name.

    Args:
        document: The document to generate from.
        imported: What the generated modules import, beside the schemas.

    Raises:
        ValueError: A name is taken.
    """
    modules: dict[tuple[str, str], str] = {}
    ids = {".".join(attributes_of(name)): name for name in operations(document)}
    for operation_id in operations(document):
        other = modules.setdefault(module_of(operation_id), operation_id)
        if other != operation_id:
            raise ValueError(f"{operation_id} and {other} want the same module; {_MEND}")
        parts = attributes_of(operation_id)
        if not all(part.isidentifier() for part in parts):
            raise ValueError(f"{operation_id}: it has a part that is no name in Python; {_MEND}")
        beginnings = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        for beginning in beginnings[:-1]:
            if beginning in ids:
                raise ValueError(f"{operation_id} is under the method {ids[beginning]}; {_MEND}")
        for beginning in {*beginnings} & {*OWN_NAMES}:
            raise ValueError(f"{operation_id}: the clients' own {beginning} hides it; {_MEND}")
        if parts[0] == _RESOURCES_OF_ALL:
            raise ValueError(f"{operation_id}: the package of all operations has its name; {_MEND}")
    _require_distinct_schemas(document, imported)


def _require_distinct_schemas(document: Document, imported: Collection[str]) -> None:
    files: dict[str, str] = {}
    for schema in document.get("components", {}).get("schemas", {}):
        other = files.setdefault(snake_case(pascal_case(schema)), schema)
        if other != schema:
            raise ValueError(f"The schemas {other} and {schema} want the same module; {_MEND}")
        if pascal_case(schema) in imported:
            raise ValueError(f"The schema {schema} is named like an import; {_MEND}")
