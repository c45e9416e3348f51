# Printed from async_predictions.py by `make generate`; changes made here are lost.
"""``client.predictions``: the generated operations, and running, streaming and waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from replicate_api.resources.predictions import PredictionsResource

from replicate_ext._defaults import IDLE_SECONDS, MAX_EVENT_SIZE
from replicate_ext._resources.hints import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from replicate_api import models

    from replicate_ext._http.driver import Driver
    from replicate_ext._http.flow import Flow
    from replicate_ext._resources.links import Page
    from replicate_ext._resources.objects import Prediction
    from replicate_ext._runs.reference import InputT, Reference, TypedInput
    from replicate_ext._streams.stream import Stream
    from replicate_ext.typed import ModelFunction
    from replicate_ext.types import (
        CheckInput,
        FileEncoding,
        Input,
        PollInterval,
        WebhookEvent,
        When,
    )


class Predictions(PredictionsResource):
    """Predictions: runs of models.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @hint
    def create(
        self,
        reference: Reference | ModelFunction[InputT, object] | None = None,
        input: TypedInput[InputT] | None = None,
        *,
        version: str | None = None,
        model: str | None = None,
        deployment: str | None = None,
        wait: bool | float = False,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        stream: bool | None = None,  # noqa: ARG002 - see the docstring
        check_input: CheckInput | None = None,
    ) -> Prediction:
        """Create a prediction and return it without waiting for its end.

        Args:
            reference: The model to run: ``owner/name`` for official models, ``owner/name:version``,
                a version ID, ``deployments/owner/name``, or a Model, ModelVersion, Deployment or
                ModelFunction.
            input: Inputs of the model by name. Paths, open binary files and bytes are sent as
                files.
            version: A version ID or ``owner/name:version``, instead of the reference.
            model: ``owner/name`` of an official model, instead of the reference.
            deployment: ``owner/name`` of a deployment, instead of the reference.
            wait: Hold the request until the output is available: True for up to 60 seconds, a
                number for that many seconds, False not at all. A held response may have the
                status "processing" although its output is complete; ``predictions.run`` returns
                the finished prediction. Default: False.
            webhook: HTTPS URL that receives the prediction's events (HTTP only on loopback).
            webhook_events_filter: Events to send: "start", "output", "logs", "completed". Default:
                "output" and "completed".
            cancel_after: Time after which the API cancels the prediction: seconds, a timedelta or
                text such as "1h30m"; 5 seconds to 24 hours. Default: no limit.
            file_encoding: How files in the input are sent. "auto" puts up to 256 kB in total into
                the request and uploads larger files, "data-uri" puts all files into the request,
                "upload" uploads all files. Default: the client's.
            stream: Has no effect, and is accepted because the official clients have it: models
                that support streaming always stream.
            check_input: Check the input against the model's schema before it is sent: True raises
                InvalidInputError if it is invalid, "warn" warns. Default: the client's, or True
                for a ModelFunction.

        Raises:
            TypeError: There is not exactly one of reference, version, model and deployment.
            InvalidInputError: An argument is not valid; nothing was sent.
            OutcomeUnknownError: It is not known whether the prediction was created.
            APIError: A request failed.
        """
        from replicate_ext._runs import run
        from replicate_ext._runs.options import CreateOptions

        chosen = run.sole_reference(reference, version=version, model=model, deployment=deployment)
        options = CreateOptions.of(
            wait=wait,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            cancel_after=cancel_after,
            file_encoding=file_encoding,
            check_input=check_input,
        )
        flow: Flow[Prediction] = run.create(
            self._driver.settings, chosen, cast("Input | None", input), options
        )
        return self._driver.run(flow)

    @hint
    def run(
        self,
        reference: Reference | ModelFunction[InputT, object],
        input: TypedInput[InputT] | None = None,
        *,
        wait: bool | float | None = None,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        use_file_output: bool | None = None,
        on_progress: Callable[[Prediction], object] | None = None,
        stop: Callable[[Prediction], object] | None = None,
        cancel_on_exit: bool = True,
        check_input: CheckInput | None = None,
    ) -> Prediction:
        """Run a model and return the finished prediction, with its logs and metrics.

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
        flow = run.run_prediction(
            settings, reference, cast("Input | None", input), options, waiting
        )
        return cast("Prediction", self._driver.run(flow))

    def stream(
        self,
        prediction: models.Prediction | str,
        *,
        use_file_output: bool | None = None,
        timeout: float | None = None,
        cancel_on_exit: bool = False,
        idle_timeout: float = IDLE_SECONDS,
        max_event_size: int = MAX_EVENT_SIZE,
    ) -> Stream:
        """Return the events of an existing prediction, from its start.

        Args:
            prediction: The prediction or its ID.
            use_file_output: Return the files of a stream of files as FileOutput. Default: the
                client's.
            timeout: Seconds for the whole stream. Default: no limit.
            cancel_on_exit: Cancel the prediction if the stream is closed before its end.
                Default: False.
            idle_timeout: Reconnect after this many seconds without data. Default: 60.
            max_event_size: Maximum size of an event in bytes. Default: 256 MiB.

        Raises:
            InvalidInputError: An argument is not valid; nothing was sent.
            PredictionError: While reading: the prediction failed, was canceled or aborted, or did
                not end before the timeout.
            StreamInterrupted: While reading: the connection was lost, and the stream could not be
                continued.
            APIError: While reading: a request failed.
        """
        from replicate_ext._streams.plan import plan_existing
        from replicate_ext._streams.stream import Stream

        planned = plan_existing(
            self._driver.settings,
            prediction,
            use_file_output=use_file_output,
            timeout=timeout,
            cancel_on_exit=cancel_on_exit,
            idle_timeout=idle_timeout,
            max_event_size=max_event_size,
        )
        return Stream(self._driver, planned)

    @hint
    def wait(
        self,
        prediction: models.Prediction | str,
        *,
        check: bool = True,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: Callable[[Prediction], object] | None = None,
        stop: Callable[[Prediction], object] | None = None,
        cancel_on_exit: bool = True,
    ) -> Prediction:
        """Wait until a prediction ends and return it.

        Args:
            prediction: The prediction or its ID.
            check: Raise an error if the prediction did not succeed. Default: True.
            timeout: Seconds for the whole call. Default: no limit.
            poll_interval: Seconds between polls, or a function that takes the seconds since the
                start and returns the seconds until the next poll. Default: the client's.
            on_progress: Function called with the prediction immediately and whenever its status,
                logs or output have changed. The async client accepts async functions too. An
                exception in it cancels the prediction.
            stop: Function called with the prediction before each poll. Return True to cancel the
                prediction; PredictionCanceled is raised.
            cancel_on_exit: Cancel the prediction if the call ends early, by an exception, Ctrl-C
                or the timeout. Default: True.

        Raises:
            PredictionError: The prediction failed, was canceled or aborted, or did not end before
                the timeout.
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
        flow = wait.wait(self._driver.settings, prediction, options, check=check)
        return cast("Prediction", self._driver.run(flow))

    def list(
        self,
        *,
        created_after: When | None = None,
        created_before: When | None = None,
        source: Literal["web"] | None = None,
        cursor: str | None = None,
    ) -> Page[Prediction]:
        """Return one page of the account's predictions, newest first.

        Args:
            created_after: Only predictions created at or after this time: a datetime, a date, a
                timedelta (that long ago), or text such as "3 Nov 2026 17:00". A time without a
                zone is local.
            created_before: Only predictions created before this time, in the same forms.
            source: "web" to return only predictions created on the website. Default: all
                predictions.
            cursor: Where to continue: the cursor in the ``next`` or ``previous`` of a page.

        Raises:
            InvalidInputError: created_after or created_before is not a valid date or time.
            APIError: The request failed.
        """
        from replicate_api.api.predictions import list_

        from replicate_ext._runs.times import in_utc

        request = list_.request(
            created_after=in_utc("created_after", created_after),
            created_before=in_utc("created_before", created_before),
            source=source,
            cursor=cursor,
        )
        page = self._driver.perform(request, list_.parse, repeatable=list_.REPEATABLE)
        return cast("Page[Prediction]", page)
