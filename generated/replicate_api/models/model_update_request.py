# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class ModelUpdateRequest:
    """What changes a model; what is left out stays.

    Args:
        description: What the model does.
        github_url: Where its source is.
        license_url: Where its licence is.
        paper_url: Where its paper is.
        readme: The README, as Markdown.
        weights_url: Where its weights are.
    """

    description: str | None = None
    github_url: str | None = None
    license_url: str | None = None
    paper_url: str | None = None
    readme: str | None = None
    weights_url: str | None = None
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
            github_url=get("github_url"),
            license_url=get("license_url"),
            paper_url=get("paper_url"),
            readme=get("readme"),
            weights_url=get("weights_url"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "description": self.description,
                "github_url": self.github_url,
                "license_url": self.license_url,
                "paper_url": self.paper_url,
                "readme": self.readme,
                "weights_url": self.weights_url,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    ("description", "github_url", "license_url", "paper_url", "readme", "weights_url")
)
