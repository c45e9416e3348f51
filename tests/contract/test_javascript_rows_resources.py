"""What the tests of the JavaScript client pin down, row by row: trainings and deployments.

The rows are those of replicate-javascript's index.test.ts in version 1.4.0. Where our rules differ,
they win, and a comment says so.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from replicate_api.models import (
    DeploymentConfiguration,
    DeploymentRelease,
    Training,
    TrainingOutput,
)
from support.clients import Kind, Script, answer
from support.clock import VirtualClock
from support.paging import paged
from support.rows import API, CURSOR, WEBHOOK, one_request, start

from replicate_ext import InvalidInputError

TRAINING_ID = "zz4ibbonubfz7carwiefibzgga"
VERSION = "632231d0d49d34d5c4633bd838aee3d81d936e59a886fbf28524702003b4c532"
ASKED: dict[str, Any] = {"destination": "new_owner/new_model", "input": {"text": "..."}}


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


@pytest.mark.parametrize("webhook", [{}, WEBHOOK], ids=["row 37", "with a webhook"])
@pytest.mark.parametrize("parts", [("owner", "model", VERSION), ("owner/model", VERSION)])
def test_row_37_a_training_is_started(
    kind: Kind, clock: VirtualClock, parts: tuple[str, ...], webhook: dict[str, Any]
) -> None:
    client, script = start(kind, clock, answer(200, training_of("starting")))

    training = client.trainings.create(*parts, **ASKED, **webhook)

    assert one_request(script) == (
        f"POST /v1/models/owner/model/versions/{VERSION}/trainings",
        {**ASKED, **webhook},
    )
    assert (training.id, training.status, training.output) == (TRAINING_ID, "starting", None)


# Differs: JavaScript sends to http hosts, too.
@pytest.mark.parametrize("webhook", ["invalid-url", "http://test.host/webhook"])
def test_row_38_an_invalid_webhook_is_refused(
    kind: Kind, clock: VirtualClock, webhook: str
) -> None:
    client, script = start(kind, clock, answer(200, training_of("starting")))

    with pytest.raises(InvalidInputError, match="Invalid webhook URL"):
        client.trainings.create("owner", "model", VERSION, **ASKED, webhook=webhook)

    assert script.seen == []


@pytest.mark.parametrize(
    "destination", ["", "new_model", "a/b/c", "a/b:1", "deployments/a/b", VERSION]
)
def test_a_destination_that_is_no_model_is_refused(
    kind: Kind, clock: VirtualClock, destination: str
) -> None:
    client, script = start(kind, clock, answer(200, training_of("starting")))

    with pytest.raises(InvalidInputError, match=r"destination must be owner/name"):
        client.trainings.create("owner/model", VERSION, destination=destination, input={})

    assert script.seen == []


def test_row_39_a_training_is_read(kind: Kind, clock: VirtualClock) -> None:
    succeeded = training_of(
        "succeeded", output={"version": "new_owner/new_model:abc"}, webhook_completed=None
    )
    client, script = start(kind, clock, answer(200, succeeded))

    training = client.trainings.get(TRAINING_ID)

    assert one_request(script) == (f"GET /v1/trainings/{TRAINING_ID}", None)
    assert training.status == "succeeded"
    assert isinstance(training.output, TrainingOutput)
    assert training.output.version == "new_owner/new_model:abc"


def test_row_40_a_training_is_canceled(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, training_of("canceled")))

    training = client.trainings.cancel(TRAINING_ID)

    assert one_request(script) == (f"POST /v1/trainings/{TRAINING_ID}/cancel", None)
    assert training.status == "canceled"


def test_row_41_a_timestamp_that_is_none_does_not_spoil_the_list(
    kind: Kind, clock: VirtualClock
) -> None:
    listed = training_of("succeeded", started_at="2022-04-26T20:00:84.583803Z")
    client, script = start(
        kind, clock, answer(200, {"next": None, "previous": None, "results": [listed]})
    )

    page = client.trainings.list()

    assert one_request(script) == ("GET /v1/trainings", None)
    [training] = page
    assert isinstance(training, Training)
    assert training.id == TRAINING_ID
    assert training.started_at == "2022-04-26T20:00:84.583803Z"  # there is no second 84
    assert training.created_at is not None
    assert training.created_at.isoformat() == "2022-04-26T22:13:06.224088+00:00"


def test_row_42_trainings_are_listed_page_by_page(kind: Kind) -> None:
    script = Script(
        answer(200, {"results": [{"id": "first"}], "next": f"{API}/trainings?{CURSOR}"}),
        answer(200, {"results": [{"id": "second"}], "next": None}),
    )

    trainings = paged(
        kind,
        lambda client: client.paginate(client.trainings.list).items(),
        base_url=None,
        transport=script.transport,
    )

    assert [training.id for training in trainings] == ["first", "second"]
    assert [str(request.url) for request in script.requests] == [
        f"{API}/trainings",
        f"{API}/trainings?{CURSOR}",
    ]


DEPLOYMENT = ("acme", "my-app-image-generator")
EITHER_WAY = pytest.mark.parametrize("parts", [DEPLOYMENT, ("/".join(DEPLOYMENT),)])
CREATED: dict[str, Any] = {"hardware": "gpu-t4", "min_instances": 1, "max_instances": 5}
UPDATED: dict[str, Any] = {"hardware": "gpu-a40-large", "min_instances": 3, "max_instances": 10}


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


@EITHER_WAY
def test_row_44_a_deployment_is_read(
    kind: Kind, clock: VirtualClock, parts: tuple[str, ...]
) -> None:
    client, script = start(kind, clock, answer(200, deployment_of(1, **CREATED)))

    deployment = client.deployments.get(*parts)

    assert one_request(script) == ("GET /v1/deployments/acme/my-app-image-generator", None)
    assert (deployment.owner, deployment.name) == DEPLOYMENT
    assert deployment.current_release.model == "stability-ai/sdxl"


def test_row_45_a_deployment_is_created(kind: Kind, clock: VirtualClock) -> None:
    asked: dict[str, Any] = {
        "name": "my-app-image-generator",
        "model": "stability-ai/sdxl",
        "version": VERSION,
        **CREATED,
    }
    client, script = start(kind, clock, answer(200, deployment_of(1, **CREATED)))

    deployment = client.deployments.create(**asked)

    assert one_request(script) == ("POST /v1/deployments", asked)
    assert (deployment.owner, deployment.name) == DEPLOYMENT
    assert deployment.current_release.model == "stability-ai/sdxl"


@EITHER_WAY
@pytest.mark.parametrize(
    "changed", [{"version": "a" * 64, **UPDATED}, {"min_instances": 0}], ids=["row 46", "a part"]
)
def test_row_46_a_deployment_is_updated_by_what_is_given(
    kind: Kind, clock: VirtualClock, parts: tuple[str, ...], changed: dict[str, Any]
) -> None:
    client, script = start(kind, clock, answer(200, deployment_of(2, "a" * 64, **UPDATED)))

    deployment = client.deployments.update(*parts, **changed)

    assert one_request(script) == ("PATCH /v1/deployments/acme/my-app-image-generator", changed)
    release = deployment.current_release
    assert (release.number, release.version) == (2, "a" * 64)
    assert release.configuration == DeploymentConfiguration(**UPDATED)


@EITHER_WAY
def test_row_47_a_deployment_is_deleted(
    kind: Kind, clock: VirtualClock, parts: tuple[str, ...]
) -> None:
    client, script = start(kind, clock, httpx.Response(204))

    # Differs: JavaScript returns true; here what did not work raises.
    assert client.deployments.delete(*parts) is None

    assert one_request(script) == ("DELETE /v1/deployments/acme/my-app-image-generator", None)


def test_row_48_a_release_may_be_empty(kind: Kind, clock: VirtualClock) -> None:
    listed = {"owner": "acme", "name": "my-app-image-generator", "current_release": {}}
    client, script = start(
        kind, clock, answer(200, {"next": None, "previous": None, "results": [listed]})
    )

    page = client.deployments.list()

    assert one_request(script) == ("GET /v1/deployments", None)
    assert len(page) == 1
    [deployment] = page
    assert deployment.current_release == DeploymentRelease()
    assert deployment.to_dict() == listed
