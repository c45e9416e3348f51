# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class Problem:
    """Problem"""

    detail: str | None = None
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
        made = cls(detail=get("detail"))
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(self._source, {"detail": self.detail})

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("detail",))
