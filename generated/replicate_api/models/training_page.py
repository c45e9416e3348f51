# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import each, getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .training import Training


@attrs.define(kw_only=True)
class TrainingPage:
    """A page of trainings.

    Args:
        next: The URL of the next page. Null on the last page.
        previous: The URL of the previous page. Null on the first page.
        results: The items of the page.
    """

    next: str | None = None
    previous: str | None = None
    results: list[Training] | None = None
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
            next=get("next"),
            previous=get("previous"),
            results=each(lambda item: parsed(models.Training.from_dict, item), get("results")),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source, {"next": self.next, "previous": self.previous, "results": self.results}
        )

    def __len__(self) -> int:
        return len(self.results or ())

    def __iter__(self) -> Iterator[Training]:
        return iter(self.results or ())

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("next", "previous", "results"))
