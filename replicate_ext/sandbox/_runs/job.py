"""The common base of predictions and trainings: a version that runs on an input."""

import asyncio
import io
import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.json import memory_size
from replicate_ext.sandbox._http.pages import next_sequence
from replicate_ext.sandbox._http.timestamps import NANOSECONDS, rfc3339
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._models.script import End, Script
from replicate_ext.sandbox._webhooks.hook import Hook
from replicate_ext.sandbox._webhooks.message import Event

MAX_LOGS = 1_000_000
"""Maximum number of characters of logs. When logs become longer, their last half is kept."""
OVERHEAD = 4_096
"""Bytes of memory that a job takes up in addition to its input, output and logs."""

_ALPHABET = string.ascii_lowercase + string.digits


def _new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


@dataclass(eq=False, kw_only=True)
class Job(ABC):
    """One run of a version.

    Args:
        version: the version that runs.
        input: input as it was sent.
        base_url: URL of the API, with `/v1`.
        clock: the time.
        lifetime: seconds after which the job is canceled, or None.
        hook: webhook of the job, or None.
    """

    version: Version
    input: dict[str, object]
    base_url: str
    clock: Clock
    lifetime: float | None = None
    hook: Hook | None = None
    id: str = field(default_factory=_new_id)
    sequence: int = field(default_factory=next_sequence)
    status: str = field(init=False)
    output: object = None
    error: str | None = None
    created_at: int = field(init=False)
    started_at: int | None = None
    completed_at: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    was_seen: bool = False
    """Whether a response has shown the final state."""
    _printed: io.StringIO = field(default_factory=io.StringIO)
    _not_held: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.status = self.first_status
        self.created_at = self.clock.now()

    @property
    def first_status(self) -> str:
        """The status of a new job."""
        script = self.version.program.script
        return "starting" if script is None else script.first_status

    def start(self, status: str = "processing") -> None:
        """Change the status to `processing`, or to another one from a script."""
        self.status = status
        if status == "processing" and self.started_at is None:
            self.started_at = self.clock.now()
            self.notify("start")

    @property
    def logs(self) -> str:
        """The logs so far."""
        return self._printed.getvalue()

    def log(self, text: str) -> None:
        """Add to the logs, and drop their beginning when they become too long."""
        if not self.ended.is_set():
            self._printed.write(text)
            if self._printed.tell() > MAX_LOGS:
                kept = self._printed.getvalue()[-MAX_LOGS // 2 :]
                self._printed = io.StringIO()
                self._printed.write(kept.partition("\n")[2] or kept)
            self.notify("logs")

    @property
    def size(self) -> int:
        """Roughly how many bytes of memory the job takes up."""
        return OVERHEAD + memory_size([self.input, self.output, self.error, self.logs])

    def notify(self, event: Event) -> None:
        """Send an event to the webhook, if there is one."""
        if self.hook is not None:
            self.hook.notify(event, self.to_dict)

    def show(self, body: dict[str, object]) -> dict[str, object]:
        """Return a body that is about to be sent, and record which status it shows."""
        self.was_seen = self.ended.is_set()
        if body["status"] == self.status:
            self._shown.set()
        return body

    async def follow(
        self,
        script: Script,
        deliver: Callable[[], None],
        show_part: Callable[[object], None] | None = None,
    ) -> None:
        """Go through the statuses of a script.

        Args:
            script: the script.
            deliver: sets the output; called before `succeeded`.
            show_part: sets a partial output, or None to ignore it.
        """
        for step in script.steps:
            self.start(step.status)
            if step.logs:
                self.log(step.logs)
            if step.output is not None and show_part is not None:
                show_part(step.output)
            await self._last(step.seconds)
        if script.end is None:
            await self.ended.wait()
            return
        if script.end in ("succeeded", "failed"):
            self.start()
        if script.end == "succeeded":
            deliver()
        self.end(script.end, script.error)

    def end(self, status: End, error: str | None = None) -> None:
        """Set a terminal status; later calls have no effect."""
        if self.ended.is_set():
            return
        self.status = status
        self.error = error
        self.completed_at = self.clock.now()
        if status in ("canceled", "aborted"):
            self.output = None
        self.ended.set()
        self._not_held.set()
        self.notify("completed")

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return the job as the response to its GET."""

    @abstractmethod
    def as_canceled(self) -> dict[str, object]:
        """Return the job as the response to its cancellation."""

    async def _last(self, seconds: float | None) -> None:
        """Stay in the current status.

        Args:
            seconds: how long. None means until a response has shown the status, and ends the hold
                of `Prefer: wait`, since a held response would never show the status.
        """
        if seconds is None:
            self._not_held.set()
            await self._shown.wait()
        else:
            await asyncio.sleep(seconds)
        self._shown.clear()

    def _times(self) -> dict[str, object]:
        """Return `started_at`, `completed_at` and `metrics`, without those that are not set yet."""
        times: dict[str, object] = {}
        if self.started_at is not None:
            times["started_at"] = rfc3339(self.started_at)
        if self.completed_at is not None:
            times["completed_at"] = rfc3339(self.completed_at)
            times["metrics"] = self._metrics(self.completed_at)
        return times

    def _metrics(self, completed_at: int) -> dict[str, float]:
        metrics = {"total_time": (completed_at - self.created_at) / NANOSECONDS}
        if self.started_at is not None:
            metrics["predict_time"] = (completed_at - self.started_at) / NANOSECONDS
        if self.status == "succeeded":
            metrics.update(self.version.program.metrics)
        return metrics
