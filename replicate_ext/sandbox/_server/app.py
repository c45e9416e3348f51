"""The ASGI application, with its stores, routes and middleware."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ExceptionHandler

from replicate_ext.sandbox._contract.contract import Contract
from replicate_ext.sandbox._contract.operations import methods_of
from replicate_ext.sandbox._faults.injection import FaultInjection, Faults
from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.problems import (
    Problem,
    malformed,
    method_not_allowed,
    not_found,
    problem_response,
    version_twice,
)
from replicate_ext.sandbox._http.responses import ignore_disconnect
from replicate_ext.sandbox._resources.account import AccountRoutes
from replicate_ext.sandbox._resources.collections import CollectionRoutes
from replicate_ext.sandbox._resources.deployments import DeploymentRoutes, Deployments
from replicate_ext.sandbox._resources.files import Uploads
from replicate_ext.sandbox._resources.hardware import hardware_routes
from replicate_ext.sandbox._resources.models import ModelRoutes, Models
from replicate_ext.sandbox._resources.predictions import PredictionRoutes, Predictions
from replicate_ext.sandbox._resources.search import SearchRoutes
from replicate_ext.sandbox._resources.trainings import TrainingRoutes
from replicate_ext.sandbox._resources.versions import VersionRoutes
from replicate_ext.sandbox._runs.events import Streams
from replicate_ext.sandbox._runs.inputs import Inputs
from replicate_ext.sandbox._runs.jobs import Jobs
from replicate_ext.sandbox._runs.outputs import Outputs
from replicate_ext.sandbox._runs.storage import Storage
from replicate_ext.sandbox._server.authentication import Authentication
from replicate_ext.sandbox._server.guard import Guard
from replicate_ext.sandbox._server.page import Page
from replicate_ext.sandbox._server.recorder import Recorder
from replicate_ext.sandbox._server.records import Records
from replicate_ext.sandbox._server.replay import Recordings, Replaying
from replicate_ext.sandbox._server.request_log import RequestLog
from replicate_ext.sandbox._server.response_headers import Compression, ResponseHeaders
from replicate_ext.sandbox._server.settings import HOUR, Settings
from replicate_ext.sandbox._server.versioned import Versioned
from replicate_ext.sandbox._webhooks.delivery import Webhooks

NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405
DATA_SECONDS = HOUR
"""Seconds for which the input, output and logs of finished predictions are kept."""


class App:
    """The ASGI application of one running server. Create and use it in the server's event loop.

    Args:
        settings: settings of the sandbox.
        models: the store of models.
        origin: scheme, host and port of the server.
        folder: empty folder for files.
        records: records requests, deliveries and contract violations.
        scripted: statuses of scripts, which need not be in the API's document.
        faults: planned faults.
        clock: the time.
        recordings: recorded exchanges, whose responses are replayed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        models: Models,
        origin: str,
        folder: Path,
        records: Records,
        scripted: Container[str],
        faults: Faults,
        clock: Clock,
        recordings: Recordings,
    ) -> None:
        self._closing = asyncio.Event()
        self._base_url = f"{origin}/v1"
        self._models = models
        self._clock = clock
        self._settings = settings
        self._uploads, self._outputs, self._inputs = _file_stores(folder, origin, settings, clock)
        self.jobs = Jobs(settings.limits.max_finished)
        self._webhooks = Webhooks(
            settings.webhook_secret,
            settings.retry_delays,
            settings.webhook_hosts,
            records.deliveries,
        )
        self.streams = Streams(origin, clock)
        api = _starlette(
            self._routes(),
            [
                Middleware(Compression),
                Middleware(Authentication, settings.api_token),
                Middleware(Replaying, recordings, origin),
                Middleware(ResponseHeaders, enforced=settings.rate_limits),
                Middleware(Contract, records.violations, scripted, strict=settings.strict),
            ],
            {
                Problem: problem_response,
                HTTPException: _framework_error,
                ClientDisconnect: ignore_disconnect,
            },
        )
        self.asgi = _starlette(
            [
                *self.streams.routes(),
                Mount("/v1", api),
                *self._outputs.routes(),
                *Page(origin, models, self.jobs, records, faults).routes(),
            ],
            [
                Middleware(RequestLog),
                Middleware(Versioned),
                Middleware(Guard, settings.allowed_hosts),
                Middleware(Recorder, records.requests),
                Middleware(FaultInjection, faults, self._closing),
            ],
            {NOT_FOUND: _outside},
        )

    def _routes(self) -> list[BaseRoute]:
        """Return the routes of all resources, relative to `/v1`."""
        models, jobs, base_url = self._models, self.jobs, self._base_url
        deployments = Deployments()
        predictions = PredictionRoutes(
            Predictions(
                base_url,
                jobs,
                self._inputs,
                self._outputs,
                self.streams,
                self._clock,
                data_seconds=DATA_SECONDS,
            ),
            jobs,
            models,
            self._webhooks,
            base_url,
        )
        return [
            *predictions.routes(),
            *ModelRoutes(models, jobs, base_url).routes(),
            *VersionRoutes(models, jobs, deployments, base_url).routes(),
            *TrainingRoutes(
                models, jobs, self._outputs, self._webhooks, self._clock, base_url
            ).routes(),
            *DeploymentRoutes(deployments, models, predictions, base_url).routes(),
            *CollectionRoutes(models, base_url).routes(),
            *SearchRoutes(models).routes(),
            *hardware_routes(),
            *self._uploads.routes(),
            *AccountRoutes(self._settings.webhook_secret).routes(),
        ]

    def expire_files(self) -> None:
        """Let all files expire; thread-safe."""
        self._uploads.expire()
        self._outputs.expire()

    async def idle(self) -> None:
        """Wait until no job runs and no webhook is being delivered."""
        while self.jobs.are_running or self._webhooks.are_pending:
            await self.jobs.idle()
            await self._webhooks.idle()

    async def close(self) -> None:
        """Cancel all jobs and deliveries, so that every held or delayed response ends."""
        self._closing.set()
        # Webhooks first: none is sent for the jobs that are canceled here.
        await self._webhooks.close()
        await self.jobs.close()


