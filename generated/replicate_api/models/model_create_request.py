# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    pass
    from .visibility import Visibility


@attrs.define(kw_only=True)
class ModelCreateRequest:
    """What creates a model.

    Args:
        hardware: The SKU, as hardware.list gives it.
        name: The model's name, unique among the owner's.
        owner: The user or organization, which must be the token's.
        visibility: Who can see and run it: "public" or "private".
        cover_image_url: A picture for the model's page.
        description: What the model does.
        github_url: Where its source is.
        license_url: Where its licence is.
        paper_url: Where its paper is.
    """

    hardware: str
    name: str
    owner: str
    visibility: Visibility | str
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
        """Read the object from JSON, whatever it holds.

        Args:
            source: The JSON object; it is kept, not copied.
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
        """Return the object as JSON: what it was read from, with what has changed since."""
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
        """What the API gave beyond the fields that it documents."""
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
