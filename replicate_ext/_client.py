"""The two clients: thin methods. What they do stands in the flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, Self, Unpack, overload

import httpx

from replicate_ext._configuration import Client
from replicate_ext._http.clients import AsyncBorrowed, Borrowed, LoopClients, ProcessClients
from replicate_ext._http.drivers import AsyncDriver, Driver
from replicate_ext._http.options import (
    RequestOptions,
    RunOptions,
    StreamOptions,
    WaitOptions,
)
from replicate_ext._resources.api import AsyncResources, Resources
from replicate_ext._resources.signatures import check_options, takes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from replicate_api.models import Prediction, Training
    from replicate_api.types import RequestArguments

    from replicate_ext._http.options import Input
    from replicate_ext._resources.async_pages import AsyncPaginator
    from replicate_ext._resources.links import ItemT, Page
    from replicate_ext._resources.pages import Paginator
    from replicate_ext._runs.reference import Reference
    from replicate_ext._streams.stream import AsyncStream, Stream
    from replicate_ext.errors import InvalidInputError

P = ParamSpec("P")


class Replicate(Client[httpx.Client, httpx.BaseTransport], Resources):
    """A client of Replicate's HTTP API that blocks; it can be shared by threads."""

    def _set_up(self) -> None:
        self._pool = ProcessClients(self._network.opened)
        self._driver = Driver(self._sender, self._auth, self._settings, _unsendable)
        self._performer = self._driver

    def get_httpx_client(self) -> httpx.Client:
        """Return an httpx client with the token and this client's connections, to borrow."""
        if self._http_client is not None:
            return self._network.client(through=Borrowed(self._http_client))
        return self._pool()

    def _sender(self) -> httpx.Client:
        return self._http_client or self._pool()

    @takes(RunOptions)
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
        check_options(options, RunOptions, "run")
        from replicate_ext._runs import flows

        return self._driver.run(flows.run(self._settings, reference, input, **options))

    @takes(StreamOptions)
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
        check_options(options, StreamOptions, "stream")
        from replicate_ext._streams import stream

        planned = stream.run(self._settings, reference, input, **options)
        return stream.Stream(self._driver, planned)

    @overload
    def wait(
        self, run: Training, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Training: ...

    @overload
    def wait(
        self, run: Prediction | str, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Prediction: ...

    @takes(WaitOptions)
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
        check_options(options, WaitOptions, "wait")
        from replicate_ext._runs import flows

        return self._driver.run(flows.wait(self._settings, run, check=check, **options))

    @takes(RequestOptions)
    def request(
        self, method: str, path_or_url: str, **options: Unpack[RequestOptions]
    ) -> httpx.Response:
        """Send a request, for what the API's document does not know, and return its answer.

        It is sent again where that is safe; a DELETE that is may find nothing any more, and its 404
        is returned. The token goes along to the API alone.

        Args:
            method: The HTTP method.
            path_or_url: A path below the API's URL, or an absolute URL.
            options: See RequestOptions.

        Raises:
            InvalidInputError: The URL is not one of http or https.
            APIError: The request failed, or its answer is no success.
        """
        check_options(options, RequestOptions, "request")
        from replicate_ext._resources import request

        flow = request.request(self._settings, method, path_or_url, **options)
        return self._driver.run(flow)

    def paginate(
        self, method: Callable[P, Page[ItemT]], *args: P.args, **kwargs: P.kwargs
    ) -> Paginator[ItemT]:
        """Return the pages of a list.

        Args:
            method: What lists: ``client.predictions.list``, ``client.files.list`` and so on.
            args: What it takes.
            kwargs: What it takes by name; ``cursor`` starts where an earlier page's link leads.

        Raises:
            PaginationError: When pages are read: a link leads to another host, or in circles.
            APIError: Likewise: a request failed.
        """
        from replicate_ext._resources.links import first_page
        from replicate_ext._resources.pages import Paginator

        return Paginator(self._driver, first_page(method, *args, **kwargs))

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncReplicate(Client[httpx.AsyncClient, httpx.AsyncBaseTransport], AsyncResources):
    """A client of Replicate's HTTP API to be awaited, on asyncio or trio."""

    _is_async = True

    def _set_up(self) -> None:
        self._pool = LoopClients(self._network.async_opened)
        self._driver = AsyncDriver(self._sender, self._auth, self._settings, _unsendable)
        self._performer = self._driver

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return an httpx client with the token and this event loop's connections, to borrow."""
        if self._http_client is not None:
            return self._network.async_client(through=AsyncBorrowed(self._http_client))
        return self._pool()

    def _sender(self) -> httpx.AsyncClient:
        return self._http_client or self._pool()

    @takes(RunOptions)
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
        check_options(options, RunOptions, "run")
        from replicate_ext._runs import flows

        return await self._driver.run(flows.run(self._settings, reference, input, **options))

    @takes(StreamOptions)
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
        check_options(options, StreamOptions, "stream")
        from replicate_ext._streams import stream

        planned = stream.run(self._settings, reference, input, **options)
        return stream.AsyncStream(self._driver, planned)

    @overload
    async def wait(
        self, run: Training, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Training: ...

    @overload
    async def wait(
        self, run: Prediction | str, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Prediction: ...

    @takes(WaitOptions)
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
        check_options(options, WaitOptions, "wait")
        from replicate_ext._runs import flows

        flow = flows.wait(self._settings, run, check=check, **options)
        return await self._driver.run(flow)

    @takes(RequestOptions)
    async def request(
        self, method: str, path_or_url: str, **options: Unpack[RequestOptions]
    ) -> httpx.Response:
        """Send a request, for what the API's document does not know, and return its answer.

        It is sent again where that is safe; a DELETE that is may find nothing any more, and its 404
        is returned. The token goes along to the API alone.

        Args:
            method: The HTTP method.
            path_or_url: A path below the API's URL, or an absolute URL.
            options: See RequestOptions.

        Raises:
            InvalidInputError: The URL is not one of http or https.
            APIError: The request failed, or its answer is no success.
        """
        check_options(options, RequestOptions, "request")
        from replicate_ext._resources import request

        flow = request.request(self._settings, method, path_or_url, **options)
        return await self._driver.run(flow)

    def paginate(
        self, method: Callable[P, Awaitable[Page[ItemT]]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncPaginator[ItemT]:
        """Return the pages of a list.

        Args:
            method: What lists: ``client.predictions.list``, ``client.files.list`` and so on.
            args: What it takes.
            kwargs: What it takes by name; ``cursor`` starts where an earlier page's link leads.

        Raises:
            PaginationError: When pages are read: a link leads to another host, or in circles.
            APIError: Likewise: a request failed.
        """
        from replicate_ext._resources.async_pages import AsyncPaginator
        from replicate_ext._resources.links import first_page

        return AsyncPaginator(self._driver, first_page(method, *args, **kwargs))

    async def aclose(self) -> None:
        """Close the running event loop's connections; the next request opens new ones."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _unsendable(arguments: RequestArguments, error: Exception) -> InvalidInputError:
    # Imported late: hardly any request has something that cannot be sent.
    from replicate_ext._files.inputs import unsendable

    return unsendable(arguments, error)
