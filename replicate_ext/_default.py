"""The default clients, behind the functions and namespaces of ``replicate_ext``."""

from __future__ import annotations

import inspect
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final, Self

from replicate_ext._async_client import AsyncReplicate
from replicate_ext._client import Replicate
from replicate_ext._http.tracebacks import shortened
from replicate_ext.errors import ReplicateError

_clients: dict[type[Any], Any] = {}


def default_client() -> Replicate:
    """Return the client of ``replicate_ext.run`` and the namespaces; created on first use."""
    client: Replicate = _client_of(Replicate)
    return client


def default_async_client() -> AsyncReplicate:
    """Return the client of ``replicate_ext.async_run``; created on first use."""
    client: AsyncReplicate = _client_of(AsyncReplicate)
    return client


def _client_of(kind: type[Any]) -> Any:
    client = _clients.get(kind)
    # Of two threads that create one at the same time, both use the first.
    return _clients.setdefault(kind, kind()) if client is None else client


class set_default_client:  # noqa: N801 - it is used as a function
    """Use a client for the functions and namespaces of ``replicate_ext``, in the whole process.

    Code that imported them by name (``from replicate_ext import run``) uses it too. As a
    context manager, it restores the previous client at the end::

        with set_default_client(Replicate(base_url=sandbox.base_url)):
            ...

    Args:
        client: A Replicate or AsyncReplicate; each of the two classes has its own default client.
            None to create a new client on the next use.
        kind: The class whose default client is reset if ``client`` is None. Default: Replicate.
    """

    def __init__(
        self,
        client: Replicate | AsyncReplicate | None,
        kind: type[Replicate | AsyncReplicate] = Replicate,
    ) -> None:
        if client is not None and not isinstance(client, Replicate | AsyncReplicate):
            raise TypeError(f"client must be a Replicate or AsyncReplicate, got {client!r:.100}")
        self._kind = AsyncReplicate if isinstance(client, AsyncReplicate) else kind
        self._before = _clients.get(self._kind)
        self._set(client)

    def _set(self, client: object) -> None:
        if client is None:
            _clients.pop(self._kind, None)
        else:
            _clients[self._kind] = client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._set(self._before)


class _Method:
    """A method of a default client, which is looked up at each call."""

    def __init__(self, kind: type[Any], name: str) -> None:
        method = getattr(kind, name)
        update_wrapper(self, method)
        self._kind, self._name = kind, name
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())[1:]
        self.__signature__ = signature.replace(parameters=parameters)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        method = getattr(_client_of(self._kind), self._name)
        try:
            return method(*args, **kwargs)
        except ReplicateError as error:
            raise shortened(error) from error.__cause__

    def __repr__(self) -> str:
        return f"<{self._name} of the default client>"


class _Namespace:
    """A resource of the default client, which is looked up at each access."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.__doc__ = getattr(Replicate, name).__doc__

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(default_client(), self._name), name)

    def __dir__(self) -> list[str]:
        return dir(getattr(default_client(), self._name))

    def __repr__(self) -> str:
        return f"<{self._name} of the default client>"


if TYPE_CHECKING:
    _client = Replicate()
    _async_client = AsyncReplicate()
    account: Final = _client.account
    async_run: Final = _async_client.run
    async_stream: Final = _async_client.stream
    collections: Final = _client.collections
    deployments: Final = _client.deployments
    files: Final = _client.files
    hardware: Final = _client.hardware
    models: Final = _client.models
    paginate: Final = _client.paginate
    predictions: Final = _client.predictions
    request: Final = _client.request
    run: Final = _client.run
    search: Final = _client.search
    stream: Final = _client.stream
    trainings: Final = _client.trainings
    wait: Final = _client.wait
    webhooks: Final = _client.webhooks
else:

    def __getattr__(name: str) -> object:
        if name.startswith("async_"):
            return _Method(AsyncReplicate, name.removeprefix("async_"))
        if name.startswith("_"):
            raise AttributeError(name)
        is_method = inspect.isfunction(getattr(Replicate, name))
        return _Method(Replicate, name) if is_method else _Namespace(name)
