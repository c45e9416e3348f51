# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import each, getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .prediction import Prediction

    pass


@attrs.define(kw_only=True)
class PredictionPage:
    """One page of predictions."""

    next: str | None = None
    previous: str | None = None
    results: list[Prediction] | None = None
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
            next=get("next"),
            previous=get("previous"),
            results=each(lambda item: parsed(models.Prediction.from_dict, item), get("results")),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source, {"next": self.next, "previous": self.previous, "results": self.results}
        )

    def __len__(self) -> int:
        return len(self.results or ())

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self.results or ())

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("next", "previous", "results"))
