# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    pass
    from .account_type import AccountType


@attrs.define(kw_only=True)
class Account:
    """A user or an organization."""

    type: AccountType | str
    username: str
    avatar_url: str | None = None
    github_url: str | None = None
    name: str | None = None
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
            type=get("type"),
            username=get("username"),
            avatar_url=get("avatar_url"),
            github_url=get("github_url"),
            name=get("name"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "type": self.type,
                "username": self.username,
                "avatar_url": self.avatar_url,
                "github_url": self.github_url,
                "name": self.name,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("type", "username", "avatar_url", "github_url", "name"))
