"""A prediction: what it is, what it becomes, and how each call of the API shows it."""

import asyncio
import secrets
import string
import time
from dataclasses import dataclass, field
from typing import cast

from anyio import move_on_after

from replicate_ext.sandbox._events import EventLog
from replicate_ext.sandbox._models import Model
from replicate_ext.sandbox._scripts import End
from replicate_ext.sandbox._stamps import NANOSECONDS, milliseconds, rfc3339

_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(eq=False, slots=True, kw_only=True)
class Prediction:
    """One run of a model.

    Args:
        model: what runs.
        version: the version as the API shows it: the model's, or `hidden`.
        input: as it was sent.
        base_url: the API's own URL, with its `/v1`.
        sequence: its place in the order of creation.
        lifetime: seconds after which it is cancelled, or None.
        events: what its event stream tells, or None when it has none.
    """

    model: Model
    version: str
    input: dict[str, object]
    base_url: str
    sequence: int
    lifetime: float | None = None
    events: EventLog | None = None
    id: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(26)))
    status: str = field(init=False)
    output: object = None
    error: str | None = None
    created_at: int = field(default_factory=time.time_ns)
    started_at: int | None = None
    completed_at: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _not_held: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.status = self._first_status

    @property
    def _first_status(self) -> str:
        script = self.model.script
        return "starting" if script is None else script.first_status

    def start(self, status: str = "processing") -> None:
        """Go from starting to processing, or to what a script has in its place."""
        self.status = status
        if status == "processing" and self.started_at is None:
            self.started_at = time.time_ns()

    async def last(self, seconds: float | None) -> None:
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

    def show(self, body: dict[str, object]) -> dict[str, object]:
        """Take note that somebody gets to see this body."""
        if body["status"] == self.status:
            self._shown.set()
        return body

    async def hold(self, seconds: float) -> None:
        """Wait until it has ended, or until its answer must not be held any longer."""
        with move_on_after(seconds):
            await self._not_held.wait()

    def emit(self, value: object) -> None:
        """Take the output, or the next piece of it from a model that streams."""
        if self.ended.is_set():
            return
        if not self.model.signature.streams:
            self.output = value
        elif self.output is None:
            self.output = [value]
        else:
            cast("list[object]", self.output).append(value)
        if self.events is not None:
            self.events.output(value)

    def end(self, status: End, error: str | None = None) -> None:
        """Come to an end; only the first one counts."""
        if self.ended.is_set():
            return
        self.status = status
        self.error = error
        self.completed_at = time.time_ns()
        if status in ("canceled", "aborted"):
            self.output = None
        elif self.output is None and self.model.signature.streams and status == "succeeded":
            self.output = []
        if self.events is not None:
            self.events.end(status, error)
        self.ended.set()
        self._not_held.set()

    def when_created(self) -> dict[str, object]:
        """Return the object as a create call answers it, whatever has happened since."""
        own = f"{self.base_url}/predictions/{self.id}"
        deadline = (
            {}
            if self.lifetime is None
            else {"deadline": milliseconds(self.created_at + int(self.lifetime * NANOSECONDS))}
        )
        return {
            "id": self.id,
            "model": self.model.name,
            "version": self.version,
            "input": dict(sorted(self.input.items())),
            "logs": "",
            "output": None,
            "data_removed": False,
            "error": None,
            "source": "api",
            "status": self._first_status,
            "created_at": milliseconds(self.created_at),
            **deadline,
            "urls": {
                "cancel": f"{own}/cancel",
                "get": own,
                **({} if self.events is None else {"stream": self.events.url}),
                "web": f"https://replicate.com/p/{self.id}",
            },
        }

    def when_held(self) -> dict[str, object]:
        """Return the object as a create call with `Prefer: wait` answers it once it has ended.

        A success is shown as `processing` with its output, without the times of its end.
        https://replicate.com/docs/topics/predictions/create-a-prediction#sync-mode
        """
        if self.status != "succeeded":
            return self.to_dict()
        return self.when_created() | {"status": "processing", "output": self.output}

    def to_dict(self) -> dict[str, object]:
        """Return the object as `GET /predictions/{id}` answers it."""
        body = self.when_created() | {
            "status": self.status,
            "output": self.output,
            "error": self.error,
        }
        if self.started_at is not None:
            body["started_at"] = rfc3339(self.started_at)
        if self.completed_at is not None:
            body["completed_at"] = rfc3339(self.completed_at)
            body["metrics"] = self._metrics(self.completed_at)
        return body

    def when_cancelled(self) -> dict[str, object]:
        """Return the object as the cancel call answers it: null where the others leave out."""
        absent = {"started_at": None, "completed_at": None}
        logs = {"logs": None} if self.status in ("canceled", "aborted") else {}
        return absent | self.to_dict() | logs

    def when_listed(self) -> dict[str, object]:
        """Return the object as the list shows it: like the cancel call's, without logs."""
        body = self.when_cancelled()
        del body["logs"]
        return body

    def _metrics(self, completed_at: int) -> dict[str, float]:
        metrics = {"total_time": (completed_at - self.created_at) / NANOSECONDS}
        if self.started_at is not None:
            metrics["predict_time"] = (completed_at - self.started_at) / NANOSECONDS
        return metrics
