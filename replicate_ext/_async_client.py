"""The asynchronous client. Its methods call flows, which contain the logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, Unpack, cast, overload

from replicate_ext._async_base import AsyncBaseClient
from replicate_ext._defaults import IDLE_SECONDS, MAX_EVENT_SIZE
from replicate_ext._resources.async_hints import async_hint
from replicate_ext._resources.hints import hint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import timedelta

    import httpx
    from replicate_api import models

    from replicate_ext._http.checks import AsyncContent, Part, Value
    from replicate_ext._resources.async_objects import AsyncPrediction, AsyncTraining
    from replicate_ext._resources.async_pages import AsyncPaginator
    from replicate_ext._resources.links import ItemT, Page
    from replicate_ext._runs.reference import (
        AnyReference,
        InputT,
        OutputT,
        Reference,
        TypedInput,
    )
    from replicate_ext._streams.async_stream import AsyncStream
    from replicate_ext.typed import ModelFunction
    from replicate_ext.types import (
        CheckInput,
        FileEncoding,
        Input,
        PollInterval,
        RunOptions,
        WebhookEvent,
    )

P = ParamSpec("P")


class AsyncReplicate(AsyncBaseClient):
    """Asynchronous client for Replicate's HTTP API.

    One client can be shared by all threads, tasks and event loops of a program. It is also a
    context manager, which closes its connections.
    """

    @overload
    async def run(
        self,
        reference: ModelFunction[InputT, OutputT],
        input: TypedInput[InputT],
        **options: Unpack[RunOptions[AsyncPrediction]],
    ) -> OutputT: ...

    @overload
    async def run(
        self,
        reference: Reference,
        input: Input | None = None,
        *,
        wait: bool | float | None = None,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        use_file_output: bool | None = None,
        on_progress: Callable[[AsyncPrediction], object] | None = None,
        stop: Callable[[AsyncPrediction], object] | None = None,
        cancel_on_exit: bool = True,
        check_input: CheckInput | None = None,
    ) -> Any: ...

    @async_hint
    async def run(
        self,
        reference: AnyReference,
        input: TypedInput[Any] | None = None,
        *,
        wait: bool | float | None = None,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        use_file_output: bool | None = None,
        on_progress: Callable[[AsyncPrediction], object] | None = None,
        stop: Callable[[AsyncPrediction], object] | None = None,
        cancel_on_exit: bool = True,
        check_input: CheckInput | None = None,
    ) -> Any:
        """Run a model and return its output.

        Args:
            reference: The model to run: ``owner/name`` for official models, ``owner/name:version``,
                a version ID, ``deployments/owner/name``, or a Model, ModelVersion, Deployment or
                ModelFunction.
            input: Inputs of the model by name. Paths, open binary files and bytes are sent as
                files.
            wait: Hold the create request until the prediction ends, then poll. True holds for up
                to 60 seconds, a number for that many seconds, False only polls. Default: True, or
                False with on_progress or stop, which are not called while the request is held.
            timeout: Seconds for the whole call, including uploads and polling. Default: no limit.
            poll_interval: Seconds between polls, or a function that takes the seconds since the
                start and returns the seconds until the next poll. Default: the client's.
            webhook: HTTPS URL that receives the prediction's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            cancel_after: Time after which the API cancels the prediction: seconds, a timedelta or
                text such as "1h30m"; 5 seconds to 24 hours. Default: one second after the timeout,
                if that is at least 5 seconds; else no limit.
            file_encoding: How files in the input are sent. "auto" puts up to 256 kB in total into
                the request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: the client's.
            use_file_output: Return files in the output as FileOutput instead of URLs.
                Default: the client's.
            on_progress: Function called with the prediction after it was created and whenever its
                status, logs or output have changed. The async client accepts async functions too.
                An exception in it cancels the prediction.
            stop: Function called with the prediction before each poll. Return True to cancel the
                prediction; PredictionCanceled is raised.
            cancel_on_exit: Cancel the prediction if the call ends early, by an exception, Ctrl-C
                or the timeout. Default: True.
            check_input: Check the input against the model's schema before it is sent: True raises
                InvalidInputError if it is invalid, "warn" warns. Default: the client's, or True
                for a ModelFunction.

        Raises:
            PredictionError: The prediction failed, was canceled or aborted, or did not end before
                the timeout.
            InvalidInputError: An argument is not valid; nothing was sent.
            APIError: A request failed.

        Example::

            output = await client.run("replicate/hello-world", {"text": "Ada"})
        """
        from replicate_ext._runs import run
        from replicate_ext._runs.options import CreateOptions, WaitOptions

        waiting = WaitOptions.of(
            timeout=timeout,
            poll_interval=poll_interval,
            on_progress=on_progress,
            stop=stop,
            cancel_on_exit=cancel_on_exit,
            use_file_output=use_file_output,
        )
        options = CreateOptions.of(
            wait=waiting.hold(wait),
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            cancel_after=cancel_after,
            file_encoding=file_encoding,
            check_input=check_input,
        )
        settings = self._driver.settings
        flow = run.run(settings, reference, cast("Input | None", input), options, waiting)
        return await self._driver.run(flow)

    @hint
    def stream(
        self,
        reference: Reference | ModelFunction[InputT, object],
        input: TypedInput[InputT] | None = None,
        *,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        use_file_output: bool | None = None,
        timeout: float | None = None,
        cancel_on_exit: bool = True,
        idle_timeout: float = IDLE_SECONDS,
        max_event_size: int = MAX_EVENT_SIZE,
        check_input: CheckInput | None = None,
    ) -> AsyncStream:
        """Run a model and return its events as they happen.

        Args:
            reference: The model to run: ``owner/name`` for official models, ``owner/name:version``,
                a version ID, ``deployments/owner/name``, or a Model, ModelVersion, Deployment or
                ModelFunction.
            input: Inputs of the model by name. Paths, open binary files and bytes are sent as
                files.
            webhook: HTTPS URL that receives the prediction's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            cancel_after: Time after which the API cancels the prediction: seconds, a timedelta or
                text such as "1h30m"; 5 seconds to 24 hours. Default: one second after the timeout,
                if that is at least 5 seconds; else no limit.
            file_encoding: How files in the input are sent. "auto" puts up to 256 kB in total into
                the request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: the client's.
            use_file_output: Return the files of a stream of files as FileOutput. Default: the
                client's.
            timeout: Seconds for the whole stream. Default: no limit.
            cancel_on_exit: Cancel the prediction if the stream is closed before its end.
                Default: True.
            idle_timeout: Reconnect after this many seconds without data. Default: 60.
            max_event_size: Maximum size of an event in bytes. Default: 256 MiB.
            check_input: Check the input against the model's schema before it is sent: True raises
                InvalidInputError if it is invalid, "warn" warns. Default: the client's, or True
                for a ModelFunction.

        Raises:
            InvalidInputError: An argument is not valid; nothing was sent.
            PredictionError: While reading: the prediction failed, was canceled or aborted, or did
                not end before the timeout.
            StreamInterrupted: While reading: the connection was lost, and the stream could not be
                continued.
            APIError: While reading: a request failed.
        """
        from replicate_ext._runs.options import CreateOptions
        from replicate_ext._streams.async_stream import AsyncStream
        from replicate_ext._streams.plan import plan_run

        options = CreateOptions.of(
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            cancel_after=cancel_after,
            file_encoding=file_encoding,
            check_input=check_input,
        )
        planned = plan_run(
            self._driver.settings,
            reference,
            cast("Input | None", input),
            options,
            use_file_output=use_file_output,
            timeout=timeout,
            cancel_on_exit=cancel_on_exit,
            idle_timeout=idle_timeout,
            max_event_size=max_event_size,
        )
        return AsyncStream(self._driver, planned)

    @overload
    async def wait(
        self,
        run: models.Training,
        *,
        check: bool = True,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: Callable[[AsyncTraining], object] | None = None,
        stop: Callable[[AsyncTraining], object] | None = None,
        cancel_on_exit: bool = True,
    ) -> AsyncTraining: ...

    @overload
    async def wait(
        self,
        run: models.Prediction | str,
        *,
        check: bool = True,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: Callable[[AsyncPrediction], object] | None = None,
        stop: Callable[[AsyncPrediction], object] | None = None,
        cancel_on_exit: bool = True,
    ) -> AsyncPrediction: ...

    @async_hint
    async def wait(
        self,
        run: models.Prediction | models.Training | str,
        *,
        check: bool = True,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: Callable[[Any], object] | None = None,
        stop: Callable[[Any], object] | None = None,
        cancel_on_exit: bool = True,
    ) -> AsyncPrediction | AsyncTraining:
        """Wait until a prediction or training ends and return it.

        Args:
            run: The prediction or training, or the ID of a prediction.
            check: Raise an error if the run did not succeed. Default: True.
            timeout: Seconds for the whole call. Default: no limit.
            poll_interval: Seconds between polls, or a function that takes the seconds since the
                start and returns the seconds until the next poll. Default: the client's.
            on_progress: Function called with the run immediately and whenever its status, logs or
                output have changed. The async client accepts async functions too. An exception in
                it cancels the run.
            stop: Function called with the run before each poll. Return True to cancel the
                run; PredictionCanceled is raised.
            cancel_on_exit: Cancel the run if the call ends early, by an exception, Ctrl-C
                or the timeout. Default: True.

        Raises:
            PredictionError: The run failed, was canceled or aborted, or did not end before the
                timeout.
            InvalidInputError: An argument is not valid; nothing was sent.
            APIError: A request failed.
        """
        from replicate_ext._runs import wait
        from replicate_ext._runs.options import WaitOptions

        options = WaitOptions.of(
            timeout=timeout,
            poll_interval=poll_interval,
            on_progress=on_progress,
            stop=stop,
            cancel_on_exit=cancel_on_exit,
        )
        flow = wait.wait(self._driver.settings, run, options, check=check)
        return cast("AsyncPrediction | AsyncTraining", await self._driver.run(flow))

    async def request(
        self,
        method: str,
        path_or_url: str,
        *,
        params: Mapping[str, Value | Sequence[Value]] | None = None,
        json: Any = None,
        content: AsyncContent | None = None,
        files: Mapping[str, Part] | Sequence[tuple[str, Part]] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | float | None = None,
    ) -> httpx.Response:
        """Send a request for which there is no method, and return the response.

        The request is retried where that is safe. If a DELETE was retried, the response may be a
        404, as the first attempt may have deleted the object. The token is sent only to the API.

        Args:
            method: HTTP method.
            path_or_url: A path below the base URL, or an absolute URL.
            params: Query parameters.
            json: JSON body.
            content: Body, sent unchanged. A request with an iterator is not retried.
            files: Parts of a multipart body.
            headers: Headers in addition to the client's.
            timeout: Seconds for each step of the request, or an ``httpx.Timeout``. Default: the
                client's.

        Raises:
            InvalidInputError: An argument is not valid, such as a URL that is not HTTP or HTTPS.
            APIError: The request failed, or its response is an error.
        """
        from replicate_ext._resources import request

        body = request.Body(json=json, content=content, files=files)
        flow = request.request(
            self._driver.settings,
            method,
            path_or_url,
            body,
            params=params,
            headers=headers,
            timeout=timeout,
        )
        return await self._driver.run(flow)

    def paginate(
        self, method: Callable[P, Awaitable[Page[ItemT]]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncPaginator[ItemT]:
        """Return the pages of a list, each fetched when it is needed.

        Args:
            method: Method that returns a page: ``client.predictions.list``, ``client.files.list``
                and so on.
            args: Its positional arguments.
            kwargs: Its keyword arguments. ``cursor`` continues where another page ended.

        Raises:
            PaginationError: While reading: the link to the next page leads to another host, or
                repeats an earlier link.
            APIError: While reading: a request failed.
        """
        from replicate_ext._resources.async_pages import AsyncPaginator
        from replicate_ext._resources.links import first_page

        return AsyncPaginator(self._driver, first_page(method, *args, **kwargs))
