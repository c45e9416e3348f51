# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import each, getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .search_collection import SearchCollection
    from .search_model import SearchModel
    from .search_page import SearchPage


@attrs.define(kw_only=True)
class SearchResults:
    """The results of a search.

    Args:
        collections: The collections that match the query.
        models: The models that match the query.
        pages: The documentation pages that match the query.
        query: The query of the search.
    """

    collections: list[SearchCollection]
    models: list[SearchModel]
    pages: list[SearchPage]
    query: str
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
            collections=each(
                lambda item: parsed(models.SearchCollection.from_dict, item), get("collections")
            ),
            models=each(lambda item: parsed(models.SearchModel.from_dict, item), get("models")),
            pages=each(lambda item: parsed(models.SearchPage.from_dict, item), get("pages")),
            query=get("query"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "collections": self.collections,
                "models": self.models,
                "pages": self.pages,
                "query": self.query,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("collections", "models", "pages", "query"))
