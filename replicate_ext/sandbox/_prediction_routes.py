"""`/predictions`, and the other route that creates them: by model."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NoReturn, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._models import Model, Models
from replicate_ext.sandbox._pages import Pages
from replicate_ext.sandbox._prediction import Prediction
from replicate_ext.sandbox._predictions import Predictions
from replicate_ext.sandbox._preferences import lifetime, wait
from replicate_ext.sandbox._problems import (
    InvalidField,
    invalid_input,
    invalid_version,
    malformed,
    not_found,
)
from replicate_ext.sandbox._stamps import NANOSECONDS
from replicate_ext.sandbox._validation import Schema

PAGE_SIZE = 100

_FIELDS: Mapping[str, object] = {
    "input": {"type": "object"},
    "stream": {"type": "boolean"},
    "webhook": {"type": "string"},
    "webhook_events_filter": {"type": "array", "items": {"type": "string"}},
}
_BY_MODEL = Schema(
    {
        "type": "object",
        "required": ["input"],
        "properties": _FIELDS,
        "additionalProperties": False,
    }
)
_BY_VERSION = Schema(
    {
        "type": "object",
        "required": ["version", "input"],
        "properties": {"version": {"type": "string"}, **_FIELDS},
        "additionalProperties": False,
    }
)


class PredictionRoutes:
    """The routes that create, show, list and cancel predictions.

    Args:
        predictions: what they act on.
        models: what can be run.
        base_url: the API's own URL, with its `/v1`.
    """

    def __init__(self, predictions: Predictions, models: Models, base_url: str) -> None:
        self._predictions = predictions
        self._models = models
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
        self, request: Request, model: Model, version: str, values: dict[str, object]
    ) -> Response:
        """Check an input, run the model on it, and answer as `Prefer` asks.

        Args:
            request: for its headers.
            model: what to run.
            version: the version as the answer is to show it.
            values: the input.

        Raises:
            Problem: 422 when the input does not fit the model.
        """
        model.input_schema.check(values, "input")
        seconds = wait(request.headers.get("prefer"))
        until = lifetime(request.headers.get("cancel-after"))
        prediction = self._predictions.create(model, version, values, until)
        if seconds is not None:
            await prediction.hold(seconds)
            if prediction.ended.is_set():
                return JSONResponse(prediction.when_held(), 201)
        body = prediction.show(prediction.when_created())
        if seconds is None:
            return JSONResponse(body, 201)
        headers = {"location": f"{self._url}/{prediction.id}", "reason": "wait time exceeded"}
        return JSONResponse(body, 202, headers)

    async def _create(self, request: Request) -> Response:
        body = await read_json(request, _BY_VERSION)
        model, version = self._resolve(str(body["version"]))
        return await self.answer_create(request, model, version, _input(body))

    async def _create_by_model(self, request: Request) -> Response:
        path = request.path_params
        model = self._models.named(path["owner"], path["name"])
        if model is None or not model.official:
            raise not_found()
        body = await read_json(request, _BY_MODEL)
        return await self.answer_create(request, model, "hidden", _input(body))

    async def _get(self, request: Request) -> Response:
        prediction = self._find(request)
        return JSONResponse(prediction.show(prediction.to_dict()))

    async def _cancel(self, request: Request) -> Response:
        prediction = self._find(request)
        self._predictions.cancel(prediction)
        return JSONResponse(prediction.when_cancelled())

    async def _list(self, request: Request) -> Response:
        after = _moment(request, "created_after")
        before = _moment(request, "created_before")
        chosen = (
            prediction
            for prediction in self._predictions.all()
            if (after is None or prediction.created_at >= after)
            and (before is None or prediction.created_at < before)
            # Nothing here was made on the web.
            and "source" not in request.query_params
        )
        return self._pages.answer(request, chosen)

    def _find(self, request: Request) -> Prediction:
        prediction = self._predictions.get(request.path_params["id"])
        if prediction is None:
            raise not_found()
        return prediction

    def _resolve(self, reference: str) -> tuple[Model, str]:
        """Find the model for a version id, for `owner/name:version`, or for an official name."""
        owner, slash, rest = reference.rpartition("/")
        name, colon, version = rest.partition(":")
        if not slash:
            model = self._models.with_version(reference)
        else:
            model = self._models.named(owner, name)
            if model is not None and not colon and model.official:
                return model, "hidden"
            if model is not None and version != model.version:
                model = None
        if model is None:
            raise invalid_version()
        return model, model.version


async def read_json(request: Request, schema: Schema) -> dict[str, object]:
    """Read a request's JSON object.

    Raises:
        Problem: 400 when it is no JSON, 422 when it does not fit the schema.
    """
    try:
        body: object = json.loads(await request.body(), parse_constant=_refuse)
    except ValueError as error:
        raise malformed(f"The request body is not valid JSON: {error}") from None
    schema.check(body)
    return cast("dict[str, object]", body)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _input(body: Mapping[str, object]) -> dict[str, object]:
    return cast("dict[str, object]", body["input"])


def _moment(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        description = "Does not match format 'date-time'"
        raise invalid_input([InvalidField("format", name, description)]) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * NANOSECONDS)
