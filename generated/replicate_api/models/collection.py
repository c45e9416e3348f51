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

    pass


@attrs.define(kw_only=True)
class Collection:
    """A themed collection of models.

    Args:
        slug: The name in URLs.
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
        """Read the object from JSON, whatever it holds.

        Args:
            source: The JSON object; it is kept, not copied.
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
        """Return the object as JSON: what it was read from, with what has changed since."""
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
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("description", "models", "name", "slug", "full_description"))
