# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import getter, parsed
from ..encoding import unparsed
from ..timestamps import timestamp

if TYPE_CHECKING:
    from .file_checksums import FileChecksums
    from .file_urls import FileUrls


@attrs.define(kw_only=True)
class File:
    """An uploaded file.

    Args:
        checksums: Checksums of the content of a file.
        content_type: The media type of the file.
        created_at: Time when the file was uploaded.
        expires_at: Time when the file expires. Null if it never expires.
        id: The ID of the file.
        metadata: The JSON object that was sent with the upload.
        size: The size in bytes.
        urls: The URLs of a file.
        etag: The ETag of the content.
        name: The name of the file.
    """

    checksums: FileChecksums
    content_type: str
    created_at: datetime
    expires_at: datetime | None
    id: str
    metadata: dict[str, Any]
    size: int
    urls: FileUrls
    etag: str | None = None
    name: str | None = None
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
            checksums=parsed(models.FileChecksums.from_dict, get("checksums")),
            content_type=get("content_type"),
            created_at=timestamp(get("created_at")),
            expires_at=timestamp(get("expires_at")),
            id=get("id"),
            metadata=get("metadata"),
            size=get("size"),
            urls=parsed(models.FileUrls.from_dict, get("urls")),
            etag=get("etag"),
            name=get("name"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "checksums": self.checksums,
                "content_type": self.content_type,
                "created_at": self.created_at,
                "expires_at": self.expires_at,
                "id": self.id,
                "metadata": self.metadata,
                "size": self.size,
                "urls": self.urls,
                "etag": self.etag,
                "name": self.name,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    (
        "checksums",
        "content_type",
        "created_at",
        "expires_at",
        "id",
        "metadata",
        "size",
        "urls",
        "etag",
        "name",
    )
)
