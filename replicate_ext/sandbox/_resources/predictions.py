"""`/predictions`, and the route that creates them by model."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.preferences import lifetime, wait
from replicate_ext.sandbox._http.problems import invalid_version, not_found
from replicate_ext.sandbox._http.responses import JSONAnswer
from replicate_ext.sandbox._http.timestamps import NANOSECONDS
from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._runs.call import run
from replicate_ext.sandbox._runs.events import Streams
from replicate_ext.sandbox._runs.inputs import Inputs
from replicate_ext.sandbox._runs.job import Job
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.outputs import Outputs
from replicate_ext.sandbox._runs.prediction import Prediction
from replicate_ext.sandbox._runs.prints import collected
from replicate_ext.sandbox._webhooks.delivery import Webhooks
from replicate_ext.sandbox._webhooks.hook import Hook


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


class PredictionRoutes:
    """The routes that create, show, list and cancel predictions.

    Args:
        predictions: makes them.
        jobs: what runs and ran.
        models: what can be run.
        webhooks: tells of them.
        base_url: the API's own URL, with its `/v1`.
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
        self._pages = Pages(PAGE_SIZE, self._url, Prediction.when_listed)

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
        by_model = "/models/{owner}/{name}/predictions"
        return [
            Route("/predictions", self._list),
            Route("/predictions", self._create, methods=["POST"]),
            Route(by_model, self._create_by_model, methods=["POST"]),
            Route("/predictions/{id}", self._get),
            Route("/predictions/{id}/cancel", self._cancel, methods=["POST"]),
        ]

    async def answer_create(
        self,
        request: Request,
        body: Mapping[str, object],
        version: Version,
        *,
        shown_version: str | None = None,
        deployment: str | None = None,
    ) -> Response:
        """Check an input, run a version on it, and answer as `Prefer` asks.

        Args:
            request: for its headers.
            body: the request's body, with the input.
            version: what to run.
            shown_version: the version as the answer is to show it; by default its id.
            deployment: `owner/name` of the deployment to run on, or None.

        Raises:
            Problem: 422 when the input does not fit the model, or the webhook is not allowed.
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
                return JSONAnswer(prediction.show(prediction.when_held()), 201)
        shown = prediction.show(prediction.when_created())
        if seconds is None:
            return JSONAnswer(shown, 201)
        headers = {"location": f"{self._url}/{prediction.id}", "reason": "wait time exceeded"}
        return JSONAnswer(shown, 202, headers)

    async def _create(self, request: Request) -> Response:
        body = await read_json(request)
        version, shown = self._resolve(str(body["version"]))
        return await self.answer_create(request, body, version, shown_version=shown)

    async def _create_by_model(self, request: Request) -> Response:
        path = request.path_params
        model = self._models.named(path["owner"], path["name"])
        if model is None or model.latest is None or not model.official:
            raise not_found()
        body = await read_json(request)
        return await self.answer_create(request, body, model.latest, shown_version="hidden")

    async def _get(self, request: Request) -> Response:
        job = self._find(request)
        return JSONAnswer(job.show(job.to_dict()))

    async def _cancel(self, request: Request) -> Response:
        job = self._find(request)
        self._jobs.cancel(job)
        return JSONAnswer(job.show(job.when_cancelled()))

    async def _list(self, request: Request) -> Response:
        after = _moment(request, "created_after")
        before = _moment(request, "created_before")
        chosen = (
            prediction
            for prediction in self._jobs.all(Prediction)
            if (after is None or prediction.created_at >= after)
            and (before is None or prediction.created_at < before)
            # Nothing here was made on the web.
            and "source" not in request.query_params
        )
        return self._pages.answer(request, chosen)

    def _find(self, request: Request) -> Job:
        # A training too: the answer to its creation names it by this path.
        job = self._jobs.get(request.path_params["id"])
        if job is None:
            raise not_found()
        return job

    def _resolve(self, reference: str) -> tuple[Version, str]:
        """Find a version by id, `owner/name:version` or official name, and say what shows it."""
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


def _moment(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * NANOSECONDS)
