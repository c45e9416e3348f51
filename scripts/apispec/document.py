"""Reading and writing OpenAPI documents."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Document: TypeAlias = dict[str, Any]
"""A JSON object: a whole OpenAPI document or a part of one."""


def read(source: str) -> Document:
    """Read a document in JSON or YAML from a path or an http(s) URL.

    Args:
        source: Path of a file, or a URL.

    Raises:
        OSError: The file cannot be read.
        httpx.HTTPError: The URL cannot be read.
        ValueError: The content is not an OpenAPI document.
    """
    if source.startswith(("https://", "http://")):
        response = httpx.get(source, timeout=30, follow_redirects=True)
        text = response.raise_for_status().text
    else:
        text = Path(source).read_text(encoding="utf-8")
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error


def parse(text: str) -> Document:
    """Parse a document in JSON or YAML.

    Args:
        text: The document.

    Raises:
        ValueError: The text is not an OpenAPI document.
    """
    try:
        if text.lstrip().startswith("{"):
            document = json.loads(text, object_pairs_hook=_without_duplicates)
        else:
            document = yaml.load(text, _PlainLoader)  # noqa: S506 - it extends the safe loader
        return plain(document)
    except yaml.YAMLError as error:
        raise ValueError(f"neither JSON nor YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def plain(document: object) -> Document:
    """Return the document with string keys, after checking that JSON can express its values.

    Args:
        document: The parsed YAML or JSON.

    Raises:
        ValueError: The value is not an OpenAPI document, or JSON cannot express it.
    """
    if not isinstance(document, dict) or "paths" not in document:
        raise ValueError("not an OpenAPI document: it has no paths")
    try:
        made: Document = _plain(document)
    except RecursionError as error:
        raise ValueError("the document is nested too deeply, or contains itself") from error
    return made


def _plain(node: object) -> Any:
    if isinstance(node, dict):
        return {_key(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if node is None or isinstance(node, str | bool | int):
        return node
    if isinstance(node, float) and math.isfinite(node):
        return node
    raise ValueError(f"{node!r} is not valid JSON")


def _key(key: object) -> str:
    """Return a key as a string: YAML reads an unquoted status as a number."""
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise ValueError(f"the key {key!r} must be a string")  # noqa: TRY004 - an invalid document
    return str(key)


def _without_duplicates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return an object; reject a key that occurs twice, since the first value would be lost."""
    made: dict[Any, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"the key {key!r} occurs twice in one object")
        made[key] = value
    return made


def write(path: Path, document: Document, header: str) -> None:
    """Write a document as YAML with sorted keys, so that equal documents make equal files.

    Args:
        path: The file to write.
        document: The document.
        header: Comment lines for the top of the file, each beginning with ``#``.
    """
    text = yaml.dump(
        document, Dumper=_PlainDumper, sort_keys=True, allow_unicode=True, default_flow_style=False
    )
    path.write_text(header + text, encoding="utf-8", newline="\n")


class _PlainLoader(yaml.SafeLoader):
    """A loader that reads strings as YAML 1.2 does: ``no`` and dates are strings."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the base class's signature
        pairs = [(self.construct_object(key, deep=True), key) for key, _ in node.value]
        _without_duplicates([(key, None) for key, one in pairs if one.tag != _MERGE])
        return super().construct_mapping(node, deep)


_MERGE = "tag:yaml.org,2002:merge"
_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
)


class _PlainDumper(yaml.SafeDumper):
    """A dumper that repeats shared parts instead of writing anchors, which are hard to read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def calls(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Yield the method in lower case, the path and the content of every operation with an id.

    Args:
        document: An OpenAPI document.
    """
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield method, path, operation


def operations(document: Document) -> dict[str, Document]:
    """Return every operation by its id, in the order of the ids.

    Args:
        document: An OpenAPI document.

    Raises:
        ValueError: Two operations have the same id.
    """
    found: dict[str, Document] = {}
    places: dict[str, str] = {}
    for method, path, operation in calls(document):
        operation_id, place = operation["operationId"], f"{method.upper()} {path}"
        if operation_id in found:
            raise ValueError(
                f"{operation_id}: {places[operation_id]} and {place} have this operationId; "
                "each operation needs its own"
            )
        found[operation_id], places[operation_id] = operation, place
    return dict(sorted(found.items()))
