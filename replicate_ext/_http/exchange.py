"""The base of both runners: it builds requests and handles responses. No I/O."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

import httpx

from replicate_ext._http.reading import with_content
from replicate_ext._network.decoding import CODINGS
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._network.clients import AsyncClients, Clients
    from replicate_ext.errors import InvalidInputError

    Explain: TypeAlias = Callable[[RequestArguments, Exception], InvalidInputError]

T = TypeVar("T")
ClientsT = TypeVar("ClientsT", bound="Clients | AsyncClients")


class BaseRunner(Generic[ClientsT]):
    """Base of the runners: builds requests.

    Args:
        clients: The connections and httpx clients to send with.
        auth: Adds the token to a request of httpx.
        settings: Settings of the client.
        explain: Returns the error for a request that cannot be built.
    """

    def __init__(
        self,
        clients: ClientsT,
        auth: httpx.Auth,
        settings: Settings,
        explain: Explain,
    ) -> None:
        self._clients: ClientsT = clients
        self._auth = auth
        self._explain = explain
        self.settings = settings

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this runner: connections cannot be copied."""
        return self

    def _built(self, build: Callable[[], T], arguments: RequestArguments) -> T:
        """Return a request.

        Args:
            build: Makes the request.
            arguments: The arguments that it is made from.

        Raises:
            InvalidInputError: The request contains a value that cannot be sent.
        """
        try:
            return build()
        except ReplicateError:
            raise
        except (ValueError, TypeError, RecursionError) as error:
            raise self._explain(arguments, error) from None


def has_ended(flow: Flow[Any]) -> bool:
    """Return whether a flow has returned or raised."""
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED


def extensions_for(settings: Settings, deadline: float | None) -> dict[str, Any]:
    """Return the extensions of a request, which tell our transport the deadline.

    Args:
        settings: Settings of the client.
        deadline: Clock time after which nothing more is read; None for no deadline.
    """
    if deadline is None:
        return {}
    return {"seconds_left": lambda: deadline - settings.clock.now()}


def absolute(arguments: RequestArguments, settings: Settings) -> RequestArguments:
    """Return the arguments with an absolute URL.

    Args:
        arguments: The arguments of a request, which are not changed.
        settings: Settings of the client.
    """
    changed = arguments.copy()
    changed["url"] = settings.absolute(arguments["url"])
    return changed


def built_by_httpx(
    client: httpx.Client | httpx.AsyncClient,
    arguments: RequestArguments,
    timeout: httpx.Timeout,
    extensions: dict[str, Any],
) -> httpx.Request:
    """Return a request built by an httpx client; it accepts only codings that are decoded here.

    Args:
        client: The client.
        arguments: The request.
        timeout: Timeouts of each step.
        extensions: Extensions of the request.
    """
    changed = arguments.copy()
    changed["headers"] = {**CODINGS, **arguments.get("headers", {})}
    changed["timeout"] = timeout
    return client.build_request(**changed, extensions=extensions)


def response_of_hook(error: httpx.HTTPStatusError) -> httpx.Response:
    """Return the response of an error; its body is empty if httpx closed it before it was read.

    Args:
        error: Error that an event hook of the user's own httpx client raised.
    """
    response = error.response
    try:
        content = response.content
    except httpx.ResponseNotRead:
        content = b""
    return with_content(response, content)
