"""A prediction, and its JSON in the response of each endpoint."""

import math
from dataclasses import dataclass
from typing import cast

from anyio import move_on_after

from replicate_ext.sandbox._http.timestamps import NANOSECONDS, milliseconds
from replicate_ext.sandbox._models.script import End
from replicate_ext.sandbox._runs.events import EventLog
from replicate_ext.sandbox._runs.job import Job

LARGEST_EXAMPLE = 100_000
"""Largest prediction in bytes that becomes the example of its model. Lists of models contain it."""
_REMOVED: dict[str, object] = {"input": {}, "output": None, "logs": "", "data_removed": True}


@dataclass(eq=False, kw_only=True)
class Prediction(Job):
    """One run of a model.

    Args:
        shown_version: version in responses: its id, or `hidden`.
        data_seconds: seconds after its end for which its input, output and logs are kept.
        deployment: `owner/name` of the deployment that runs it, or None.
        events: its event stream, or None.
    """

    shown_version: str
    data_seconds: float
    deployment: str | None = None
    events: EventLog | None = None

    @property
    def data_is_removed(self) -> bool:
        """Whether the prediction ended so long ago that its data is removed.

        https://replicate.com/docs/topics/predictions/data-retention
        """
        return self.clock.now() >= self._kept_until

    @property
    def _kept_until(self) -> float:
        if self.completed_at is None:
            return math.inf
        return self.completed_at + self.data_seconds * NANOSECONDS

    async def hold(self, seconds: float) -> None:
        """Wait until the prediction has ended, or until its response can no longer be held."""
        with move_on_after(seconds):
            await self._not_held.wait()

    def emit(self, value: object) -> None:
        """Set the output, or add the next part of it if the model streams."""
        if self.ended.is_set():
            return
        if not self.version.program.signature.streams:
            self.output = value
        elif self.output is None:
            self.output = [value]
        else:
            cast("list[object]", self.output).append(value)
        if self.events is not None:
            self.events.output(value)
        self.notify("output")

    @property
    def size(self) -> int:
        """Roughly how many bytes of memory the prediction takes up."""
        return super().size + (0 if self.events is None else self.events.size)

    def end(self, status: End, error: str | None = None) -> None:
        """Set a terminal status and end the event stream; later calls have no effect."""
        if self.ended.is_set():
            return
        if self.output is None and self.version.program.signature.streams and status == "succeeded":
            self.output = []
        super().end(status, error)
        model = self.version.model
        if status == "succeeded" and model.example is None and self.size <= LARGEST_EXAMPLE:
            model.example = self.as_canceled()
        if self.events is not None:
            self.events.end(status, error, self._kept_until)

    def as_created(self) -> dict[str, object]:
        """Return the prediction as the response to its creation, whatever has happened since."""
        own = f"{self.base_url}/predictions/{self.id}"
        deadline = (
            {}
            if self.lifetime is None
            else {"deadline": milliseconds(self.created_at + int(self.lifetime * NANOSECONDS))}
        )
        return {
            "id": self.id,
            "model": self.version.model.name,
            "version": self.shown_version,
            "input": dict(sorted(self.input.items())),
            "logs": "",
            "output": None,
            "data_removed": False,
            "error": None,
            "source": "api",
            "status": self.first_status,
            "created_at": milliseconds(self.created_at),
            **deadline,
            **({} if self.deployment is None else {"deployment": self.deployment}),
            "urls": {
                "cancel": f"{own}/cancel",
                "get": own,
                **({} if self.events is None else {"stream": self.events.url}),
                "web": f"https://replicate.com/p/{self.id}",
            },
        }

    def as_held(self) -> dict[str, object]:
        """Return the finished prediction as the response to a create with `Prefer: wait`.

        After a success, the response has the status `processing` and the output, but no
        `completed_at`.
        https://replicate.com/docs/topics/predictions/create-a-prediction#sync-mode
        """
        if self.status != "succeeded":
            return self.to_dict()
        return self.as_created() | {"status": "processing", "output": self.output}

    def to_dict(self) -> dict[str, object]:
        """Return the prediction as the response to `GET /predictions/{id}`."""
        now = {
            "logs": self.logs,
            "status": self.status,
            "output": self.output,
            "error": self.error,
        }
        body = self.as_created() | now | self._times()
        return body | _REMOVED if self.data_is_removed else body

    def as_canceled(self) -> dict[str, object]:
        """Return the prediction as the response to its cancellation: absent fields are null."""
        absent = {"started_at": None, "completed_at": None}
        logs = {"logs": None} if self.status in ("canceled", "aborted") else {}
        return absent | self.to_dict() | logs

    def as_listed(self) -> dict[str, object]:
        """Return the prediction as an item of the list: like `as_canceled`, but without logs."""
        body = self.as_canceled()
        del body["logs"]
        return body
