"""`/predictions`, and the creation of predictions by model."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import cast

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.preferences import lifetime, wait
from replicate_ext.sandbox._http.problems import invalid_version, not_found
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._http.timestamps import NANOSECONDS
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._runs.call import call
from replicate_ext.sandbox._runs.capture import captured
from replicate_ext.sandbox._runs.events import Streams
from replicate_ext.sandbox._runs.inputs import Inputs
from replicate_ext.sandbox._runs.job import Job
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.outputs import Outputs
from replicate_ext.sandbox._runs.prediction import Prediction
from replicate_ext.sandbox._webhooks.delivery import Webhooks
from replicate_ext.sandbox._webhooks.hook import Hook


class Predictions:
    """Creates predictions and runs them. Use it in the server's event loop.

    Args:
        base_url: URL of the API, with `/v1`.
        jobs: the store of jobs.
        inputs: opens the files in inputs.
        outputs: stores output files.
        streams: creates event streams.
        clock: the time.
        data_seconds: seconds for which the data of finished predictions is kept.
    """

    def __init__(
        self,
        base_url: str,
        jobs: Jobs,
        inputs: Inputs,
        outputs: Outputs,
        streams: Streams,
        clock: Clock,
        *,
        data_seconds: float,
    ) -> None:
        self._base_url = base_url
        self._jobs = jobs
        self._inputs = inputs
        self._outputs = outputs
        self._streams = streams
        self._clock = clock
        self._data_seconds = data_seconds

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
        """Create a prediction and start to run it.

        Args:
            version: version to run.
            values: valid input.
            shown_version: version in responses: its id, or `hidden`.
            deployment: `owner/name` of the deployment that runs it, or None.
            lifetime: seconds after which it is canceled, or None.
            hook: webhook of the prediction, or None.
        """
        program = version.program
        of = program.signature.stream_of
        prediction = Prediction(
            version=version,
            input=values,
            base_url=self._base_url,
            clock=self._clock,
            data_seconds=self._data_seconds,
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

        def show(output: object) -> None:
            # Encode without a thread, so that two requests in a row see two steps of the script.
            prediction.emit(self._outputs.encode(output))

        await prediction.follow(script, lambda: show(script.output), show)

    async def _call(self, prediction: Prediction) -> None:
        program = prediction.version.program
        await asyncio.sleep(program.boot_time)
        if program.setup is not None:
            with captured(prediction.log):
                await to_thread.run_sync(program.set_up, abandon_on_cancel=True)
        prediction.start()
        given = await self._inputs.arguments(program.signature.inputs, prediction.input)
        stopped = prediction.ended.is_set
        with captured(prediction.log):
            arguments = {**program.signature.defaults, **given}
            await call(program, arguments, self._outputs.encode, prediction.emit, stopped)
        prediction.end("succeeded")


class PredictionRoutes:
    """The routes that create, get, list and cancel predictions.

    Args:
        predictions: creates predictions.
        jobs: the store of jobs.
        models: the store of models.
        webhooks: sends webhooks.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(
        self,
        predictions: Predictions,
        jobs: Jobs,
        models: Models,
        webhooks: Webhooks,
        base_url: str,
    ) -> None:
        self._predictions = predictions
        self._jobs = jobs
        self._models = models
        self._webhooks = webhooks
        self._url = f"{base_url}/predictions"
        self._pages = Pages(PAGE_SIZE, self._url, Prediction.as_listed)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        by_model = "/models/{owner}/{name}/predictions"
        return [
            Route("/predictions", self._list),
            Route("/predictions", self._create, methods=["POST"]),
            Route(by_model, self._create_by_model, methods=["POST"]),
            Route("/predictions/{id}", self._get),
            Route("/predictions/{id}/cancel", self._cancel, methods=["POST"]),
        ]

    async def create(
        self,
        request: Request,
        body: Mapping[str, object],
        version: Version,
        *,
        shown_version: str | None = None,
        deployment: str | None = None,
    ) -> Response:
        """Create a prediction, and return the response that `Prefer` asks for.

        Args:
            request: request with the headers `Prefer` and `Cancel-After`.
            body: request body.
            version: version to run.
            shown_version: version in responses. Default: its id.
            deployment: `owner/name` of the deployment that runs it, or None.

        Raises:
            Problem: 422 when the input, a header or the webhook URL is invalid.
        """
        values = cast("dict[str, object]", body["input"])
        version.program.input_schema.check(values, "input")
        hook = self._webhooks.hook(body)
        seconds = wait(request.headers.getlist("prefer"))
        until = lifetime(request.headers.get("cancel-after"))
        prediction = self._predictions.create(
            version,
            values,
            shown_version=shown_version or version.id,
            deployment=deployment,
            lifetime=until,
            hook=hook,
        )
        if seconds is not None:
            await prediction.hold(seconds)
            if prediction.ended.is_set():
                return APIResponse(prediction.show(prediction.as_held()), 201)
        shown = prediction.show(prediction.as_created())
        if seconds is None:
            return APIResponse(shown, 201)
        headers = {"location": f"{self._url}/{prediction.id}", "reason": "wait time exceeded"}
        return APIResponse(shown, 202, headers)

    async def _create(self, request: Request) -> Response:
        body = await read_json(request)
        version, shown = self._resolve(str(body["version"]))
        return await self.create(request, body, version, shown_version=shown)

    async def _create_by_model(self, request: Request) -> Response:
        path = request.path_params
        model = self._models.named(path["owner"], path["name"])
        if model is None or model.latest is None or not model.official:
            raise not_found()
        body = await read_json(request)
        return await self.create(request, body, model.latest, shown_version="hidden")

    async def _get(self, request: Request) -> Response:
        job = self._find(request)
        return APIResponse(job.show(job.to_dict()))

    async def _cancel(self, request: Request) -> Response:
        job = self._find(request)
        self._jobs.cancel(job)
        return APIResponse(job.show(job.as_canceled()))

    async def _list(self, request: Request) -> Response:
        after = _nanoseconds(request, "created_after")
        before = _nanoseconds(request, "created_before")
        chosen = (
            prediction
            for prediction in self._jobs.all(Prediction)
            if (after is None or prediction.created_at >= after)
            and (before is None or prediction.created_at < before)
            # The filter `source=web` matches nothing: all predictions come from the API.
            and "source" not in request.query_params
        )
        return self._pages.response(request, chosen)

    def _find(self, request: Request) -> Job:
        # This also finds trainings: the response to their creation has URLs with this path.
        job = self._jobs.get(request.path_params["id"])
        if job is None:
            raise not_found()
        return job

    def _resolve(self, reference: str) -> tuple[Version, str]:
        """Return the version for a reference, and the text that shows it in responses.

        Args:
            reference: version id, `owner/name:version`, or the name of an official model.
        """
        owner, slash, rest = reference.rpartition("/")
        name, colon, id_ = rest.partition(":")
        if not slash:
            version = self._models.with_version(reference)
        else:
            model = self._models.named(owner, name)
            if model is not None and model.latest is not None and model.official and not colon:
                return model.latest, "hidden"
            version = None if model is None else model.version(id_)
        if version is None:
            raise invalid_version()
        return version, version.id


def _nanoseconds(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * NANOSECONDS)
