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
    from .account import Account
    from .deployment_configuration import DeploymentConfiguration

    pass


@attrs.define(kw_only=True)
class DeploymentRelease:
    """One state of a deployment's model, version and configuration.

    Args:
        configuration: What a release of a deployment runs on.
        created_by: A user or an organization.
    """

    configuration: DeploymentConfiguration | None = None
    created_at: datetime | None = None
    created_by: Account | None = None
    model: str | None = None
    number: int | None = None
    version: str | None = None
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
            configuration=parsed(models.DeploymentConfiguration.from_dict, get("configuration")),
            created_at=timestamp(get("created_at")),
            created_by=parsed(models.Account.from_dict, get("created_by")),
            model=get("model"),
            number=get("number"),
            version=get("version"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "configuration": self.configuration,
                "created_at": self.created_at,
                "created_by": self.created_by,
                "model": self.model,
                "number": self.number,
                "version": self.version,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("configuration", "created_at", "created_by", "model", "number", "version"))
