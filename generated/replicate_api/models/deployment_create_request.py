# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed


@attrs.define(kw_only=True)
class DeploymentCreateRequest:
    """What creates a deployment.

    Args:
        hardware: The SKU, as hardware.list gives it.
        max_instances: The most instances to scale to, 0 to 20.
        min_instances: The instances kept running, 0 to 5.
        model: The model as owner/name.
        name: The deployment's name.
        version: The version's id, 64 hexadecimal digits.
    """

    hardware: str
    max_instances: int
    min_instances: int
    model: str
    name: str
    version: str
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
            max_instances=get("max_instances"),
            min_instances=get("min_instances"),
            model=get("model"),
            name=get("name"),
            version=get("version"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "hardware": self.hardware,
                "max_instances": self.max_instances,
                "min_instances": self.min_instances,
                "model": self.model,
                "name": self.name,
                "version": self.version,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("hardware", "max_instances", "min_instances", "model", "name", "version"))
