# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed
from ..timestamps import timestamp


@attrs.define(kw_only=True)
class ModelVersion:
    """One version of a model.

    Args:
        id: 64 hexadecimal digits.
        openapi_schema: An OpenAPI document whose Input and Output schemas describe the model.
    """

    cog_version: str | None = None
    created_at: datetime | None = None
    id: str | None = None
    openapi_schema: dict[str, Any] | None = None
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
            cog_version=get("cog_version"),
            created_at=timestamp(get("created_at")),
            id=get("id"),
            openapi_schema=get("openapi_schema"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "cog_version": self.cog_version,
                "created_at": self.created_at,
                "id": self.id,
                "openapi_schema": self.openapi_schema,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("cog_version", "created_at", "id", "openapi_schema"))
