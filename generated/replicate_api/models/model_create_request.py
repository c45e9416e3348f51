# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    from .visibility import Visibility


@attrs.define(kw_only=True)
class ModelCreateRequest:
    """Parameters for creating a model.

    Args:
        hardware: The SKU of the hardware. See hardware.list.
        name: The name of the model. It must be unique among the models of the owner.
        owner: The user or organization that owns the model. It must be the account of the API
            token.
        visibility: Who can see and run the model: "public" or "private".
        cover_image_url: The URL of the cover image.
        description: A description of the model.
        github_url: The URL of the source code.
        license_url: The URL of the license.
        paper_url: The URL of the paper.
    """

    hardware: str
    name: str
    owner: str
    visibility: Visibility
    cover_image_url: str | None = None
    description: str | None = None
    github_url: str | None = None
    license_url: str | None = None
    paper_url: str | None = None
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
            hardware=get("hardware"),
            name=get("name"),
            owner=get("owner"),
            visibility=get("visibility"),
            cover_image_url=get("cover_image_url"),
            description=get("description"),
            github_url=get("github_url"),
            license_url=get("license_url"),
            paper_url=get("paper_url"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "hardware": self.hardware,
                "name": self.name,
                "owner": self.owner,
                "visibility": self.visibility,
                "cover_image_url": self.cover_image_url,
                "description": self.description,
                "github_url": self.github_url,
                "license_url": self.license_url,
                "paper_url": self.paper_url,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    (
        "hardware",
        "name",
        "owner",
        "visibility",
        "cover_image_url",
        "description",
        "github_url",
        "license_url",
        "paper_url",
    )
)
