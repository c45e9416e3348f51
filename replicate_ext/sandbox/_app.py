"""Putting the rooms of the sandbox together into one ASGI application."""

import asyncio
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from replicate_ext.sandbox._disruption import Disruption, Faults
from replicate_ext.sandbox._edge import AnswerHeaders, Authentication
from replicate_ext.sandbox._events import Streams
from replicate_ext.sandbox._inputs import Inputs
from replicate_ext.sandbox._models import ModelRoutes, Models
from replicate_ext.sandbox._outputs import Outputs
from replicate_ext.sandbox._prediction_routes import PredictionRoutes
from replicate_ext.sandbox._predictions import Predictions
from replicate_ext.sandbox._problems import (
    Problem,
    answer,
    malformed,
    method_not_allowed,
    not_found,
)
from replicate_ext.sandbox._recorder import RecordedRequest, Recorder
from replicate_ext.sandbox._uploads import Uploads

NOT_FOUND = 404
METHOD_NOT_ALLOWED = 405


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much and how long files are kept.

    Args:
        file_seconds: for how long uploaded files last.
        output_seconds: for how long output files last.
        max_upload: the size of the largest upload, in bytes.
    """

    file_seconds: float
    output_seconds: float
    max_upload: int


class World:
    """Everything one running server holds. Make and use it in the server's event loop.

    Args:
        models: what can be run.
        origin: the server's scheme, host and port.
        api_token: what the API accepts.
        folder: an empty folder for files.
        requests: where to record what is received.
        faults: what is to go wrong.
        limits: how much and how long files are kept.
    """

    def __init__(
        self,
        *,
        models: Models,
        origin: str,
        api_token: str,
        folder: Path,
        requests: deque[RecordedRequest],
        faults: Faults,
        limits: Limits,
    ) -> None:
        self._closing = asyncio.Event()
        base_url = f"{origin}/v1"
        uploads = Uploads(
            _make(folder / "uploads"),
            base_url,
            seconds=limits.file_seconds,
            max_size=limits.max_upload,
        )
        outputs = Outputs(_make(folder / "outputs"), origin, seconds=limits.output_seconds)
        self._stores = (uploads, outputs)
        inputs = Inputs(_make(folder / "inputs"), uploads, outputs)
        self.streams = Streams(origin)
        self._predictions = Predictions(base_url, inputs, outputs, self.streams)
        api = Starlette(
            routes=[
                *PredictionRoutes(self._predictions, models, base_url).routes(),
                *ModelRoutes(models, base_url).routes(),
                *uploads.routes(),
                Route("/account", _account),
            ],
            middleware=[
                Middleware(Authentication, api_token),
                Middleware(AnswerHeaders),
            ],
            exception_handlers={Problem: answer, HTTPException: _answer_framework},
        )
        self.app = Starlette(
            routes=[*self.streams.routes(), Mount("/v1", api), *outputs.routes()],
            middleware=[
                Middleware(Recorder, requests),
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
        await self._predictions.close()


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _account(_request: Request) -> Response:
    return JSONResponse({"type": "user", "username": "sandbox", "name": "Sandbox"})


async def _answer_framework(request: Request, error: Exception) -> Response:
    """Say what Starlette says itself (404, 405, a broken multipart body) as the API would."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == NOT_FOUND:
        return not_found().response()
    if error.status_code == METHOD_NOT_ALLOWED:
        return method_not_allowed(request.method).response()
    return malformed(error.detail).response()


async def _outside(_request: Request, _error: Exception) -> Response:
    """Answer what lies outside `/v1` as the real front end does (recorded in 2023)."""
    text = "response 404 (backend NotFound), service rules for the path non-existent"
    return PlainTextResponse(text, 404)
