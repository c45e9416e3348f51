# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import getter, parsed
from ..encoding import unparsed
from ..timestamps import timestamp

if TYPE_CHECKING:
    from .model_version import ModelVersion
    from .prediction import Prediction
    from .visibility import Visibility


@attrs.define(kw_only=True)
class Model:
    """A machine learning model.

    Args:
        cover_image_url: The URL of the cover image.
        created_at: Time when the model was created.
        default_example: The example prediction that the website shows.
        description: A description of the model.
        github_url: The URL of the source code.
        is_official: Whether the model is an official model.
        latest_version: The latest version. Null if the model has no versions.
        license_url: The URL of the license.
        name: The name of the model.
        owner: The user or organization that owns the model.
        paper_url: The URL of the paper.
        run_count: The number of runs of the model.
        url: The URL of the model on the website.
        visibility: Who can see and run the model: "public" or "private".
        weights_url: The URL of the weights.
    """

    cover_image_url: str | None = None
    created_at: datetime | None = None
    default_example: Prediction | None = None
    description: str | None = None
    github_url: str | None = None
    is_official: bool | None = None
    latest_version: ModelVersion | None = None
    license_url: str | None = None
    name: str | None = None
    owner: str | None = None
    paper_url: str | None = None
    run_count: int | None = None
    url: str | None = None
    visibility: Visibility | None = None
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
            cover_image_url=get("cover_image_url"),
            created_at=timestamp(get("created_at")),
            default_example=parsed(models.Prediction.from_dict, get("default_example")),
            description=get("description"),
            github_url=get("github_url"),
            is_official=get("is_official"),
            latest_version=parsed(models.ModelVersion.from_dict, get("latest_version")),
            license_url=get("license_url"),
            name=get("name"),
            owner=get("owner"),
            paper_url=get("paper_url"),
            run_count=get("run_count"),
            url=get("url"),
            visibility=get("visibility"),
            weights_url=get("weights_url"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "cover_image_url": self.cover_image_url,
                "created_at": self.created_at,
                "default_example": self.default_example,
                "description": self.description,
                "github_url": self.github_url,
                "is_official": self.is_official,
                "latest_version": self.latest_version,
                "license_url": self.license_url,
                "name": self.name,
                "owner": self.owner,
                "paper_url": self.paper_url,
                "run_count": self.run_count,
                "url": self.url,
                "visibility": self.visibility,
                "weights_url": self.weights_url,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    (
        "cover_image_url",
        "created_at",
        "default_example",
        "description",
        "github_url",
        "is_official",
        "latest_version",
        "license_url",
        "name",
        "owner",
        "paper_url",
        "run_count",
        "url",
        "visibility",
        "weights_url",
    )
)
