"""Options for creating runs and for waiting for them, checked on construction."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

from replicate_ext._http.options import (
    cancel_after_header,
    check_file_encoding,
    check_poll_interval,
    check_timeout,
    check_wait,
    check_webhook,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from replicate_ext._http.options import (
        FileEncoding,
        OnProgress,
        PollInterval,
        Stop,
        WebhookEvent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """Options of the request that creates a run.

    Args:
        wait: How long the API holds its response: True for as long as possible, a number of
            seconds, or False.
        webhook: URL that receives the run's events.
        webhook_events_filter: Events to send.
        cancel_after: Time after which the API cancels the run.
        file_encoding: How files in the input are sent; None for the client's choice.

    Raises:
        InvalidInputError: An option is not valid.
    """

    wait: bool | float = False
    webhook: str | None = None
    webhook_events_filter: InitVar[Iterable[WebhookEvent | str] | None] = None
    cancel_after: float | timedelta | str | None = None
    file_encoding: FileEncoding | None = None
    events: list[str] | None = field(init=False)

    def __post_init__(self, webhook_events_filter: Iterable[WebhookEvent | str] | None) -> None:
        check_wait(self.wait)
        events = check_webhook(self.webhook, webhook_events_filter)
        object.__setattr__(self, "events", events)
        if self.cancel_after is not None:
            cancel_after_header(self.cancel_after)
        if self.file_encoding is not None:
            check_file_encoding(self.file_encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOptions:
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

    Raises:
        InvalidInputError: An option is not valid.
    """

    timeout: float | None = None
    poll_interval: PollInterval | None = None
    on_progress: OnProgress | None = None
    stop: Stop | None = None
    cancel_on_exit: bool = True
    use_file_output: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "timeout", check_timeout(self.timeout))
        check_poll_interval(self.poll_interval)
