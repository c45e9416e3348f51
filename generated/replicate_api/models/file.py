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

    pass


@attrs.define(kw_only=True)
class File:
    """An uploaded file.

    Args:
        checksums: Checksums of a file's content, in hexadecimal.
        size: In bytes.
        urls: Where a file can be reached.
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
        """Read the object from JSON, whatever it holds.

        Args:
            source: The JSON object; it is kept, not copied.
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
        """Return the object as JSON: what it was read from, with what has changed since."""
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
        """What the API gave beyond the fields that it documents."""
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
