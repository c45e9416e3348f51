# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Plain clients for the endpoint functions: one exchange per call, no retries."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, runtime_checkable

import httpx

if TYPE_CHECKING:
    from .types import RequestArguments

T = TypeVar("T")

DEFAULT_BASE_URL = "https://api.replicate.com/v1"
DEFAULT_TIMEOUT = httpx.Timeout(10.0, read=70.0)
"""In seconds. The API holds an answer for up to 60 seconds when it is asked to."""


@runtime_checkable
class SyncClient(Protocol):
    """What a blocking endpoint function needs; lend it any ``httpx.Client`` this way."""

    def get_httpx_client(self) -> httpx.Client:
        """Return the client to send with."""
        ...


@runtime_checkable
class AsyncClient(Protocol):
    """What an async endpoint function needs; lend it any ``httpx.AsyncClient`` this way."""

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the client to send with."""
        ...


class SyncPerformer(Protocol):
    """What the methods of resources need: it performs one operation."""

    def perform(
        self, arguments: RequestArguments, parse: Callable[[httpx.Response], T], *, repeatable: bool
    ) -> T:
        """Send a request and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.
            repeatable: Whether the request may be sent again after a failure whose outcome is
                unknown.
        """
        ...


class AsyncPerformer(Protocol):
    """What the methods of async resources need: it performs one operation."""

    async def perform(
        self, arguments: RequestArguments, parse: Callable[[httpx.Response], T], *, repeatable: bool
    ) -> T:
        """Send a request and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.
            repeatable: Whether the request may be sent again after a failure whose outcome is
                unknown.
        """
        ...


class TokenAuth(httpx.Auth):
    """Sends a token to one origin and to no other, wherever a link or a redirect leads.

    Args:
        token: Returns the token, called for every request.
        base_url: The URL whose scheme, host and port may see it.
        headers: Headers for that origin alone. A request's own headers replace them; they replace
            what httpx sends by itself.
        defaults: Headers, beside httpx's own defaults, that clients send by themselves.
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
        # By their values, as a request does not show which of its headers came with the client.
        self._defaults = [httpx.Headers(each) for each in defaults] if headers else []
        if headers:
            plain = httpx.Client(transport=httpx.BaseTransport(), trust_env=False)
            self._defaults.append(plain.headers)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token and the headers where they belong.

        Args:
            request: The request about to be sent.

        Raises:
            ValueError: The token has a character that no header can have; it is not quoted.
        """
        if origin(request.url) == self._origin:
            for name, value in self._headers.items():
                if self._is_default(request, name):
                    request.headers[name] = value
            credentials = f"Bearer {self._token()}"
            if not (credentials.isascii() and credentials.isprintable()):
                del credentials  # tools that print tracebacks show a frame's locals
                raise ValueError("The API token has a character that no HTTP header can have")
            request.headers["Authorization"] = credentials
        yield request

    def _is_default(self, request: httpx.Request, name: str) -> bool:
        """Say whether a request lacks a header, or has only what it gets without asking."""
        value: str | None = request.headers.get(name)
        if name.lower() == "host":
            return value == request.url.netloc.decode("ascii")
        defaults: list[str | None] = [each.get(name) for each in self._defaults]
        return value is None or value in defaults


def origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    """Return a URL's scheme, host and port, which is None where it is the scheme's own.

    Args:
        url: An absolute URL.
    """
    return url.scheme, url.raw_host, url.port


class Client:
    """A client without a token.

    Args:
        base_url: The API's URL, with its version.
        headers: Sent with every request.
        timeout: In seconds for each step of an exchange, or an ``httpx.Timeout``.
        transport: What sends synchronous requests, in place of httpx's own.
        async_transport: What sends asynchronous requests, in place of httpx's own.
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
        """Return the client that blocking functions send with, made on first use."""
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
        """Return the client that async functions send with, made on first use."""
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
    """A client that sends a token to the API, and to no other host.

    Args:
        base_url: The API's URL, with its version.
        token: The API token.
        headers: Sent with every request.
        timeout: In seconds for each step of an exchange, or an ``httpx.Timeout``.
        transport: What sends synchronous requests, in place of httpx's own.
        async_transport: What sends asynchronous requests, in place of httpx's own.
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
