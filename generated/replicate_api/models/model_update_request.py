# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class ModelUpdateRequest:
    """Parameters for updating a model. Omitted fields are not changed.

    Args:
        description: A description of the model.
        github_url: The URL of the source code.
        license_url: The URL of the license.
        paper_url: The URL of the paper.
        readme: The README, in Markdown.
        weights_url: The URL of the weights.
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
        """Create the object from JSON. A value of an unexpected type is kept unchanged.

        Args:
            source: The JSON object. It is stored, not copied.
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
        """Return the object as JSON: the JSON that it was created from, with later changes."""
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
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    ("description", "github_url", "license_url", "paper_url", "readme", "weights_url")
)
