"""Making predictions and running them."""

import asyncio
from functools import partial

from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._runs.call import run
from replicate_ext.sandbox._runs.events import Streams
from replicate_ext.sandbox._runs.inputs import Inputs
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.outputs import Outputs
from replicate_ext.sandbox._runs.prediction import Prediction
from replicate_ext.sandbox._runs.prints import collected
from replicate_ext.sandbox._webhooks.webhooks import Hook


class Predictions:
    """Makes predictions and runs them; lives in the server's event loop.

    Args:
        base_url: the API's own URL, with its `/v1`.
        jobs: runs and keeps them.
        inputs: opens the files that inputs name.
        outputs: stores the files that models return.
        streams: serves the events of predictions.
    """

    def __init__(
        self, base_url: str, jobs: Jobs, inputs: Inputs, outputs: Outputs, streams: Streams
    ) -> None:
        self._base_url = base_url
        self._jobs = jobs
        self._inputs = inputs
        self._outputs = outputs
        self._streams = streams

    def create(
        self,
        version: Version,
        values: dict[str, object],
        *,
        shown_version: str,
        deployment: str | None,
        lifetime: float | None,
        hook: Hook | None,
    ) -> Prediction:
        """Begin to run a version.

        Args:
            version: what to run.
            values: the input, checked already.
            shown_version: the version as the API is to show it.
            deployment: `owner/name` of the deployment to run on, or None.
            lifetime: seconds after which to cancel it, or None.
            hook: what to tell of its events, or None.
        """
        program = version.program
        of = program.signature.stream_of
        prediction = Prediction(
            version=version,
            input=values,
            base_url=self._base_url,
            lifetime=lifetime,
            hook=hook,
            shown_version=shown_version,
            deployment=deployment,
            events=None if of is None else self._streams.create(of, has_ids=program.stream_ids),
        )
        version.model.run_count += 1
        self._jobs.begin(prediction, partial(self._work, prediction))
        return prediction

    async def _work(self, prediction: Prediction) -> None:
        script = prediction.version.program.script
        if script is None:
            await self._call(prediction)
            return

        def deliver() -> None:
            # Not in a thread: whoever looks twice in a row is to see two steps.
            prediction.emit(self._outputs.encode(script.output))

        await prediction.follow(script, deliver)

    async def _call(self, prediction: Prediction) -> None:
        program = prediction.version.program
        await asyncio.sleep(program.boot_time)
        prediction.start()
        arguments = await self._inputs.arguments(program.signature.inputs, prediction.input)
        stopped = prediction.ended.is_set
        with collected(prediction.log):
            await run(program, arguments, self._outputs.encode, prediction.emit, stopped)
        prediction.end("succeeded")
