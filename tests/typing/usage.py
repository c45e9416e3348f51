"""Types as a user's checker sees them. Checked by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, assert_type

from httpx import Headers
from replicate_api import AuthenticatedClient
from replicate_api.api.models import list_
from replicate_api.api.predictions import get
from replicate_api.models import Prediction as PlainPrediction
from replicate_api.models import Training as PlainTraining

import replicate_ext as replicate
from replicate_ext import (
    APIError,
    AsyncEventStream,
    AsyncPrediction,
    AsyncReplicate,
    AsyncTraining,
    EventProtocol,
    EventStream,
    FileEncoding,
    FileInput,
    FileOutput,
    Hardware,
    Input,
    Model,
    ModelFunction,
    ModelPage,
    ModelVersion,
    ModelVersionPage,
    OnProgress,
    PollInterval,
    Prediction,
    PredictionFailed,
    PredictionStatus,
    Reference,
    Replicate,
    Stop,
    Training,
    TrainingOutput,
    WebhookEvent,
    WebhookVerifier,
    When,
    event_stream,
    progress_bar,
    save_outputs,
    typed,
    validate_webhook,
)


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
    client.run("owner/name", {}, tiemout=1)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue] - misspelt
    client.run("owner/name", {}, timeout="1")  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType] - no number
    client.predictions.list(source="webb")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - misspelt


class FoxInput(TypedDict):
    prompt: str
    size: NotRequired[Literal["small", "large"]]


async def typed_functions(
    client: Replicate, async_client: AsyncReplicate, fox: ModelFunction[FoxInput, list[FileOutput]]
) -> None:
    given: FoxInput = {"prompt": "a fox"}
    assert_type(client.run(fox, {"prompt": "a fox", "size": "small"}), list[FileOutput])
    assert_type(client.run(fox, given, timeout=60), list[FileOutput])
    assert_type(await async_client.run(fox, {"prompt": "a fox"}), list[FileOutput])
    assert_type(client.predictions.run(fox, {"prompt": "a fox"}), Prediction)
    assert_type(client.predictions.create(fox, {"prompt": "a fox"}), Prediction)
    client.stream(fox, {"prompt": "a fox"})
    client.run(fox, {"promt": "a fox"})  # type: ignore[arg-type] # pyright: ignore[reportCallIssue, reportArgumentType] - misspelled
    client.run(fox, {"prompt": "a fox", "size": "huge"})  # type: ignore[arg-type] # pyright: ignore[reportCallIssue, reportArgumentType] - no size
    client.stream(fox, {"promt": "a fox"})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - misspelled
    client.predictions.create(fox, {"promt": "a fox"})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - misspelled
    client.run("owner/name", {"any": "input"}, check_input="warn")
    assert_type(typed.load("owner/name")(prompt="a fox"), Any)


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
    verifier.unwrap(headers, {"id": "p"})  # type: ignore[call-overload] # pyright: ignore[reportArgumentType] - no raw body


def statuses(prediction: Prediction, training: Training, other: AsyncPrediction) -> None:
    assert_type(prediction.status, PredictionStatus)
    if prediction.status == "succeeded" or training.status == "failed":
        return
    if prediction.status == "suceeded":  # type: ignore[comparison-overlap] # pyright: ignore[reportUnnecessaryComparison] - misspelt
        return
    if training.status in ("suceeded", "fail"):  # pyright: ignore[reportUnnecessaryContains] - misspelt
        return
    if other.status == "cancelled":  # type: ignore[comparison-overlap] # pyright: ignore[reportUnnecessaryComparison] - the API writes "canceled"
        return


def fields(prediction: Prediction, training: Training, model: Model) -> None:
    if prediction.metrics:
        assert_type(prediction.metrics["predict_time"], Any)
    if training.output:
        assert_type(training.output, TrainingOutput)
        assert_type(training.output.weights, str | None)
    if model.latest_version and model.latest_version.openapi_schema:
        assert_type(model.latest_version, ModelVersion)
        assert_type(model.latest_version.openapi_schema["components"], Any)


def watch(run: Prediction) -> None: ...
def watch_training(run: Training) -> None: ...
async def watch_async(run: AsyncPrediction) -> None: ...
async def stop_training(run: AsyncTraining) -> bool:
    return run.status == "starting"


def callbacks(client: Replicate, model: Reference, notify: OnProgress, stop: Stop) -> None:
    client.run(model, on_progress=watch, stop=lambda run: run.status == "starting")
    client.predictions.run(model, on_progress=notify, stop=stop)
    client.predictions.run(model).wait(on_progress=watch)
    client.run(model, on_progress=watch_training)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - of a training
    client.run(model, stop=lambda run: run.statuss)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType] - misspelt
    client.predictions.run(model, stop=lambda run: run.statuss)  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownLambdaType] - misspelt
    training = client.trainings.get("id")
    client.wait(training, on_progress=watch_training, stop=lambda run: run.output is None)
    training.wait(on_progress=watch_training)
    client.wait(training, on_progress=watch)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType, reportCallIssue] - of a prediction
    training.wait(on_progress=watch)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - of a prediction


async def asynchronous_callbacks(client: AsyncReplicate, training: AsyncTraining) -> None:
    await client.run("owner/name", on_progress=watch_async, stop=lambda run: run.progress)
    await client.wait(training, stop=stop_training)
    await client.run("owner/name", on_progress=watch)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - of the blocking client


def bars(client: Replicate, training: Training) -> None:
    output = client.run("owner/name", on_progress=progress_bar("Painting"))
    client.wait(training, on_progress=progress_bar())
    save_outputs(output, "pictures", on_progress=progress_bar())
    client.files.create(Path("images.zip"), on_progress=progress_bar())


async def asynchronous_bars(client: AsyncReplicate) -> None:
    await client.run("owner/name", on_progress=progress_bar())


async def browsers(client: Replicate, other: AsyncReplicate, protocol: EventProtocol) -> None:
    assert_type(event_stream(client.stream("owner/name"), protocol), EventStream)
    assert_type(await event_stream(other.stream("owner/name")), AsyncEventStream)
    event_stream(other.stream("owner/name")).headers  # type: ignore[attr-defined] # noqa: B018 # pyright: ignore[reportAttributeAccessIssue] - not awaited


def options(client: Replicate, other: AsyncReplicate) -> None:
    assert_type(client.with_options(timeout=5, headers={"X-Job": "7"}), Replicate)
    assert_type(other.with_options(max_retries=0), AsyncReplicate)
    client.with_options(retries=0)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - misspelt


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
