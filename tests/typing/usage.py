"""What a user's type checker sees. Checked by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

from httpx import Headers
from replicate_api import AuthenticatedClient
from replicate_api.api.models import list_
from replicate_api.api.predictions import get
from replicate_api.models import (
    Hardware,
    Model,
    ModelPage,
    ModelVersionPage,
)
from replicate_api.models import Prediction as PlainPrediction
from replicate_api.models import Training as PlainTraining

import replicate_ext as replicate
from replicate_ext import (
    APIError,
    AsyncPrediction,
    AsyncReplicate,
    Prediction,
    PredictionFailed,
    Replicate,
    Training,
    WebhookVerifier,
    validate_webhook,
)
from replicate_ext.types import FileEncoding, FileInput, Input, PollInterval, WebhookEvent, When


def sync(client: Replicate) -> None:
    assert_type(client.run("owner/name", {"text": "Ada"}), Any)
    assert_type(client.predictions.create(model="owner/name", input={}), Prediction)
    assert_type(client.predictions.run("owner/name"), Prediction)
    assert_type(client.predictions.list(source="web").results, Sequence[Prediction] | None)
    assert_type(client.predictions.get(client.predictions.run("owner/name")).wait(), Prediction)
    assert_type(client.wait("id", check=False), Prediction)
    assert_type(client.models.get("owner/name"), Model)
    assert_type(client.models.versions.list("owner", "name"), ModelVersionPage)
    assert_type(client.hardware.list(), list[Hardware])
    assert_type(client.models.delete("owner/name"), None)
    training = client.trainings.create(
        "owner/name", "version", destination="owner/other", input={"images": Path("images.zip")}
    )
    assert_type(client.wait(training), Training)
    assert_type(next(client.paginate(client.predictions.list).items()), Prediction)
    client.models.create(owner="me", name="it", hardware="cpu", visibility="hidden")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - no visibility
    assert_type(client.predictions.get("id").created_at, datetime)
    client.run("owner/name", {}, tiemout=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - misspelt
    client.run("owner/name", {}, timeout="1")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - no number
    client.predictions.list(source="webb")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - misspelt


async def asynchronous(client: AsyncReplicate) -> None:
    assert_type(await client.run("owner/name"), Any)
    assert_type(await client.predictions.run("owner/name"), AsyncPrediction)
    assert_type(await client.models.get("owner", "name"), Model)
    lately = client.paginate(client.predictions.list, created_after=timedelta(hours=1))
    async for prediction in lately.items(limit=3):
        assert_type(prediction, AsyncPrediction)
    assert_type(await get.asyncio("id", client=client), PlainPrediction)
    get.sync("id", client=client)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the async client cannot block


def low_level(client: AuthenticatedClient, ours: Replicate) -> None:
    assert_type(get.sync("id", client=client), PlainPrediction)
    assert_type(list_.sync(client=ours, sort_direction="asc"), ModelPage)
    list_.sync(client=ours, sort_direction="up")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - no direction


def webhooks(client: Replicate, headers: Headers, body: bytes) -> None:
    verifier = WebhookVerifier([client.webhooks.default.secret.get(), "whsec_"])
    assert_type(verifier.unwrap(headers, body), PlainPrediction)
    assert_type(verifier.unwrap(headers, body, client=client), Prediction)
    assert_type(verifier.unwrap(headers, body, as_=PlainTraining), PlainTraining)
    assert_type(validate_webhook(headers=headers, body=body, secret="whsec_"), bool)
    verifier.unwrap(headers, {"id": "p"})  # type: ignore[call-overload] # pyright: ignore[reportArgumentType, reportCallIssue] - no raw body


def aliases(
    client: Replicate, image: FileInput, encoding: FileEncoding, events: list[WebhookEvent]
) -> None:
    interval: PollInterval = 0.5
    recent: When = timedelta(hours=1)
    inputs: Input = {"image": image}
    client.run(
        "owner/name",
        inputs,
        file_encoding=encoding,
        poll_interval=interval,
        webhook="https://example.com/",
        webhook_events_filter=events,
    )
    client.predictions.list(created_after=recent)


def default_client_and_errors() -> None:
    try:
        assert_type(replicate.run("owner/name"), Any)
    except PredictionFailed as failed:
        assert_type(failed.prediction, PlainPrediction | PlainTraining)
    except APIError as error:
        assert_type(error.status, int | None)
        assert_type(error.retry_after, float | None)
