"""How a client reaches the API: base URL, token, headers, proxy, certificates, transport."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import httpx
from replicate_api.client import DEFAULT_BASE_URL, TokenAuth, origin

from replicate_ext._network.credentials import (
    TOKEN_VARIABLE,
    certificates,
    checked_headers,
    checked_token,
    misplaced_token,
    without_credentials,
)
from replicate_ext._network.decoding import CODINGS
from replicate_ext._network.urls import checked_base_url, checked_proxy
from replicate_ext.errors import InvalidInputError, InvalidTokenError, MissingTokenError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

HttpT = TypeVar("HttpT", bound=httpx.Client | httpx.AsyncClient)
TransportT = TypeVar("TransportT", bound=httpx.BaseTransport | httpx.AsyncBaseTransport)


class Secrets:
    """Arguments of a client that are or may contain secrets. The repr shows none of their values.

    Args:
        api_token: The token; None to read it from the environment at every request.
        base_url: URL of the API, or a token in the wrong place.
        headers: Headers for the API.
        proxy: URL of the proxy, perhaps with a password.
    """

    def __init__(
        self,
        api_token: str | None,
        base_url: str | None,
        headers: Mapping[str, str] | None,
        proxy: str | None,
    ) -> None:
        self.api_token, self.token_problem = checked_token(api_token)
        self.misplaced = misplaced_token(api_token)
        self.base_url, self.base_url_problem = checked_base_url(
            base_url or _base_url_of_environment() or DEFAULT_BASE_URL
        )
        self.headers, self.headers_problem = checked_headers(headers)
        self.proxy, self.proxy_problem = checked_proxy(proxy)

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return these arguments with more headers, which replace those of the same name.

        Args:
            headers: Headers for the API.
        """
        made = copy.copy(self)
        added, made.headers_problem = checked_headers(headers)
        names = {name.lower() for name in added}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in names}
        made.headers = {**kept, **added}
        return made

    def require_valid(self) -> None:
        """Check everything except the form of the token, which is checked when it is used.

        Raises:
            InvalidTokenError: The token is a URL or not a string.
            InvalidInputError: base_url, headers or proxy is not valid.
        """
        for name in ("base_url", "headers", "proxy"):
            if problem := getattr(self, f"{name}_problem"):
                raise InvalidInputError(f"{name} {problem}")
        if self.misplaced:
            raise InvalidTokenError(f"api_token {self.misplaced}")

    def token(self) -> str:
        """Return the token, from the environment if none was given.

        Raises:
            MissingTokenError: There is no token.
            InvalidTokenError: The token is malformed.
        """
        if self.api_token is not None:
            return self.api_token
        if self.token_problem:
            raise InvalidTokenError(f"api_token {self.token_problem}")
        token, problem = checked_token(os.environ.get(TOKEN_VARIABLE))
        if problem:
            raise InvalidTokenError(f"The environment variable {TOKEN_VARIABLE} {problem}")
        if token is None:
            raise MissingTokenError
        return token

    def without_credentials(self) -> dict[str, Any]:
        """Return base URL, headers and proxy without tokens and passwords."""
        return {
            "base_url": self.base_url,
            "headers": without_credentials(self.headers),
            "proxy": None if self.proxy is None else str(self.proxy.url),
        }


def _base_url_of_environment() -> str:
    """Return the base URL in the environment, as the official clients read it; "" if unset."""
    url, older = (
        os.environ.get(name, "").strip().rstrip("/")
        for name in ("REPLICATE_BASE_URL", "REPLICATE_API_BASE_URL")
    )
    # The older variable has no version: the client that reads it adds the version itself.
    return url or (older and older.removesuffix("/v1") + "/v1")


class Access(Generic[HttpT, TransportT]):
    """How a client reaches the API.

    Args:
        secrets: Token, base URL, headers and proxy.
        user_agent: Value of the User-Agent header.
        verify: Whether to verify certificates, or the certificates to trust.
        transport: Transport to use instead of the connection pool.
        http_client: The caller's own httpx client.

    Raises:
        TypeError: http_client is combined with proxy, verify or transport.
        InvalidTokenError: The token is a URL or not a string.
        InvalidInputError: Another argument is not valid.
    """

    def __init__(
        self,
        secrets: Secrets,
        *,
        user_agent: str,
        verify: ssl.SSLContext | os.PathLike[str] | str | bool,
        transport: TransportT | None,
        http_client: HttpT | None,
    ) -> None:
        secrets.require_valid()
        if http_client is not None and (secrets.proxy, verify, transport) != (None, True, None):
            raise TypeError(
                "proxy, verify and transport cannot be combined with http_client: "
                "pass them to the httpx client"
            )
        _, problem = checked_headers({"User-Agent": user_agent})
        if problem:
            raise InvalidInputError(f"user_agent {problem}")
        self.secrets = secrets
        self.base_url: str = secrets.base_url
        self.user_agent = user_agent
        self.verify = verify
        self.certificates = certificates(verify)
        self.transport = transport
        self.http_client = http_client
        self.auth = self._auth()
        self._origin = origin(httpx.URL(self.base_url))

    def _auth(self) -> TokenAuth:
        defaults = [{"User-Agent": self.user_agent}, CODINGS]
        own = [] if self.http_client is None else [self.http_client.headers]
        secrets = self.secrets
        return TokenAuth(secrets.token, self.base_url, secrets.headers, [*defaults, *own])

    def with_secrets(self, secrets: Secrets) -> Self:
        """Return a copy of this object with other headers.

        Args:
            secrets: The same token, base URL and proxy, with other headers.

        Raises:
            InvalidInputError: The headers are not valid.
        """
        secrets.require_valid()
        made = copy.copy(self)
        made.secrets = secrets
        made.auth = made._auth()  # noqa: SLF001 - another object of this class
        return made

    @property
    def has_private_headers(self) -> bool:
        """Whether there are headers that may be sent only to the API."""
        return bool(self.secrets.headers)

    def client_options(self, timeout: httpx.Timeout) -> dict[str, Any]:
        """Return the arguments of an httpx client for the API.

        Args:
            timeout: Timeouts of one request.
        """
        return {
            "base_url": self.base_url,
            "headers": {"User-Agent": self.user_agent},
            "timeout": timeout,
            "auth": self.auth,
        }

    def keep_private(self, request: httpx.Request) -> None:
        """Remove the headers for the API from a request that was redirected to another host.

        Args:
            request: The request about to be sent.
        """
        if origin(request.url) != self._origin:
            for name in self.secrets.headers:
                request.headers.pop(name, None)

    def picklable(self) -> dict[str, Any]:
        """Return the arguments for creating the client in another process, without credentials.

        Raises:
            TypeError: The client has a transport or an http_client.
        """
        if self.transport is not None or self.http_client is not None:
            raise TypeError(
                "A client with a transport or an http_client cannot be pickled: connections cannot "
                "be moved to another process"
            )
        options = {"user_agent": self.user_agent, "verify": self.verify}
        return {**options, **self.secrets.without_credentials()}
