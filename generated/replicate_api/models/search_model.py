# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .model import Model
    from .search_model_metadata import SearchModelMetadata


@attrs.define(kw_only=True)
class SearchModel:
    """A model in the results of a search.

    Args:
        metadata: Details of a model in the results of a search.
        model: A machine learning model.
    """

    metadata: SearchModelMetadata
    model: Model
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
            metadata=parsed(models.SearchModelMetadata.from_dict, get("metadata")),
            model=parsed(models.Model.from_dict, get("model")),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(self._source, {"metadata": self.metadata, "model": self.model})

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("metadata", "model"))
