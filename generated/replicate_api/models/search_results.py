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

    pass


@attrs.define(kw_only=True)
class SearchResults:
    """What a search found."""

    collections: list[SearchCollection]
    models: list[SearchModel]
    pages: list[SearchPage]
    query: str
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
        """Return the object as JSON: what it was read from, with what has changed since."""
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
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("collections", "models", "pages", "query"))
