"""The life of a prediction: starting, processing, and one of four ends."""

import asyncio
import secrets
import string
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, TypeAlias, cast

from anyio import move_on_after

from replicate_ext.sandbox._inputs import Inputs
from replicate_ext.sandbox._models import Model
from replicate_ext.sandbox._outputs import Outputs
from replicate_ext.sandbox._runs import run
from replicate_ext.sandbox._stamps import NANOSECONDS, milliseconds, rfc3339

Status: TypeAlias = Literal["starting", "processing", "succeeded", "failed", "canceled", "aborted"]
End: TypeAlias = Literal["succeeded", "failed", "canceled", "aborted"]

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
    """

    model: Model
    version: str
    input: dict[str, object]
    base_url: str
    sequence: int
    lifetime: float | None = None
    id: str = field(default_factory=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(26)))
    status: Status = "starting"
    output: object = None
    error: str | None = None
    created_at: int = field(default_factory=time.time_ns)
    started_at: int | None = None
    completed_at: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Go from starting to processing."""
        self.status = "processing"
        self.started_at = time.time_ns()

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
        self.ended.set()

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
            "status": "starting",
            "created_at": milliseconds(self.created_at),
            **deadline,
            "urls": {
                "cancel": f"{own}/cancel",
                "get": own,
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


class Predictions:
    """Runs predictions and keeps them; lives in the server's event loop.

    Args:
        base_url: the API's own URL, with its `/v1`.
        inputs: opens the files that inputs name.
        outputs: stores the files that models return.
    """

    def __init__(self, base_url: str, inputs: Inputs, outputs: Outputs) -> None:
        self._base_url = base_url
        self._inputs = inputs
        self._outputs = outputs
        self._by_id: dict[str, Prediction] = {}
        self._tasks: dict[Prediction, asyncio.Task[None]] = {}
        self._sequence = count()
        self._closed = False

    def all(self) -> Iterable[Prediction]:
        """Return every prediction, the oldest first."""
        return self._by_id.values()

    def get(self, id_: str) -> Prediction | None:
        """Return the prediction that has this id."""
        return self._by_id.get(id_)

    def create(
        self, model: Model, version: str, values: dict[str, object], lifetime: float | None
    ) -> Prediction:
        """Begin to run a model.

        Args:
            model: what to run.
            version: the version as the API is to show it.
            values: the input, checked already.
            lifetime: seconds after which to cancel it, or None.
        """
        prediction = Prediction(
            model=model,
            version=version,
            input=values,
            base_url=self._base_url,
            sequence=next(self._sequence),
            lifetime=lifetime,
        )
        model.run_count += 1
        self._by_id[prediction.id] = prediction
        if self._closed:
            prediction.end("canceled")
            return prediction
        task = asyncio.create_task(self._run(prediction))
        self._tasks[prediction] = task
        task.add_done_callback(lambda _: self._tasks.pop(prediction))
        return prediction

    def cancel(self, prediction: Prediction) -> None:
        """Stop a prediction; nothing happens to one that has ended."""
        prediction.end("canceled")
        task = self._tasks.get(prediction)
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        """Cancel everything that runs, and what is still to come, and wait until it has stopped."""
        self._closed = True
        tasks = list(self._tasks.values())
        for prediction in list(self._tasks):
            self.cancel(prediction)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, prediction: Prediction) -> None:
        model = prediction.model
        try:
            with move_on_after(prediction.lifetime):
                await asyncio.sleep(model.boot_time)
                prediction.start()
                arguments = await self._inputs.arguments(model.signature.inputs, prediction.input)
                await run(
                    model,
                    arguments,
                    self._outputs.encode,
                    prediction.emit,
                    prediction.ended.is_set,
                )
                prediction.end("succeeded")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a model may raise anything
            prediction.end("failed", str(error) or type(error).__name__)
        finally:
            # Without an end until here, its lifetime is over.
            prediction.end("aborted" if prediction.started_at is None else "canceled")
