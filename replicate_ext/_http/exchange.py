"""The base of both runners: it builds requests and handles responses. No I/O."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

import httpx

from replicate_ext._http.reading import with_content
from replicate_ext._network.decoding import CODINGS
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings

    Explain: TypeAlias = Callable[[RequestArguments, Exception], InvalidInputError]

T = TypeVar("T")
ClientT = TypeVar("ClientT", bound=httpx.Client | httpx.AsyncClient)


class BaseRunner(Generic[ClientT]):
    """Base of the runners: builds requests.

    Args:
        client: Returns the httpx client to send with. An async client belongs to the running event
            loop.
        auth: Adds the token to a request.
        settings: Settings of the client.
        explain: Returns the error for a request that cannot be built.
    """

    def __init__(
        self,
        client: Callable[[], ClientT],
        auth: httpx.Auth,
        settings: Settings,
        explain: Explain,
    ) -> None:
        self._client: Callable[[], ClientT] = client
        self._auth = auth
        self._explain = explain
        self.settings = settings

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this runner: connections cannot be copied."""
        return self

    def _build(
        self,
        client: ClientT,
        arguments: RequestArguments,
        timeout: httpx.Timeout,
        extensions: dict[str, Any],
    ) -> httpx.Request:
        """Return a request.

        Raises:
            InvalidInputError: Something in it cannot be sent.
        """
        try:
            return client.build_request(**arguments, timeout=timeout, extensions=extensions)
        except InvalidInputError:
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
    """Return the arguments with an absolute URL and an Accept-Encoding header.

    Args:
        arguments: The arguments of a request, which are not changed.
        settings: Settings of the client.
    """
    changed = arguments.copy()
    changed["url"] = settings.absolute(arguments["url"])
    changed["headers"] = {**CODINGS, **arguments.get("headers", {})}
    return changed


def response_of_hook(error: httpx.HTTPStatusError) -> httpx.Response:
    """Return the response of an error that httpx closed before its body was read.

    Args:
        error: Error that an event hook of the user's own httpx client raised.
    """
    response = error.response
    try:
        content = response.content
    except httpx.ResponseNotRead:
        content = b""
    return with_content(response, content)
