"""Putting the rooms of the sandbox together into one ASGI application."""

import asyncio
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount

from replicate_ext.sandbox._contract.contract import Contract
from replicate_ext.sandbox._contract.operations import methods_of
from replicate_ext.sandbox._faults.injection import Disruption, Faults
from replicate_ext.sandbox._http.problems import (
    Problem,
    answer,
    malformed,
    method_not_allowed,
    not_found,
)
from replicate_ext.sandbox._http.responses import hung_up
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
from replicate_ext.sandbox._server.guard import AllowedHosts, Guard
from replicate_ext.sandbox._server.journal import Journal
from replicate_ext.sandbox._server.recorder import Recorder
from replicate_ext.sandbox._server.response_headers import ResponseHeaders
from replicate_ext.sandbox._webhooks.delivery import Webhooks

NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept, and for how long.

    Args:
        file_seconds: for how long uploaded files last.
        output_seconds: for how long output files last.
        max_upload: the size of the largest upload, in bytes.
        max_files: how much of the disk all files may take, in bytes.
        max_finished: how much memory predictions and trainings that have ended may take, in bytes.
    """

    file_seconds: float
    output_seconds: float
    max_upload: int
    max_files: int
    max_finished: int


class World:
    """Everything one running server holds. Make and use it in the server's event loop.

    Args:
        models: what can be run.
        origin: the server's scheme, host and port.
        api_token: what the API accepts.
        webhook_secret: what signs the webhooks.
        files_secret: what signs links to download files.
        folder: an empty folder for files.
        retry_delays: seconds before each new try of the last webhook of a prediction or training.
        journal: where to record what happens.
        scripted: statuses that the API does not have but scripts do.
        faults: what is to go wrong.
        limits: how much is kept, and for how long.
        allowed_hosts: the hosts that requests may be for and come from.
        strict: whether to hold answers to the API's document too.
    """

    def __init__(
        self,
        *,
        models: Models,
        origin: str,
        api_token: str,
        webhook_secret: str,
        files_secret: str,
        folder: Path,
        retry_delays: Sequence[float],
        journal: Journal,
        scripted: Container[str],
        faults: Faults,
        limits: Limits,
        allowed_hosts: AllowedHosts,
        strict: bool,
    ) -> None:
        self._closing = asyncio.Event()
        base_url = f"{origin}/v1"
        storage = Storage(limits.max_files)
        uploads = Uploads(
            _make(folder / "uploads"),
            base_url,
            storage,
            secret=files_secret,
            seconds=limits.file_seconds,
            max_size=limits.max_upload,
        )
        outputs = Outputs(_make(folder / "outputs"), origin, storage, seconds=limits.output_seconds)
        self._stores = (uploads, outputs)
        inputs = Inputs(
            _make(folder / "inputs"),
            storage,
            (uploads.find, outputs.find),
            max_size=limits.max_upload,
        )
        self.streams = Streams(origin)
        self._webhooks = Webhooks(webhook_secret, retry_delays, journal.deliveries)
        self._jobs = Jobs(limits.max_finished)
        deployments = Deployments()
        predictions = PredictionRoutes(
            Predictions(base_url, self._jobs, inputs, outputs, self.streams),
            self._jobs,
            models,
            self._webhooks,
            base_url,
        )
        trainings = TrainingRoutes(models, self._jobs, outputs, self._webhooks, base_url)
        api = Starlette(
            routes=[
                *predictions.routes(),
                *ModelRoutes(models, self._jobs, base_url).routes(),
                *VersionRoutes(models, self._jobs, deployments, base_url).routes(),
                *trainings.routes(),
                *DeploymentRoutes(deployments, models, predictions, base_url).routes(),
                *CollectionRoutes(models, base_url).routes(),
                *SearchRoutes(models).routes(),
                *hardware_routes(),
                *uploads.routes(),
                *AccountRoutes(webhook_secret).routes(),
            ],
            middleware=[
                Middleware(Authentication, api_token),
                Middleware(ResponseHeaders),
                Middleware(Contract, journal.violations, scripted, strict=strict),
            ],
            exception_handlers={
                Problem: answer,
                HTTPException: _answer_framework,
                ClientDisconnect: hung_up,
            },
        )
        self.app = Starlette(
            routes=[*self.streams.routes(), Mount("/v1", api), *outputs.routes()],
            middleware=[
                Middleware(Guard, allowed_hosts),
                Middleware(Recorder, journal.requests),
                Middleware(Disruption, faults, self._closing),
            ],
            exception_handlers={NOT_FOUND: _outside},
        )
        for application in (api, self.app):
            application.router.redirect_slashes = False

    def expire_files(self) -> None:
        """Let the time of all files be over; may be called in any thread."""
        for store in self._stores:
            store.expire()

    async def close(self) -> None:
        """End everything that runs, so that no answer is held back any longer."""
        self._closing.set()
        # First: nobody is told that what still runs is cancelled now.
        await self._webhooks.close()
        await self._jobs.close()


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _answer_framework(request: Request, error: Exception) -> Response:
    """Say what Starlette says itself (404, 405, a broken multipart body) as the API would."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == NOT_FOUND:
        return not_found().response()
    if error.status_code == METHOD_NOT_ALLOWED:
        refused = method_not_allowed(request.method).response()
        refused.headers["Allow"] = ", ".join(methods_of(request.url.path.removeprefix("/v1")))
        return refused
    return malformed(error.detail).response()


async def _outside(request: Request, _error: Exception) -> Response:
    """Answer what lies outside `/v1` as the real front end does (recorded in 2023)."""
    if request.url.path.startswith("/v1/"):  # a mount takes no path with the end of a line in it
        return not_found().response()
    text = "response 404 (backend NotFound), service rules for the path non-existent"
    return PlainTextResponse(text, 404)
