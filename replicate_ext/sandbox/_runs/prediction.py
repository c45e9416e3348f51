"""A prediction: what it is, what it becomes, and how each call of the API shows it."""

from dataclasses import dataclass
from typing import cast

from anyio import move_on_after

from replicate_ext.sandbox._http.timestamps import NANOSECONDS, milliseconds
from replicate_ext.sandbox._models.script import End
from replicate_ext.sandbox._runs.events import EventLog
from replicate_ext.sandbox._runs.job import Job


@dataclass(eq=False, kw_only=True)
class Prediction(Job):
    """One run of a model.

    Args:
        shown_version: the version as the API shows it: its id, or `hidden`.
        deployment: `owner/name` of the deployment it runs on, or None.
        events: what its event stream tells, or None when it has none.
    """

    shown_version: str
    deployment: str | None = None
    events: EventLog | None = None

    async def hold(self, seconds: float) -> None:
        """Wait until it has ended, or until its answer must not be held any longer."""
        with move_on_after(seconds):
            await self._not_held.wait()

    def emit(self, value: object) -> None:
        """Take the output, or the next piece of it from a model that streams."""
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
        self.tell("output")

    @property
    def size(self) -> int:
        """Roughly how many bytes of memory it takes."""
        return super().size + (0 if self.events is None else self.events.size)

    def end(self, status: End, error: str | None = None) -> None:
        """Come to an end, and the event stream with it; only the first one counts."""
        if self.ended.is_set():
            return
        if self.output is None and self.version.program.signature.streams and status == "succeeded":
            self.output = []
        super().end(status, error)
        if self.events is not None:
            self.events.end(status, error)

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
        now = {
            "logs": self.logs,
            "status": self.status,
            "output": self.output,
            "error": self.error,
        }
        return self.when_created() | now | self._times()

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
