"""What the two clients are told when they are made, and keep when they are pickled."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import httpx
from replicate_api.client import DEFAULT_BASE_URL, TokenAuth

from replicate_ext._network import Network
from replicate_ext._send import DEFAULT_TIMEOUT, Clock, Settings
from replicate_ext._version import __version__
from replicate_ext.errors import InvalidInputError, MissingTokenError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from replicate_api.client import AsyncClient, SyncClient

    from replicate_ext._options import FileEncoding, PollInterval

TOKEN_VARIABLE = "REPLICATE_API_TOKEN"  # noqa: S105 - the variable's name, not a token

HttpT = TypeVar("HttpT", httpx.Client, httpx.AsyncClient)
TransportT = TypeVar("TransportT", httpx.BaseTransport, httpx.AsyncBaseTransport)


class Client(Generic[HttpT, TransportT]):
    """What the two clients have in common."""

    _clock = Clock()

    def __init__(
        self,
        api_token: str | None = None,
        base_url: str | None = None,
        *,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        max_retries: int = 5,
        poll_interval: PollInterval | None = None,
        file_encoding: FileEncoding = "auto",
        user_agent: str = f"replicate-ext/{__version__}",
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        verify: ssl.SSLContext | str | bool = True,
        transport: TransportT | None = None,
        http_client: HttpT | None = None,
    ) -> None:
        """Make a client; nothing is sent or opened yet.

        Args:
            api_token: The API token; by default the environment variable REPLICATE_API_TOKEN, read
                at every request.
            base_url: The API's URL with its version; by default the public API.
            timeout: Seconds for each step of one exchange, or an ``httpx.Timeout``. How long a run
                may take is ``run``'s own ``timeout``.
            max_retries: How often a failed request is sent again, where that is safe.
            poll_interval: Seconds between two looks at a run, or a function of the seconds it has
                taken; by default often at first, and less often the longer it takes.
            file_encoding: How files in inputs are sent: "auto" puts 256 kB together into the
                request and uploads larger ones, "data-uri" puts all into the request, "upload"
                uploads all.
            user_agent: What this client calls itself.
            headers: Sent with every request to the API, and to no other host.
            proxy: A proxy's URL; by default the environment's.
            verify: False trusts any server, a TLS context or a path the certificates in it.
            transport: What sends the requests, in place of httpx's own.
            http_client: An httpx client of your own, which is used as it is (proxy, verify,
                transport and user agent are its own) and left open.

        Raises:
            TypeError: There is an http_client, and a proxy, verify or transport beside it.
            InvalidInputError: base_url is no http(s) URL, or has a user name or password.
        """
        if http_client is not None and (proxy, verify, transport) != (None, True, None):
            raise TypeError(
                "proxy, verify and transport are the http_client's own: pass them there"
            )
        self.base_url: str = base_url or DEFAULT_BASE_URL
        _check_base_url(self.base_url)
        self._options = {
            "base_url": base_url,
            "timeout": timeout,
            "max_retries": max_retries,
            "poll_interval": poll_interval,
            "file_encoding": file_encoding,
            "user_agent": user_agent,
            "headers": headers,
            "proxy": proxy,
            "verify": verify,
        }
        self._api_token = api_token
        self._transport: TransportT | None = transport
        self._http_client: HttpT | None = http_client
        self._auth = TokenAuth(self._token, self.base_url, headers)
        self._settings = Settings(
            base_url=self.base_url.rstrip("/"),
            timeout=httpx.Timeout(timeout),
            max_retries=max_retries,
            file_encoding=file_encoding,
            poll_interval=poll_interval,
            clock=self._clock,
            lender=cast("SyncClient | AsyncClient", self),
        )
        self._network = Network(
            base_url=self.base_url,
            headers={"User-Agent": user_agent},
            timeout=self._settings.timeout,
            auth=self._auth,
            private=frozenset(headers or ()),
            proxy=proxy,
            verify=verify,
            transport=transport,
        )

        self._set_up()

    def _set_up(self) -> None:
        """Make what differs between the clients; nothing is opened yet."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, with headers and proxy as they are.

        The token stays here; it is read from the environment on the other side.
        """
        if self._transport is not None or self._http_client is not None:
            raise TypeError(
                f"A {type(self).__name__} with a transport or an http_client cannot be pickled: "
                "connections cannot leave their process"
            )
        return self._options

    def __setstate__(self, state: dict[str, Any]) -> None:
        type(self).__init__(self, **state)

    def _token(self) -> str:
        for token in (self._api_token, os.environ.get(TOKEN_VARIABLE)):
            if token and token.strip():
                return token.strip()
        raise MissingTokenError


def _check_base_url(text: str) -> None:
    """Refuse what is no URL without showing it: it may be a token in the wrong place."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidInputError(
            "base_url is no http(s) URL; a client takes the token first: "
            "Replicate(api_token, base_url)"
        )
    if url.userinfo:
        raise InvalidInputError(
            "base_url has a user name or password, which would be shown and never sent: pass what "
            "a gateway wants as headers"
        )
