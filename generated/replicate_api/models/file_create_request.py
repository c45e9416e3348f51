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
    """Parameters for uploading a file.

    Args:
        content: The content of the file.
        filename: The name of the file, at most 255 bytes.
        metadata: A JSON object to store with the file.
        type: The media type of the file.
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
        """Create the object from JSON. A value of an unexpected type is kept unchanged.

        Args:
            source: The JSON object. It is stored, not copied.
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
        """Return the object as JSON: the JSON that it was created from, with later changes."""
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
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("content", "filename", "metadata", "type"))
