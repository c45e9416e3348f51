"""Copying and pickling clients."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from replicate_ext._http.settings import Settings
    from replicate_ext._network.access import Access

_PICKLED = (
    "timeout",
    "max_retries",
    "poll_interval",
    "file_encoding",
    "use_file_output",
    "max_response_size",
    "max_download_size",
)


class Copied:
    """A client that can be copied within its process, and pickled without its credentials."""

    _access: Access[Any, Any]
    _settings: Settings

    def __repr__(self) -> str:
        access = vars(self).get("_access")  # missing if the constructor failed
        return f"{type(self).__name__}(base_url={access.base_url if access else None!r})"

    def __copy__(self) -> Self:
        """Return a client with the same token and connections."""
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a client with the same token and connections, and copies of other attributes.

        Connections cannot be copied, and without its token a copy would use another account's.
        """
        made = memo[id(self)] = copy.copy(self)
        vars(made).update(copy.deepcopy(self._attributes(), memo))
        return made

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes that a subclass or a caller has set."""
        own = {"_access", "_settings", "_clients", "_driver", "_runner"}
        return {
            name: value
            for name, value in vars(self).items()
            if name not in own and not isinstance(getattr(type(self), name, None), cached_property)
        }

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, with base_url, headers and proxy, but without credentials.

        The token, the headers Authorization, Proxy-Authorization and Cookie, and a proxy's user
        name and password are left out. In the other process the token is read from the environment;
        the rest has to be given again. Other headers are kept with their values.
        """
        options = {name: getattr(self._settings, name) for name in _PICKLED}
        return {
            "options": {**options, **self._access.picklable()},
            "attributes": self._attributes(),
        }
