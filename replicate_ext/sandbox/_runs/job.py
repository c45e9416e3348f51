"""What predictions and trainings have in common: a version works on an input until it ends."""

import asyncio
import io
import secrets
import string
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from replicate_ext.sandbox._http.json import weigh
from replicate_ext.sandbox._http.pages import next_sequence
from replicate_ext.sandbox._http.timestamps import NANOSECONDS, rfc3339
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._models.script import End, Script
from replicate_ext.sandbox._webhooks.hook import Hook
from replicate_ext.sandbox._webhooks.message import Event

MAX_LOGS = 1_000_000
"""Characters of the longest logs; of longer ones the last half is kept."""
OVERHEAD = 4_096
"""Bytes that a job takes beside its input, output and logs."""

_ALPHABET = string.ascii_lowercase + string.digits


def _new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


@dataclass(eq=False, kw_only=True)
class Job(ABC):
    """One run of a version.

    Args:
        version: what runs.
        input: as it was sent.
        base_url: the API's own URL, with its `/v1`.
        lifetime: seconds after which it is cancelled, or None.
        hook: what to tell of its events, or None.
    """

    version: Version
    input: dict[str, object]
    base_url: str
    lifetime: float | None = None
    hook: Hook | None = None
    id: str = field(default_factory=_new_id)
    sequence: int = field(default_factory=next_sequence)
    status: str = field(init=False)
    output: object = None
    error: str | None = None
    created_at: int = field(default_factory=time.time_ns)
    started_at: int | None = None
    completed_at: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    was_seen: bool = False
    """Whether its end was shown."""
    _printed: io.StringIO = field(default_factory=io.StringIO)
    _not_held: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.status = self.first_status

    @property
    def first_status(self) -> str:
        """What it is created as."""
        script = self.version.program.script
        return "starting" if script is None else script.first_status

    def start(self, status: str = "processing") -> None:
        """Go from starting to processing, or to what a script has in its place."""
        self.status = status
        if status == "processing" and self.started_at is None:
            self.started_at = time.time_ns()
            self.tell("start")

    @property
    def logs(self) -> str:
        """What it has printed so far."""
        return self._printed.getvalue()

    def log(self, text: str) -> None:
        """Add to the logs, of which the beginning goes when they become too long."""
        if not self.ended.is_set():
            self._printed.write(text)
            if self._printed.tell() > MAX_LOGS:
                kept = self._printed.getvalue()[-MAX_LOGS // 2 :]
                self._printed = io.StringIO()
                self._printed.write(kept.partition("\n")[2] or kept)
            self.tell("logs")

    @property
    def size(self) -> int:
        """Roughly how many bytes of memory it takes."""
        return OVERHEAD + weigh([self.input, self.output, self.error, self.logs])

    def tell(self, event: Event) -> None:
        """Let the webhook know what happened, if there is one."""
        if self.hook is not None:
            self.hook.notify(event, self.to_dict)

    def show(self, body: dict[str, object]) -> dict[str, object]:
        """Take note that somebody gets to see this body."""
        self.was_seen = self.ended.is_set()
        if body["status"] == self.status:
            self._shown.set()
        return body

    async def follow(self, script: Script, deliver: Callable[[], None]) -> None:
        """Go the way of a script, to its end.

        Args:
            script: the way.
            deliver: makes the output, if it succeeds.
        """
        for status, seconds in script.steps:
            self.start(status)
            await self._last(seconds)
        if script.end is None:
            await self.ended.wait()
            return
        if script.end in ("succeeded", "failed"):
            self.start()
        if script.end == "succeeded":
            deliver()
        self.end(script.end, script.error)

    def end(self, status: End, error: str | None = None) -> None:
        """Come to an end; only the first one counts."""
        if self.ended.is_set():
            return
        self.status = status
        self.error = error
        self.completed_at = time.time_ns()
        if status in ("canceled", "aborted"):
            self.output = None
        self.ended.set()
        self._not_held.set()
        self.tell("completed")

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return the object as its own GET answers it."""

    @abstractmethod
    def when_cancelled(self) -> dict[str, object]:
        """Return the object as the cancel call answers it."""

    async def _last(self, seconds: float | None) -> None:
        """Stay in the present status.

        Args:
            seconds: for how long; None is until it was shown. As that cannot be while an answer
                is held, no answer is held any longer then.
        """
        if seconds is None:
            self._not_held.set()
            await self._shown.wait()
        else:
            await asyncio.sleep(seconds)
        self._shown.clear()

    def _times(self) -> dict[str, object]:
        """Return the fields that tell when it began and ended, as far as it has."""
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
        return metrics
