"""Reading and writing OpenAPI documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import yaml

Document: TypeAlias = dict[str, Any]
"""A JSON object: a whole OpenAPI document or a part of one."""


def read(source: str) -> Document:
    """Read a document from a path or an http(s) URL; both JSON and YAML are understood.

    Args:
        source: A file's path, or a URL.

    Raises:
        OSError: The file cannot be read.
        httpx.HTTPError: The URL cannot be read.
        ValueError: What was read is not an OpenAPI document.
    """
    if source.startswith(("https://", "http://")):
        answer = httpx.get(source, timeout=30, follow_redirects=True).raise_for_status()
        text = answer.text
    else:
        text = Path(source).read_text(encoding="utf-8")
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{source} is neither JSON nor YAML: {error}") from error
    if not isinstance(document, dict) or "paths" not in document:
        raise ValueError(f"{source} is not an OpenAPI document: it has no paths")
    return document


def write(path: Path, document: Document, header: str) -> None:
    """Write a document as YAML with sorted keys, so that equal documents are equal files.

    Args:
        path: The file to write.
        document: What to write.
        header: Comment lines for the top of the file, each with its ``#``.
    """
    text = yaml.dump(
        document, Dumper=_PlainDumper, sort_keys=True, allow_unicode=True, default_flow_style=False
    )
    path.write_text(header + text, encoding="utf-8", newline="\n")


class _PlainDumper(yaml.SafeDumper):
    """A dumper that writes shared parts out each time: anchors make a document hard to read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def operations(document: Document) -> dict[str, Document]:
    """Return every operation by its id, in the order of the ids.

    Args:
        document: An OpenAPI document.
    """
    found = {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    return dict(sorted(found.items()))
