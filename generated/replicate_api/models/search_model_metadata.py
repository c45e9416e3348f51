# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class SearchModelMetadata:
    """Details of a model in the results of a search.

    Args:
        generated_description: A generated description of the model.
        score: The relevance of the model for the query. A higher score is a better match.
        tags: The tags of the model.
    """

    generated_description: str | None = None
    score: float | None = None
    tags: list[str] | None = None
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
            generated_description=get("generated_description"), score=get("score"), tags=get("tags")
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "generated_description": self.generated_description,
                "score": self.score,
                "tags": self.tags,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("generated_description", "score", "tags"))
