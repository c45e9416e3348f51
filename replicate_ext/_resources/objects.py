# Printed from async_objects.py by `make generate`; changes made here are lost.
"""Predictions and trainings with methods: wait, reload, cancel, stream."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from replicate_api import models

from replicate_ext._defaults import IDLE_SECONDS, MAX_EVENT_SIZE
from replicate_ext._http.driver import Driver
from replicate_ext._runs.bound_run import BoundRun, bound
from replicate_ext.errors import PredictionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext._streams.stream import Stream
    from replicate_ext.types import PollInterval


class RunMethods(BoundRun[Driver]):
    """Methods of predictions and trainings."""

    _package: ClassVar[str]
    """Package of the operations in ``replicate_api.api``."""

    def wait(
        self,
        *,
        check: bool = True,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: Callable[[Self], object] | None = None,
        stop: Callable[[Self], object] | None = None,
        cancel_on_exit: bool = True,
    ) -> Self:
        """Wait until the run ends, update this object, and return it.

        Args:
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

        driver = self._bound_driver()
        options = WaitOptions.of(
            timeout=timeout,
            poll_interval=poll_interval,
            on_progress=on_progress,
            stop=stop,
            cancel_on_exit=cancel_on_exit,
        )
        run = cast("models.Prediction | models.Training", self)
        try:
            self._update(driver.run(wait.wait(driver.settings, run, options, check=check)))
        except PredictionError as error:
            self._update(error.prediction)
            raise
        return self

    def reload(self) -> Self:
        """Get the current state of the run, update this object, and return it.

        Raises:
            APIError: The request failed.
        """
        return self._perform("get")

    def cancel(self) -> Self:
        """Cancel the run, update this object, and return it.

        Raises:
            APIError: The request failed.
        """
        return self._perform("cancel")

    def _perform(self, name: str) -> Self:
        driver = self._bound_driver()
        operation: Any = import_module(f"replicate_api.api.{self._package}.{name}")
        self._update(
            driver.perform(
                operation.request(self._run_id), operation.parse, repeatable=operation.REPEATABLE
            )
        )
        return self


class Prediction(RunMethods, models.Prediction):
    """A prediction that is bound to the client that returned it.

    It has the fields of ``replicate_api.models.Prediction``; ``output`` has FileOutput objects in
    place of URLs of files. ``to_dict()`` returns the JSON.
    """

    _model: ClassVar[type[models.Prediction]] = models.Prediction
    _package = "predictions"

    @property
    def output(self) -> Any:
        """Output of the model, with a FileOutput in place of each URL of a file."""
        return self._converted_output()

    @output.setter
    def output(self, value: Any) -> None:
        self._set_output(value)

    def stream(
        self,
        *,
        use_file_output: bool | None = None,
        timeout: float | None = None,
        cancel_on_exit: bool = False,
        idle_timeout: float = IDLE_SECONDS,
        max_event_size: int = MAX_EVENT_SIZE,
    ) -> Stream:
        """Return the events of the prediction, from its start.

        Args:
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

        driver = self._bound_driver()
        planned = plan_existing(
            driver.settings,
            self,
            use_file_output=use_file_output,
            timeout=timeout,
            cancel_on_exit=cancel_on_exit,
            idle_timeout=idle_timeout,
            max_event_size=max_event_size,
        )
        return Stream(driver, planned)


class Training(RunMethods, models.Training):
    """A training that is bound to the client that returned it.

    It has the fields of ``replicate_api.models.Training``. ``to_dict()`` returns the JSON.
    """

    _model: ClassVar[type[models.Training]] = models.Training
    _package = "trainings"


def bind(driver: Driver, value: object, *, use_files: bool) -> Any:
    """Return a prediction, a training or a page of them bound to a client; other values unchanged.

    Args:
        driver: Driver of the client.
        value: The object that a request returned.
        use_files: Whether files in outputs are FileOutput objects.
    """
    if isinstance(value, models.PredictionPage | models.TrainingPage):
        if value.results is not None:
            results = [bind(driver, item, use_files=use_files) for item in value.results]
            value.results = results
        return value
    if isinstance(value, models.Prediction):
        return bound(Prediction, value, driver, use_files=use_files)
    if isinstance(value, models.Training):
        return bound(Training, value, driver, use_files=use_files)
    return value
