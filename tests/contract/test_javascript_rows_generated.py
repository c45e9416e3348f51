"""What the tests of the JavaScript client pin down, row by row: trainings and deployments.

The rows are those of replicate-javascript's index.test.ts in version 1.4.0. The calls are the
generated functions, which send what they are given: row 38, a webhook that is refused before
anything is sent, is none of theirs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest
from replicate_api import AuthenticatedClient
from replicate_api.api.deployments import create as deployments_create
from replicate_api.api.deployments import delete as deployments_delete
from replicate_api.api.deployments import get as deployments_get
from replicate_api.api.deployments import list_ as deployments_list
from replicate_api.api.deployments import update as deployments_update
from replicate_api.api.trainings import cancel as trainings_cancel
from replicate_api.api.trainings import create as trainings_create
from replicate_api.api.trainings import get as trainings_get
from replicate_api.api.trainings import list_ as trainings_list
from replicate_api.models import (
    DeploymentConfiguration,
    DeploymentCreateRequest,
    DeploymentRelease,
    DeploymentUpdateRequest,
    Training,
    TrainingOutput,
    TrainingRequest,
)
from support.clients import BASE_URL, TOKEN, Kind, Script, answer

if TYPE_CHECKING:
    from types import ModuleType

TRAINING_ID = "zz4ibbonubfz7carwiefibzgga"
VERSION = "632231d0d49d34d5c4633bd838aee3d81d936e59a886fbf28524702003b4c532"
CURSOR = "cD0yMDIyLTAxLTIxKzIzJTNBMTglM0EyNC41MzAzNTclMkIwMCUzQTAw"
DEPLOYMENT = ("acme", "my-app-image-generator")


def call(
    kind: Kind, module: ModuleType, *given: Any, answers: list[httpx.Response], **named: Any
) -> tuple[Any, list[httpx.Request]]:
    """Call a generated function; return its result and what was sent."""
    script = Script(*answers)
    client = AuthenticatedClient(
        BASE_URL, token=TOKEN, transport=script.transport, async_transport=script.transport
    )

    async def run() -> Any:
        async with client:
            return await module.asyncio(*given, client=client, **named)

    if kind != "sync":
        return anyio.run(run, backend=kind), script.requests
    with client:
        return module.sync(*given, client=client, **named), script.requests


def one_request(requests: list[httpx.Request]) -> tuple[str, Any]:
    """The only request as ``METHOD path``, and its JSON."""
    [request] = requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    body = json.loads(request.content) if request.content else None
    return f"{request.method} {request.url.path}", body


def training_of(status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": TRAINING_ID,
        "status": status,
        "version": VERSION,
        "input": {"text": "Alice"},
        "output": None,
        "error": None,
        "logs": None,
        "created_at": "2022-04-26T22:13:06.224088Z",
        "started_at": None,
        "completed_at": None,
        **fields,
    }


def test_row_37_a_training_is_started(kind: Kind) -> None:
    training, requests = call(
        kind,
        trainings_create,
        "owner",
        "model",
        VERSION,
        body=TrainingRequest(destination="new_owner/new_model", input={"text": "..."}),
        answers=[answer(200, training_of("starting"))],
    )

    assert one_request(requests) == (
        f"POST /v1/models/owner/model/versions/{VERSION}/trainings",
        {"destination": "new_owner/new_model", "input": {"text": "..."}},
    )
    assert (training.id, training.status, training.output) == (TRAINING_ID, "starting", None)


def test_row_39_a_training_is_read(kind: Kind) -> None:
    succeeded = training_of(
        "succeeded", output={"version": "new_owner/new_model:abc"}, webhook_completed=None
    )

    training, requests = call(kind, trainings_get, TRAINING_ID, answers=[answer(200, succeeded)])

    assert one_request(requests) == (f"GET /v1/trainings/{TRAINING_ID}", None)
    assert training.status == "succeeded"
    assert isinstance(training.output, TrainingOutput)
    assert training.output.version == "new_owner/new_model:abc"


def test_row_40_a_training_is_canceled(kind: Kind) -> None:
    training, requests = call(
        kind, trainings_cancel, TRAINING_ID, answers=[answer(200, training_of("canceled"))]
    )

    assert one_request(requests) == (f"POST /v1/trainings/{TRAINING_ID}/cancel", None)
    assert training.status == "canceled"


def test_row_41_a_timestamp_that_is_none_does_not_spoil_the_list(kind: Kind) -> None:
    listed = training_of("succeeded", started_at="2022-04-26T20:00:84.583803Z")

    page, requests = call(
        kind,
        trainings_list,
        answers=[answer(200, {"next": None, "previous": None, "results": [listed]})],
    )

    assert one_request(requests) == ("GET /v1/trainings", None)
    [training] = page.results
    assert isinstance(training, Training)
    assert training.id == TRAINING_ID
    assert training.started_at == "2022-04-26T20:00:84.583803Z"  # there is no second 84
    assert training.created_at is not None
    assert training.created_at.isoformat() == "2022-04-26T22:13:06.224088+00:00"


def test_row_42_the_next_page_is_asked_for_by_its_cursor(kind: Kind) -> None:
    next_page = f"{BASE_URL}/trainings?cursor={CURSOR}"
    first, _ = call(
        kind,
        trainings_list,
        answers=[answer(200, {"results": [{"id": "first"}], "next": next_page})],
    )
    second, [request] = call(
        kind,
        trainings_list,
        cursor=httpx.URL(first.next).params["cursor"],
        answers=[answer(200, {"results": [{"id": "second"}], "next": None})],
    )

    assert [training.id for training in first.results + second.results] == ["first", "second"]
    assert str(request.url) == next_page
    assert second.next is None


def deployment_of(number: int, version: str = VERSION, **configuration: Any) -> dict[str, Any]:
    return {
        "owner": "acme",
        "name": "my-app-image-generator",
        "current_release": {
            "number": number,
            "model": "stability-ai/sdxl",
            "version": version,
            "created_at": "2024-02-15T16:32:57.018467Z",
            "created_by": {"type": "organization", "username": "acme", "name": "Acme, Inc."},
            "configuration": configuration,
        },
    }


CREATED: dict[str, Any] = {"hardware": "gpu-t4", "min_instances": 1, "max_instances": 5}
UPDATED: dict[str, Any] = {"hardware": "gpu-a40-large", "min_instances": 3, "max_instances": 10}


def test_row_44_a_deployment_is_read(kind: Kind) -> None:
    deployment, requests = call(
        kind, deployments_get, *DEPLOYMENT, answers=[answer(200, deployment_of(1, **CREATED))]
    )

    assert one_request(requests) == ("GET /v1/deployments/acme/my-app-image-generator", None)
    assert (deployment.owner, deployment.name) == DEPLOYMENT
    assert deployment.current_release.model == "stability-ai/sdxl"


def test_row_45_a_deployment_is_created(kind: Kind) -> None:
    asked: dict[str, Any] = {
        "name": "my-app-image-generator",
        "model": "stability-ai/sdxl",
        "version": VERSION,
        **CREATED,
    }

    deployment, requests = call(
        kind,
        deployments_create,
        body=DeploymentCreateRequest(**asked),
        answers=[answer(200, deployment_of(1, **CREATED))],
    )

    assert one_request(requests) == ("POST /v1/deployments", asked)
    assert (deployment.owner, deployment.name) == DEPLOYMENT
    assert deployment.current_release.model == "stability-ai/sdxl"


@pytest.mark.parametrize(
    "changed", [{"version": "a" * 64, **UPDATED}, {"min_instances": 0}], ids=["row 46", "a part"]
)
def test_row_46_a_deployment_is_updated_by_what_is_given(
    kind: Kind, changed: dict[str, Any]
) -> None:
    deployment, requests = call(
        kind,
        deployments_update,
        *DEPLOYMENT,
        body=DeploymentUpdateRequest(**changed),
        answers=[answer(200, deployment_of(2, "a" * 64, **UPDATED))],
    )

    assert one_request(requests) == ("PATCH /v1/deployments/acme/my-app-image-generator", changed)
    release = deployment.current_release
    assert (release.number, release.version) == (2, "a" * 64)
    assert release.configuration == DeploymentConfiguration(**UPDATED)


def test_row_47_a_deployment_is_deleted(kind: Kind) -> None:
    result, requests = call(kind, deployments_delete, *DEPLOYMENT, answers=[httpx.Response(204)])

    assert one_request(requests) == ("DELETE /v1/deployments/acme/my-app-image-generator", None)
    # Differs: JavaScript returns true; here what did not work raises.
    assert result is None


def test_row_48_a_release_may_be_empty(kind: Kind) -> None:
    listed = {"owner": "acme", "name": "my-app-image-generator", "current_release": {}}

    page, requests = call(
        kind,
        deployments_list,
        answers=[answer(200, {"next": None, "previous": None, "results": [listed]})],
    )

    assert one_request(requests) == ("GET /v1/deployments", None)
    [deployment] = page.results
    assert deployment.current_release == DeploymentRelease()
    assert deployment.to_dict() == listed
