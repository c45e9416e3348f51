# Copied from scripts/runtime/client.py by `make generate`; changes made here are lost.
"""Clients for the endpoint functions. Each call sends one request, without retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar, runtime_checkable

import httpx

from .base_url import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from types import TracebackType

    from .types import RequestArguments

__all__ = (
    "DEFAULT_BASE_URL",
    "DEFAULT_TIMEOUT",
    "AsyncClient",
    "AsyncOperationRunner",
    "AuthenticatedClient",
    "Client",
    "OperationRunner",
    "SyncClient",
    "TokenAuth",
    "origin",
)

T = TypeVar("T")

DEFAULT_TIMEOUT = httpx.Timeout(10.0, read=70.0)
"""Timeouts in seconds. With ``Prefer: wait`` the API may take up to 60 seconds to respond."""


@runtime_checkable
class SyncClient(Protocol):
    """Client that the synchronous endpoint functions take. It provides an ``httpx.Client``."""

    def get_httpx_client(self) -> httpx.Client:
        """Return the client that sends the requests."""
        ...


@runtime_checkable
class AsyncClient(Protocol):
    """Client that the async endpoint functions take. It provides an ``httpx.AsyncClient``."""

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the client that sends the requests."""
        ...


class OperationRunner(Protocol):
    """Performs the operations of the resources."""

    def perform(
        self,
        arguments: RequestArguments,
        parse: Callable[[httpx.Response], T],
        *,
        repeatable: bool,
    ) -> T:
        """Send a request and return the object that its response holds.

        Args:
            arguments: The request.
            parse: Reads the object from a successful response.
            repeatable: Whether it is safe to send the request again when the API may already
                have processed it.
        """
        ...


class AsyncOperationRunner(Protocol):
    """Performs the operations of the async resources."""

    async def perform(
        self,
        arguments: RequestArguments,
        parse: Callable[[httpx.Response], T],
        *,
        repeatable: bool,
    ) -> T:
        """Send a request and return the object that its response holds.

        Args:
            arguments: The request.
            parse: Reads the object from a successful response.
            repeatable: Whether it is safe to send the request again when the API may already
                have processed it.
        """
        ...


class TokenAuth(httpx.Auth):
    """Sends the API token to one origin only, whatever links and redirects are followed.

    Args:
        token: Returns the token. Called for every request.
        base_url: URL of the origin that gets the token: its scheme, host and port.
        headers: Headers for that origin only. They replace the default headers of the client;
            headers of a single request replace them.
        defaults: Default headers of the client, in addition to the defaults of httpx.
    """

    def __init__(
        self,
        token: Callable[[], str],
        base_url: httpx.URL | str,
        headers: Mapping[str, str] | None = None,
        defaults: Iterable[Mapping[str, str]] = (),
    ) -> None:
        self._token = token
        self._headers = dict(headers or {})
        self._origin = origin(httpx.URL(base_url))
        # Headers are compared by value: a request does not tell which of them are client defaults.
        self._defaults = [httpx.Headers(each) for each in defaults] if headers else []
        if headers:
            plain = httpx.Client(transport=httpx.BaseTransport(), trust_env=False)
            self._defaults.append(plain.headers)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token and the headers to a request to the origin.

        Args:
            request: The request to send.

        Raises:
            ValueError: The token has a character that is not allowed in a header.
        """
        if origin(request.url) == self._origin:
            for name, value in self._headers.items():
                if self._is_default(request, name):
                    request.headers[name] = value
            credentials = f"Bearer {self._token()}"
            if not (credentials.isascii() and credentials.isprintable()):
                del credentials  # tools that print tracebacks show a frame's locals
                raise ValueError("The API token has a character that is not allowed in a header")
            request.headers["Authorization"] = credentials
        yield request

    def _is_default(self, request: httpx.Request, name: str) -> bool:
        """Return whether a request lacks a header or has only the default value."""
        value: str | None = request.headers.get(name)
        if name.lower() == "host":
            return value == request.url.netloc.decode("ascii")
        defaults: list[str | None] = [each.get(name) for each in self._defaults]
        return value is None or value in defaults


def origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    """Return the scheme, host and port of a URL. The port is None if it is the scheme's default.

    Args:
        url: An absolute URL.
    """
    return url.scheme, url.raw_host, url.port


class Client:
    """Client that sends no token.

    Args:
        base_url: Base URL of the API, with its version.
        headers: Headers to send with every request.
        timeout: Seconds to connect, send, receive and wait for a connection, each; or an
            ``httpx.Timeout``.
        transport: Transport that sends the synchronous requests. Default: httpx's own.
        async_transport: Transport that sends the async requests. Default: httpx's own.
    """

    _auth: httpx.Auth | None = None

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._transport = transport
        self._async_transport = async_transport
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def get_httpx_client(self) -> httpx.Client:
        """Return the client for the synchronous functions. It is created on first use."""
        if self._client is None:
            self._client = httpx.Client(
                base_url=self._base_url,
                headers=self._headers,
                timeout=self._timeout,
                auth=self._auth,
                transport=self._transport,
            )
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the client for the async functions. It is created on first use."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(
                base_url=self._base_url,
                headers=self._headers,
                timeout=self._timeout,
                auth=self._auth,
                transport=self._async_transport,
            )
        return self._async_client

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.get_httpx_client().__exit__(exc_type, exc_value, traceback)

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.get_async_httpx_client().__aexit__(exc_type, exc_value, traceback)


class AuthenticatedClient(Client):
    """Client that sends an API token to the API and to no other host.

    Args:
        base_url: Base URL of the API, with its version.
        token: The API token.
        headers: Headers to send with every request.
        timeout: Seconds to connect, send, receive and wait for a connection, each; or an
            ``httpx.Timeout``.
        transport: Transport that sends the synchronous requests. Default: httpx's own.
        async_transport: Transport that sends the async requests. Default: httpx's own.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        token: str,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            base_url,
            headers=headers,
            timeout=timeout,
            transport=transport,
            async_transport=async_transport,
        )
        self._auth = TokenAuth(lambda: token, base_url)
