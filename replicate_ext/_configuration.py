"""What the two clients are told when they are made, and keep when they are pickled."""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

import httpx
from replicate_api.client import DEFAULT_BASE_URL, TokenAuth

from replicate_ext._http.clients import Network
from replicate_ext._http.credentials import (
    TOKEN_VARIABLE,
    certificates,
    checked_headers,
    checked_token,
    misplaced_token,
    without_credentials,
)
from replicate_ext._http.options import (
    check_exchange_timeout,
    check_file_encoding,
    check_max_retries,
    check_poll_interval,
    check_size,
)
from replicate_ext._http.reading import CODINGS, MAX_RESPONSE_SIZE
from replicate_ext._http.send import DEFAULT_TIMEOUT, MAX_DOWNLOAD_SIZE, Clock, Settings
from replicate_ext._http.urls import checked_base_url, checked_proxy
from replicate_ext._version import __version__
from replicate_ext.errors import InvalidInputError, InvalidTokenError, MissingTokenError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from os import PathLike

    from replicate_api.client import AsyncClient, SyncClient

    from replicate_ext._http.options import FileEncoding, PollInterval

HttpT = TypeVar("HttpT", httpx.Client, httpx.AsyncClient)
TransportT = TypeVar("TransportT", httpx.BaseTransport, httpx.AsyncBaseTransport)


class Client(Generic[HttpT, TransportT]):
    """What the two clients have in common."""

    _clock = Clock()
    _is_async = False

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
        verify: ssl.SSLContext | PathLike[str] | str | bool = True,
        transport: TransportT | None = None,
        http_client: HttpT | None = None,
        max_response_size: int = MAX_RESPONSE_SIZE,
        max_download_size: int = MAX_DOWNLOAD_SIZE,
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
            headers: Headers for every request to the API, and to no other host. A request's own
                headers replace them.
            proxy: A proxy's URL; by default the environment's.
            verify: Whether to verify the servers' certificates, an ``ssl.SSLContext``, or the path
                of a file or folder with the certificates to trust.
            transport: What sends the requests, in place of httpx's own.
            http_client: An httpx client of your own, which is used as it is (proxy, verify,
                transport and user agent are its own) and left open.
            max_response_size: The most bytes of JSON in one response, after decoding; more is an
                error. Default: 160 MiB.
            max_download_size: The most bytes that ``FileOutput.read`` and ``aread`` take into
                memory, after decoding. Default: 1 GiB. Saving a file to disk has no limit.

        Raises:
            TypeError: There is an http_client, and a proxy, verify or transport beside it.
            InvalidTokenError: api_token is a URL or no text. Another token that cannot be right is
                refused at the first request, like a missing one.
            InvalidInputError: Another option cannot be right.
        """
        before = set(vars(self))
        # A token that cannot be right is reported when it is needed, like a missing one.
        self._api_token, self._bad_token = checked_token(api_token)
        bad_argument = misplaced_token(api_token)
        self.base_url: str
        self.base_url, bad_url = checked_base_url(base_url or DEFAULT_BASE_URL)
        self._headers, bad_header = checked_headers(headers)
        self._proxy, bad_proxy = checked_proxy(proxy)
        # Tools that print a traceback's locals must not find a secret in this frame.
        del api_token, base_url, headers, proxy
        for name, problem in (("base_url", bad_url), ("headers", bad_header), ("proxy", bad_proxy)):
            if problem:
                raise InvalidInputError(f"{name} {problem}")
        if bad_argument:
            raise InvalidTokenError(f"api_token {bad_argument}")
        if http_client is not None and (self._proxy, verify, transport) != (None, True, None):
            raise TypeError(
                "proxy, verify and transport are the http_client's own: pass them there"
            )
        _, bad_user_agent = checked_headers({"User-Agent": user_agent})
        if bad_user_agent:
            raise InvalidInputError(f"user_agent {bad_user_agent}")
        check_max_retries(max_retries)
        check_poll_interval(poll_interval)
        check_file_encoding(file_encoding)
        check_size("max_response_size", max_response_size)
        check_size("max_download_size", max_download_size)
        self._options: dict[str, Any] = {
            "timeout": timeout,
            "max_retries": max_retries,
            "poll_interval": poll_interval,
            "file_encoding": file_encoding,
            "user_agent": user_agent,
            "verify": verify,
            "max_response_size": max_response_size,
            "max_download_size": max_download_size,
        }
        self._transport: TransportT | None = transport
        self._http_client: HttpT | None = http_client
        self._connect()
        self._own = frozenset(vars(self)) - before | {"_own"}

    def _connect(self) -> None:
        """Make what sends the requests, from the options; nothing is opened yet."""
        options = self._options
        defaults: list[Mapping[str, str]] = [{"User-Agent": options["user_agent"]}, CODINGS]
        if self._http_client is not None:
            defaults.append(self._http_client.headers)
        self._auth = TokenAuth(self._token, self.base_url, self._headers, defaults)
        self._settings = Settings(
            base_url=self.base_url.rstrip("/"),
            timeout=check_exchange_timeout(options["timeout"]),
            max_retries=options["max_retries"],
            file_encoding=options["file_encoding"],
            poll_interval=options["poll_interval"],
            clock=self._clock,
            lender=cast("SyncClient | AsyncClient", self),
            max_response_size=options["max_response_size"],
            max_download_size=options["max_download_size"],
            is_async=self._is_async,
        )
        self._network = Network(
            base_url=self.base_url,
            headers={"User-Agent": options["user_agent"]},
            timeout=self._settings.timeout,
            auth=self._auth,
            private=frozenset(self._headers),
            proxy=self._proxy,
            verify=certificates(options["verify"]),
            transport=self._transport,
        )
        self._set_up()

    def _set_up(self) -> None:
        """Make what differs between the clients; nothing is opened yet."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def __copy__(self) -> Self:
        """Return a client with this one's token and connections."""
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a client with this one's token and connections, and copies of other attributes.

        Connections cannot be copied, and without its token a copy would use another account's.
        """
        made = memo[id(self)] = copy.copy(self)
        vars(made).update(copy.deepcopy(self._attributes(), memo))
        return made

    def _attributes(self) -> dict[str, Any]:
        """Return what a subclass or a caller has set."""
        return {name: value for name, value in vars(self).items() if name not in self._own}

    def __getstate__(self) -> dict[str, Any]:
        """Return the configuration, with base_url, headers and proxy, but without credentials.

        The token, the headers Authorization, Proxy-Authorization and Cookie, and a proxy's user
        name and password are left out. On the other side the token is read from the environment;
        the rest has to be given again. Other headers are kept, whatever is in them.
        """
        if self._transport is not None or self._http_client is not None:
            raise TypeError(
                f"A {type(self).__name__} with a transport or an http_client cannot be pickled: "
                "connections cannot leave their process"
            )
        options = {
            **self._options,
            "base_url": self.base_url,
            "headers": without_credentials(self._headers),
            "proxy": None if self._proxy is None else str(self._proxy.url),
        }
        return {"options": options, "attributes": self._attributes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A subclass's __init__ may take other arguments; what it set is among the attributes.
        Client.__init__(self, **state["options"])
        vars(self).update(state["attributes"])

    def _token(self) -> str:
        if self._api_token is not None:
            return self._api_token
        if self._bad_token:
            raise InvalidTokenError(f"api_token {self._bad_token}")
        token, problem = checked_token(os.environ.get(TOKEN_VARIABLE))
        if problem:
            raise InvalidTokenError(f"The environment variable {TOKEN_VARIABLE} {problem}")
        if token is None:
            raise MissingTokenError
        return token
