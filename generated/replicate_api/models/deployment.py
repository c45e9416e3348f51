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

    pass


@attrs.define(kw_only=True)
class Deployment:
    """A model on hardware of the account's own choice.

    Args:
        current_release: One state of a deployment's model, version and configuration.
    """

    current_release: DeploymentRelease | None = None
    name: str | None = None
    owner: str | None = None
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
            current_release=parsed(models.DeploymentRelease.from_dict, get("current_release")),
            name=get("name"),
            owner=get("owner"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {"current_release": self.current_release, "name": self.name, "owner": self.owner},
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("current_release", "name", "owner"))
