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
    """A version of a model.

    Args:
        cog_version: The version of Cog that built the model.
        created_at: Time when the version was created.
        id: The ID of the version: 64 hexadecimal digits.
        openapi_schema: An OpenAPI document. Its schemas Input and Output describe the input and
            output of the model.
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
        """Create the object from JSON. A value of an unexpected type is kept unchanged.

        Args:
            source: The JSON object. It is stored, not copied.
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
        """Return the object as JSON: the JSON that it was created from, with later changes."""
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
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("cog_version", "created_at", "id", "openapi_schema"))
