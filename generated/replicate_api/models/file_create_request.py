# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import parts, unparsed
from ..types import FileContent, FilePart, Upload


@attrs.define(kw_only=True)
class FileCreateRequest:
    """What uploads a file.

    Args:
        content: The file itself.
        filename: Its name, at most 255 bytes.
        metadata: A JSON object of the caller's own.
        type: Its media type.
    """

    content: Upload | FileContent
    filename: str | None = None
    metadata: dict[str, Any] | None = None
    type: str | None = None
    _source: Mapping[str, Any] = attrs.field(
        factory=dict[str, Any], init=False, repr=False, eq=False
    )

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read the object from JSON, whatever it holds.

        Args:
            source: The JSON object; it is kept, not copied.
        """
        get = getter(source)
        made = cls(
            content=get("content"),
            filename=get("filename"),
            metadata=get("metadata"),
            type=get("type"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "content": self.content,
                "filename": self.filename,
                "metadata": self.metadata,
                "type": self.type,
            },
        )

    def to_multipart(self) -> list[tuple[str, FilePart]]:
        """Return the parts of a multipart body."""
        return parts(
            {
                "content": self.content,
                "filename": self.filename,
                "metadata": self.metadata,
                "type": self.type,
            }
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("content", "filename", "metadata", "type"))
