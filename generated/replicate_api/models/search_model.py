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

    pass


@attrs.define(kw_only=True)
class SearchModel:
    """A model that a search found, and what the search knows of it.

    Args:
        metadata: What a search knows of a model.
        model: A machine-learning model.
    """

    metadata: SearchModelMetadata
    model: Model
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
            metadata=parsed(models.SearchModelMetadata.from_dict, get("metadata")),
            model=parsed(models.Model.from_dict, get("model")),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(self._source, {"metadata": self.metadata, "model": self.model})

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("metadata", "model"))
