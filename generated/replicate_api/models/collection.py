# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import each, getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .model import Model


@attrs.define(kw_only=True)
class Collection:
    """A collection of models on one topic.

    Args:
        description: A short description of the collection.
        models: The models in the collection.
        name: The display name of the collection.
        slug: The name of the collection in URLs.
        full_description: A long description of the collection, in Markdown.
    """

    description: str
    models: list[Model]
    name: str
    slug: str
    full_description: str | None = None
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
            description=get("description"),
            models=each(lambda item: parsed(models.Model.from_dict, item), get("models")),
            name=get("name"),
            slug=get("slug"),
            full_description=get("full_description"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "description": self.description,
                "models": self.models,
                "name": self.name,
                "slug": self.slug,
                "full_description": self.full_description,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("description", "models", "name", "slug", "full_description"))
