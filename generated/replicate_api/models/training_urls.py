# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class TrainingUrls:
    """The URLs of a training.

    Args:
        cancel: The URL to cancel the training.
        get: The URL to get the training.
    """

    cancel: str | None = None
    get: str | None = None
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
        made = cls(cancel=get("cancel"), get=get("get"))
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(self._source, {"cancel": self.cancel, "get": self.get})

    def __getitem__(self, name: str) -> Any:
        return self.to_dict()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_dict())

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("cancel", "get"))
