"""Running predictions, and keeping them."""

import asyncio
from collections.abc import Iterable
from itertools import count

from anyio import move_on_after

from replicate_ext.sandbox._events import Streams
from replicate_ext.sandbox._inputs import Inputs
from replicate_ext.sandbox._models import Model
from replicate_ext.sandbox._outputs import Outputs
from replicate_ext.sandbox._prediction import Prediction
from replicate_ext.sandbox._runs import run
from replicate_ext.sandbox._scripts import Script


class Predictions:
    """Runs predictions and keeps them; lives in the server's event loop.

    Args:
        base_url: the API's own URL, with its `/v1`.
        inputs: opens the files that inputs name.
        outputs: stores the files that models return.
        streams: serves the events of predictions.
    """

    def __init__(self, base_url: str, inputs: Inputs, outputs: Outputs, streams: Streams) -> None:
        self._base_url = base_url
        self._inputs = inputs
        self._outputs = outputs
        self._streams = streams
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
        of = model.signature.stream_of
        prediction = Prediction(
            model=model,
            version=version,
            input=values,
            base_url=self._base_url,
            sequence=next(self._sequence),
            lifetime=lifetime,
            events=None if of is None else self._streams.create(of, has_ids=model.stream_ids),
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
        script = prediction.model.script
        try:
            with move_on_after(prediction.lifetime):
                if script is None:
                    await self._call(prediction)
                else:
                    await self._follow(script, prediction)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a model may raise anything
            prediction.end("failed", str(error) or type(error).__name__)
        finally:
            # Without an end until here, its lifetime is over.
            prediction.end("aborted" if prediction.started_at is None else "canceled")

    async def _call(self, prediction: Prediction) -> None:
        model = prediction.model
        await asyncio.sleep(model.boot_time)
        prediction.start()
        arguments = await self._inputs.arguments(model.signature.inputs, prediction.input)
        stopped = prediction.ended.is_set
        await run(model, arguments, self._outputs.encode, prediction.emit, stopped)
        prediction.end("succeeded")

    async def _follow(self, script: Script, prediction: Prediction) -> None:
        for status, seconds in script.steps:
            prediction.start(status)
            await prediction.last(seconds)
        if script.end is None:
            await prediction.ended.wait()
            return
        if script.end == "succeeded":
            # Not in a thread: whoever looks twice in a row is to see two steps.
            prediction.emit(self._outputs.encode(script.output))
        if script.end in ("succeeded", "failed"):
            prediction.start()
        prediction.end(script.end, script.error)