def _starlette(
    routes: Sequence[BaseRoute],
    middleware: Sequence[Middleware],
    handlers: Mapping[Any, ExceptionHandler],
) -> Starlette:
    application = Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)
    application.router.redirect_slashes = False
    return application


def _file_stores(
    folder: Path, origin: str, settings: Settings, clock: Clock
) -> tuple[Uploads, Outputs, Inputs]:
    limits = settings.limits
    storage = Storage(limits.max_files)
    uploads = Uploads(
        _make(folder / "uploads"),
        f"{origin}/v1",
        storage,
        clock,
        secret=settings.files_secret,
        seconds=limits.file_seconds,
        max_size=limits.max_upload,
    )
    outputs = Outputs(
        _make(folder / "outputs"),
        origin,
        storage,
        clock,
        seconds=limits.output_seconds,
        as_data=settings.outputs_as_data,
    )
    inputs = Inputs(
        _make(folder / "inputs"),
        storage,
        (uploads.find, outputs.find),
        max_size=limits.max_upload,
    )
    return uploads, outputs, inputs


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _framework_error(request: Request, error: Exception) -> Response:
    """Return the API's response for an error of Starlette: 404, 405, an invalid multipart body."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == NOT_FOUND:
        if request.url.path.startswith("/v1/v1/"):
            return version_twice(request.url.path).response()
        return not_found().response()
    if error.status_code == METHOD_NOT_ALLOWED:
        response = method_not_allowed(request.method).response()
        response.headers["Allow"] = ", ".join(methods_of(request.url.path.removeprefix("/v1")))
        return response
    return malformed(error.detail).response()


async def _outside(request: Request, _error: Exception) -> Response:
    """Return the 404 of the real front end for paths outside `/v1` (recorded in 2023)."""
    if request.url.path.startswith("/v1/"):  # a mount does not match a path with a line break
        return not_found().response()
    text = "response 404 (backend NotFound), service rules for the path non-existent"
    return PlainTextResponse(text, 404)
