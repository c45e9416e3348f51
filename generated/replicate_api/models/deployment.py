# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import getter, parsed
from ..encoding import unparsed

if TYPE_CHECKING:
    from .deployment_release import DeploymentRelease


@attrs.define(kw_only=True)
class Deployment:
    """A model that runs on hardware of your choice, for your account only.

    Args:
        current_release: A release of a deployment: a version of a model with a configuration.
        name: The name of the deployment.
        owner: The user or organization that owns the deployment.
    """

    current_release: DeploymentRelease | None = None
    name: str | None = None
    owner: str | None = None
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
            current_release=parsed(models.DeploymentRelease.from_dict, get("current_release")),
            name=get("name"),
            owner=get("owner"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {"current_release": self.current_release, "name": self.name, "owner": self.owner},
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("current_release", "name", "owner"))
