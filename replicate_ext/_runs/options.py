"""Options for creating runs and for waiting for them, checked on construction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self, cast

from replicate_ext._http.checks import (
    cancel_after_header,
    check_file_encoding,
    check_input_check,
    check_poll_interval,
    check_timeout,
    check_wait,
    check_webhook,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from replicate_ext.types import (
        CheckInput,
        FileEncoding,
        OnProgress,
        PollInterval,
        Stop,
        WebhookEvent,
    )


class CreateOptions(NamedTuple):
    """Options of the request that creates a run.

    Args:
        wait: How long the API holds its response: True for as long as possible, a number of
            seconds, or False.
        webhook: URL that receives the run's events.
        events: Events to send.
        cancel_after: Time after which the API cancels the run.
        file_encoding: How files in the input are sent; None for the client's choice.
        check_input: Whether the input is checked against the model's schema; None for the
            client's choice.
    """

    wait: bool | float = False
    webhook: str | None = None
    events: list[WebhookEvent] | None = None
    cancel_after: float | timedelta | str | None = None
    file_encoding: FileEncoding | None = None
    check_input: CheckInput | None = None

    @classmethod
    def of(
        cls,
        *,
        wait: bool | float = False,
        webhook: str | None = None,
        webhook_events_filter: Iterable[WebhookEvent] | None = None,
        cancel_after: float | timedelta | str | None = None,
        file_encoding: FileEncoding | None = None,
        check_input: CheckInput | None = None,
    ) -> Self:
        """Return checked options.

        Raises:
            InvalidInputError: An option is not valid.
        """
        check_wait(wait)
        events = cast("list[WebhookEvent] | None", check_webhook(webhook, webhook_events_filter))
        if cancel_after is not None:
            cancel_after_header(cancel_after)
        if file_encoding is not None:
            check_file_encoding(file_encoding)
        if check_input is not None:
            check_input_check(check_input)
        return cls(wait, webhook, events, cancel_after, file_encoding, check_input)


class WaitOptions(NamedTuple):
    """Options for waiting for a run.

    Args:
        timeout: Seconds for the whole call; None for no limit.
        poll_interval: Seconds between polls, or a function of the seconds since the start; None
            for the client's choice.
        on_progress: Function called with the run when its status, logs or output have changed.
        stop: Function called with the run before each poll; if it returns True, the run is
            canceled.
        cancel_on_exit: Whether the run is canceled when waiting ends early.
        use_file_output: Whether files in the output are FileOutput objects; None for the client's
            choice.
    """

    timeout: float | None = None
    poll_interval: PollInterval | None = None
    on_progress: OnProgress | None = None
    stop: Stop | None = None
    cancel_on_exit: bool = True
    use_file_output: bool | None = None

    @classmethod
    def of(
        cls,
        *,
        timeout: float | None = None,
        poll_interval: PollInterval | None = None,
        on_progress: OnProgress | None = None,
        stop: Stop | None = None,
        cancel_on_exit: bool = True,
        use_file_output: bool | None = None,
    ) -> Self:
        """Return checked options.

        Raises:
            InvalidInputError: An option is not valid.
        """
        seconds = check_timeout(timeout)
        check_poll_interval(poll_interval)
        return cls(seconds, poll_interval, on_progress, stop, cancel_on_exit, use_file_output)

    def hold(self, wait: bool | float | None) -> bool | float:  # noqa: FBT001 - as run has it
        """Return for how long the API holds the response to the create request.

        With a callback, the default is not to hold it: a held response has no progress to report.

        Args:
            wait: The caller's ``wait``; None for the default.
        """
        if wait is not None:
            return wait
        return self.on_progress is None and self.stop is None
