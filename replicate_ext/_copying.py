"""Copying and pickling clients, and clients with other options over the same connections."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from replicate_ext._http.settings import Settings
    from replicate_ext._network.access import Access, Secrets

_PICKLED = (
    "timeout",
    "max_retries",
    "poll_interval",
    "file_encoding",
    "use_file_output",
    "max_response_size",
    "max_download_size",
    "check_input",
)


class Copied:
    """A client that can be copied within its process, and pickled without its credentials."""

    _access: Access[Any, Any]
    _settings: Settings
    _clients: Any
    _driver: Any

    _owns_connections: bool = True
    """Whether closing this client closes the connections."""

    def __repr__(self) -> str:
        access = vars(self).get("_access")  # missing if the constructor failed
        return f"{type(self).__name__}(base_url={access.base_url if access else None!r})"

    def _derived(self, secrets: Secrets | None, changes: dict[str, Any]) -> Self:
        """Return a client with other options that uses this client's connections.

        Args:
            secrets: Token, base URL and proxy of this client with other headers; None for this
                client's.
            changes: Changed settings by name; None for this client's.

        Raises:
            InvalidInputError: An option is not valid.
        """
        # Imported late, as in the constructor.
        from replicate_ext._http.checks import check_exchange_timeout
        from replicate_ext._resources.advice import unsendable

        made = object.__new__(type(self))
        given = {name: value for name, value in changes.items() if value is not None}
        if "timeout" in given:
            given["timeout"] = check_exchange_timeout(given["timeout"])
        access = self._access if secrets is None else self._access.with_secrets(secrets)
        timeout = given.get("timeout", self._settings.timeout)
        clients = type(self._clients)(access, timeout, self._clients)
        bound: Any = made
        given |= {"download_client": clients, "bind": bound._bound}  # noqa: SLF001 - of the same class
        settings = self._settings._replace(**given).checked()
        driver = type(self._driver)(clients, access.auth, settings, unsendable)
        vars(made).update(
            self._attributes(),
            _access=access,
            _settings=settings,
            _clients=clients,
            _driver=driver,
            _runner=driver,
            _owns_connections=False,
        )
        return made

    def __copy__(self) -> Self:
        """Return a client with the same token and connections."""
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a client with the same token and connections, and copies of other attributes.

        Connections cannot be copied. Without the token, a copy could use another account.
        """
        made = memo[id(self)] = copy.copy(self)
        vars(made).update(copy.deepcopy(self._attributes(), memo))
        return made

    def _attributes(self) -> dict[str, Any]:
        """Return the attributes that a subclass or a caller has set."""
        own = {"_access", "_settings", "_clients", "_driver", "_runner", "_owns_connections"}
        return {
            name: value
            for name, value in vars(self).items()
            if name not in own and not isinstance(getattr(type(self), name, None), cached_property)
        }

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, with base_url, headers and proxy, but without credentials.

        The token, the headers Authorization, Proxy-Authorization and Cookie, and a proxy's user
        name and password are left out. In the other process the token is read from the environment;
        the rest has to be passed again. Other headers are kept with their values.
        """
        options = {name: getattr(self._settings, name) for name in _PICKLED}
        return {
            "options": {**options, **self._access.picklable()},
            "attributes": self._attributes(),
        }
