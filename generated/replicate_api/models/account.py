# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    from .account_type import AccountType


@attrs.define(kw_only=True)
class Account:
    """A user or an organization.

    Args:
        type: The type of the account: "user" or "organization".
        username: The unique name of the account.
        avatar_url: The URL of the profile image.
        github_url: The URL of the GitHub profile.
        name: The display name of the account.
    """

    type: AccountType
    username: str
    avatar_url: str | None = None
    github_url: str | None = None
    name: str | None = None
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
            type=get("type"),
            username=get("username"),
            avatar_url=get("avatar_url"),
            github_url=get("github_url"),
            name=get("name"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
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
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("type", "username", "avatar_url", "github_url", "name"))
