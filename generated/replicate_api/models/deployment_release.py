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


@attrs.define(kw_only=True)
class DeploymentRelease:
    """A release of a deployment: a version of a model with a configuration.

    Args:
        configuration: The hardware and scaling of a deployment.
        created_at: Time when the release was created.
        created_by: A user or an organization.
        model: The model, as owner/name.
        number: The number of the release. The first release is 1.
        version: The ID of the version: 64 hexadecimal digits.
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
        """Create the object from JSON. A value of an unexpected type is kept unchanged.

        Args:
            source: The JSON object. It is stored, not copied.
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
        """Return the object as JSON: the JSON that it was created from, with later changes."""
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
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("configuration", "created_at", "created_by", "model", "number", "version"))
