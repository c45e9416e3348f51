"""The two clients: configuration and thin methods. What they do stands in the flows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar, Unpack, cast

import httpx
from replicate_api.client import DEFAULT_BASE_URL, TokenAuth

from replicate_ext._drivers import AsyncDriver, SyncDriver
from replicate_ext._resources import AsyncPredictions, Predictions
from replicate_ext._send import DEFAULT_TIMEOUT, Clock, Settings
from replicate_ext._transport import AsyncBorrowed, AsyncPool, Borrowed, Network, SyncPool
from replicate_ext._version import __version__
from replicate_ext.errors import MissingTokenError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from replicate_api.client import AsyncClient, SyncClient
    from replicate_api.models import Prediction, Training

    from replicate_ext._file_resources import AsyncFiles, Files
    from replicate_ext._options import (
        FileEncoding,
        Input,
        PollInterval,
        RunOptions,
        StreamOptions,
        WaitOptions,
    )
    from replicate_ext._pages import AsyncPaginator, PageT, Paginator
    from replicate_ext._references import Reference
    from replicate_ext._streams import AsyncStream, Stream

TOKEN_VARIABLE = "REPLICATE_API_TOKEN"  # noqa: S105 - the variable's name, not a token

P = ParamSpec("P")
HttpT = TypeVar("HttpT", httpx.Client, httpx.AsyncClient)
TransportT = TypeVar("TransportT", httpx.BaseTransport, httpx.AsyncBaseTransport)


class _Client(Generic[HttpT, TransportT]):
    """A client of Replicate's HTTP API.

    Args:
        api_token: The API token; by default the environment variable REPLICATE_API_TOKEN, read
            at every request.
        base_url: The API's URL with its version; by default the public API.
        timeout: Seconds for each step of one exchange, or an ``httpx.Timeout``. How long a run may
            take is ``run``'s own ``timeout``.
        max_retries: How often a failed request is sent again, where that is safe.
        poll_interval: Seconds between two looks at a run, or a function of the seconds it has
            taken; by default often at first, and less often the longer it takes.
        file_encoding: How files in inputs are sent: "auto" puts 256 kB together into the request
            and uploads larger ones, "data-uri" puts all into the request, "upload" uploads all.
        user_agent: What this client calls itself.
        headers: Sent with every request to the API, and to no other host.
        proxy: A proxy's URL; by default the environment's.
        verify: False trusts any server, a TLS context or a path the certificates in it.
        transport: What sends the requests, in place of httpx's own.
        http_client: An httpx client of your own, which is used as it is (proxy, verify, transport
            and user agent are its own) and left open.

    Raises:
        TypeError: There is an http_client, and a proxy, verify or transport beside it.
    """

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
        if http_client is not None and (proxy, verify, transport) != (None, True, None):
            raise TypeError(
                "proxy, verify and transport are the http_client's own: pass them there"
            )
        self.base_url = base_url or DEFAULT_BASE_URL
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
        """Return the configuration; the token stays here and is read anew on the other side."""
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


class Replicate(_Client[httpx.Client, httpx.BaseTransport]):
    __doc__ = _Client.__doc__

    def _set_up(self) -> None:
        self._pool = SyncPool(self._network.client)
        self._driver = SyncDriver(self._sender, self._auth, self._settings)

    @property
    def predictions(self) -> Predictions:
        """Create, get, cancel and run predictions."""
        return Predictions(self._driver, self._settings)

    @property
    def files(self) -> Files:
        """Upload, get, list, delete and download files."""
        from replicate_ext._file_resources import Files

        return Files(self._driver, self._settings)

    def get_httpx_client(self) -> httpx.Client:
        """Return an httpx client with the token and this client's connections, to borrow."""
        if self._http_client is not None:
            return self._network.client(through=Borrowed(self._http_client))
        return self._pool()

    def _sender(self) -> httpx.Client:
        return self._http_client or self._pool()

    def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Any:
        """Run a model and return its output.

        Args:
            reference: ``owner/name`` for official models, ``owner/name:version``, a version's id,
                ``deployments/owner/name``, or the API's own objects.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See RunOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        from replicate_ext import _predictions

        return self._driver.run(_predictions.run(self._settings, reference, input, **options))

    def stream(
        self, reference: Reference, input: Input | None = None, **options: Unpack[StreamOptions]
    ) -> Stream:
        """Run a model and return its events as they happen.

        Args:
            reference: What to run, as ``run`` takes it.
            input: What the model takes.
            options: See StreamOptions.

        Raises:
            PredictionError: When the events are read: the run ended without success, or not in
                time.
            StreamInterrupted: Likewise: the stream broke off and could not be continued.
            APIError: Likewise: a request failed.
        """
        from replicate_ext import _streams

        planned = _streams.run(self._settings, reference, input, **options)
        return _streams.Stream(self._driver, planned)

    def wait(
        self,
        run: Prediction | Training | str,
        *,
        check: bool = True,
        **options: Unpack[WaitOptions],
    ) -> Prediction | Training:
        """Wait for a prediction or training to end and return it.

        Args:
            run: The prediction or training, or a prediction's id.
            check: Whether a run without success raises, as it does by default.
            options: See WaitOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        from replicate_ext import _predictions

        return self._driver.run(_predictions.wait(self._settings, run, check=check, **options))

    def paginate(
        self, method: Callable[P, PageT], *args: P.args, **kwargs: P.kwargs
    ) -> Paginator[PageT]:
        """Return the pages of a list.

        Args:
            method: What lists: ``client.predictions.list``, ``client.files.list`` and so on.
            args: What it takes.
            kwargs: What it takes by name; ``cursor`` starts where an earlier page's link leads.

        Raises:
            PaginationError: When pages are read: a link leads to another host, or in circles.
            APIError: Likewise: a request failed.
        """
        from replicate_ext._pages import Paginator

        return Paginator(self._driver, self._settings, lambda: method(*args, **kwargs))

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncReplicate(_Client[httpx.AsyncClient, httpx.AsyncBaseTransport]):
    __doc__ = _Client.__doc__

    def _set_up(self) -> None:
        self._pool = AsyncPool(self._network.async_client)
        self._driver = AsyncDriver(self._sender, self._auth, self._settings)

    @property
    def predictions(self) -> AsyncPredictions:
        """Create, get, cancel and run predictions."""
        return AsyncPredictions(self._driver, self._settings)

    @property
    def files(self) -> AsyncFiles:
        """Upload, get, list, delete and download files."""
        from replicate_ext._file_resources import AsyncFiles

        return AsyncFiles(self._driver, self._settings)

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return an httpx client with the token and this event loop's connections, to borrow."""
        if self._http_client is not None:
            return self._network.async_client(through=AsyncBorrowed(self._http_client))
        return self._pool()

    def _sender(self) -> httpx.AsyncClient:
        return self._http_client or self._pool()

    async def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Any:
        """Run a model and return its output.

        Args:
            reference: ``owner/name`` for official models, ``owner/name:version``, a version's id,
                ``deployments/owner/name``, or the API's own objects.
            input: What the model takes. Paths, open binary files and bytes are sent as files.
            options: See RunOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        from replicate_ext import _predictions

        return await self._driver.run(_predictions.run(self._settings, reference, input, **options))

    def stream(
        self, reference: Reference, input: Input | None = None, **options: Unpack[StreamOptions]
    ) -> AsyncStream:
        """Run a model and return its events as they happen.

        Args:
            reference: What to run, as ``run`` takes it.
            input: What the model takes.
            options: See StreamOptions.

        Raises:
            PredictionError: When the events are read: the run ended without success, or not in
                time.
            StreamInterrupted: Likewise: the stream broke off and could not be continued.
            APIError: Likewise: a request failed.
        """
        from replicate_ext import _streams

        planned = _streams.run(self._settings, reference, input, **options)
        return _streams.AsyncStream(self._driver, planned)

    async def wait(
        self,
        run: Prediction | Training | str,
        *,
        check: bool = True,
        **options: Unpack[WaitOptions],
    ) -> Prediction | Training:
        """Wait for a prediction or training to end and return it.

        Args:
            run: The prediction or training, or a prediction's id.
            check: Whether a run without success raises, as it does by default.
            options: See WaitOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        from replicate_ext import _predictions

        flow = _predictions.wait(self._settings, run, check=check, **options)
        return await self._driver.run(flow)

    def paginate(
        self, method: Callable[P, Awaitable[PageT]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncPaginator[PageT]:
        """Return the pages of a list.

        Args:
            method: What lists: ``client.predictions.list``, ``client.files.list`` and so on.
            args: What it takes.
            kwargs: What it takes by name; ``cursor`` starts where an earlier page's link leads.

        Raises:
            PaginationError: When pages are read: a link leads to another host, or in circles.
            APIError: Likewise: a request failed.
        """
        from replicate_ext._pages import AsyncPaginator

        return AsyncPaginator(self._driver, self._settings, lambda: method(*args, **kwargs))

    async def aclose(self) -> None:
        """Close the running event loop's connections; the next request opens new ones."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
