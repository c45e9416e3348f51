"""`/trainings`: simulated trainings, whose new version runs the same function."""

import asyncio
import json
from functools import partial
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._contract.contract import read_json
from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages
from replicate_ext.sandbox._http.problems import not_found, not_trainable, unknown_destination
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._models.model import Model
from replicate_ext.sandbox._resources.models import Models
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.outputs import Outputs
from replicate_ext.sandbox._runs.training import Training
from replicate_ext.sandbox._webhooks.delivery import Webhooks

STEPS = 10
STEP_SECONDS = 0.05


class TrainingRoutes:
    """The routes that create, get, list and cancel trainings.

    Args:
        models: the store of models.
        jobs: the store of jobs.
        outputs: stores the weights.
        webhooks: sends webhooks.
        clock: the time.
        base_url: URL of the API, with `/v1`.
    """

    def __init__(
        self,
        models: Models,
        jobs: Jobs,
        outputs: Outputs,
        webhooks: Webhooks,
        clock: Clock,
        base_url: str,
    ) -> None:
        self._models = models
        self._jobs = jobs
        self._outputs = outputs
        self._webhooks = webhooks
        self._clock = clock
        self._base_url = base_url
        self._pages = Pages(PAGE_SIZE, f"{base_url}/trainings", Training.as_listed)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        of_version = "/models/{owner}/{name}/versions/{version}/trainings"
        return [
            Route(of_version, self._create, methods=["POST"]),
            Route("/trainings", self._list),
            Route("/trainings/{id}", self._get),
            Route("/trainings/{id}/cancel", self._cancel, methods=["POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        path = request.path_params
        version = self._models.require(path["owner"], path["name"]).version(path["version"])
        if version is None:
            raise not_found()
        if not version.program.trainable:
            raise not_trainable()
        body = await read_json(request)
        training = Training(
            version=version,
            input=cast("dict[str, object]", body["input"]),
            base_url=self._base_url,
            clock=self._clock,
            destination=self._destination(str(body["destination"])),
            hook=self._webhooks.hook(body),
        )
        self._jobs.begin(training, partial(self._train, training))
        return APIResponse(training.show(training.as_created()), 201)

    async def _list(self, request: Request) -> Response:
        return self._pages.response(request, self._jobs.all(Training))

    async def _get(self, request: Request) -> Response:
        training = self._find(request)
        return APIResponse(training.show(training.to_dict()))

    async def _cancel(self, request: Request) -> Response:
        training = self._find(request)
        self._jobs.cancel(training)
        return APIResponse(training.show(training.as_canceled()))

    def _find(self, request: Request) -> Training:
        job = self._jobs.get(request.path_params["id"])
        if not isinstance(job, Training):
            raise not_found()
        return job

    def _destination(self, reference: str) -> Model:
        owner, _, name = reference.partition("/")
        model = self._models.named(owner, name)
        if model is None:
            raise unknown_destination()
        return model

    async def _train(self, training: Training) -> None:
        program = training.version.program
        deliver = partial(self._publish, training)
        if program.script is not None:
            await training.follow(program.script, deliver)
            return
        await asyncio.sleep(program.boot_time)
        training.start()
        for step in range(1, STEPS + 1):
            await asyncio.sleep(STEP_SECONDS)
            training.log(f"{step / STEPS:4.0%}|{'█' * step:<{STEPS}}| {step}/{STEPS}\n")
        deliver()
        training.end("succeeded")

    def _publish(self, training: Training) -> None:
        """Add a version to the destination. Its weights file contains the training's input."""
        weights = self._outputs.encode(json.dumps(training.input).encode())
        version = training.destination.add_version(training.version.program)
        training.output = {
            "version": f"{training.destination.name}:{version.id}",
            "weights": weights,
        }
        training.notify("output")
