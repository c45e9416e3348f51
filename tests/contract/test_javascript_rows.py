"""What the tests of the JavaScript client pin down, row by row: the client, and predictions.

tests/javascript-rows.md numbers them. Where our guarantees differ, they win, and a comment says so:
guarantee 16.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.clients import Kind, Script, answer
from support.clock import VirtualClock
from support.paging import paged
from support.rows import API, CURSOR, WEBHOOK, as_json, one_request, sent, start

from replicate_ext import (
    APIError,
    InvalidInputError,
    MissingTokenError,
    OutcomeUnknownError,
)

ID = "ufawqhfynnddngldkgtslldrkq"
VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


def run_of(status: str, **fields: Any) -> dict[str, Any]:
    """A prediction as the rows have it: without the fields that have no value yet."""
    return {
        "id": ID,
        "status": status,
        "version": VERSION,
        "urls": {"get": f"{API}/predictions/{ID}", "cancel": f"{API}/predictions/{ID}/cancel"},
        "input": {"text": "Alice"},
        "created_at": "2022-04-26T22:13:06.224088Z",
        "completed_at": None,
        "started_at": None,
        **fields,
    }


# The constructor


def test_row_1_the_api_is_the_public_one(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, run_of("starting")))
    assert client.base_url == "https://api.replicate.com/v1"

    client.predictions.get(ID)

    assert str(script.requests[0].url) == f"{API}/predictions/{ID}"
    assert script.requests[0].headers["Authorization"] == "Bearer test-token"


def test_row_2_another_base_url_without_a_path_gets_the_version(
    kind: Kind, clock: VirtualClock
) -> None:
    # The JavaScript client sends to https://example.com/predictions/... instead.
    client, script = start(
        kind, clock, answer(200, run_of("starting")), base_url="https://example.com/"
    )
    assert client.base_url == "https://example.com/v1"

    client.predictions.get(ID)

    assert str(script.requests[0].url) == f"https://example.com/v1/predictions/{ID}"


def test_row_3_a_user_agent_is_sent(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, run_of("starting")), user_agent="my-app/1.2.3")

    client.predictions.get(ID)

    assert script.requests[0].headers["User-Agent"] == "my-app/1.2.3"


def test_row_4_a_token_that_is_not_given_is_the_environments(
    kind: Kind, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "from-the-environment")
    client, script = start(kind, clock, answer(200, run_of("starting")), api_token=None)

    client.predictions.get(ID)

    assert script.requests[0].headers["Authorization"] == "Bearer from-the-environment"


@pytest.mark.parametrize("token", ["", " \n"])
def test_row_5_a_blank_token_is_no_error_before_the_first_request(
    kind: Kind, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)
    client, script = start(kind, clock, answer(200, run_of("starting")), api_token=token)

    # Differs: the JavaScript client sends the request without a token.
    with pytest.raises(MissingTokenError, match="REPLICATE_API_TOKEN"):
        client.predictions.get(ID)

    assert script.seen == []


# predictions.create


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Alice", id="row 13"),
        pytest.param(123, id="row 14"),
        pytest.param(True, id="row 15"),
        pytest.param(["Alice", "Bob", "Charlie"], id="row 16"),
        pytest.param({"name": "Alice"}, id="row 17"),
    ],
)
def test_an_input_is_sent_as_it_is(kind: Kind, clock: VirtualClock, value: object) -> None:
    created = answer(200, run_of("starting", input={"text": value}))
    client, script = start(kind, clock, created)

    prediction = client.predictions.create(version=VERSION, input={"text": value}, **WEBHOOK)

    assert script.seen == ["POST /v1/predictions"]
    assert script.requests[0].headers["Content-Type"] == "application/json"
    assert sent(script.requests[0]) == as_json(
        {"version": VERSION, "input": {"text": value}, **WEBHOOK}
    )
    assert as_json(prediction.input) == as_json({"text": value})
    assert prediction.status == "starting"


# Differs: JavaScript sends to http hosts, too.
@pytest.mark.parametrize("webhook", ["invalid-url", "http://test.host/webhook"])
def test_row_27_an_invalid_webhook_is_refused(
    kind: Kind, clock: VirtualClock, webhook: str
) -> None:
    client, script = start(kind, clock, answer(200, run_of("starting")))

    with pytest.raises(InvalidInputError, match="Invalid webhook URL"):
        client.predictions.create(version=VERSION, input={"text": "Alice"}, webhook=webhook)

    assert script.seen == []


def test_row_28_a_refusal_comes_with_the_apis_words(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(400, {"status": 400, "detail": "Invalid input"}))

    with pytest.raises(APIError, match="Invalid input") as caught:
        client.predictions.create(version=VERSION, input={"text": None})

    assert (caught.value.status, caught.value.detail) == (400, "Invalid input")
    assert sent(script.requests[0]) == as_json({"version": VERSION, "input": {"text": None}})
    assert len(script.seen) == 1


TOO_MANY = answer(429, {"detail": "Too many requests"}, Retry_After="1")


def test_row_29_a_create_is_sent_again_after_a_429(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, TOO_MANY, answer(201, {"id": ID}))

    assert client.predictions.create(version=VERSION, input={"text": "Alice"}).id == ID

    assert script.seen == ["POST /v1/predictions"] * 2
    assert sent(script.requests[0]) == sent(script.requests[1])
    # Differs: Retry-After is honoured, with up to a tenth more for jitter.
    assert clock.elapsed == pytest.approx(1.05)


def test_row_30_a_create_is_not_sent_again_after_a_500(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(500, {"detail": "Internal server error"}))

    # Differs: the error says that the prediction may have been created, and in our words.
    with pytest.raises(OutcomeUnknownError) as caught:
        client.predictions.create(version=VERSION, input={"text": "Alice"})

    message = "POST /v1/predictions: 500 Internal Server Error: Internal server error. "
    assert str(caught.value).startswith(message)
    assert caught.value.status == 500
    assert script.seen == ["POST /v1/predictions"]


@pytest.mark.parametrize(
    "create",
    [
        lambda c, **o: c.deployments.predictions.create("replicate", "greeter", **o),
        lambda c, **o: c.deployments.predictions.create("replicate/greeter", **o),
        lambda c, **o: c.predictions.create(deployment="replicate/greeter", **o),
    ],
    ids=["row 43", "in one", "beside the others"],
)
def test_row_43_a_deployment_is_run_by_its_name(
    kind: Kind, clock: VirtualClock, create: Callable[..., Any]
) -> None:
    created = {**run_of("starting"), "id": "mfrgcyzzme2wkmbwgzrgmntcg"}
    client, script = start(kind, clock, answer(200, created))

    prediction = create(client, input={"text": "Alice"}, **WEBHOOK)

    assert one_request(script) == (
        "POST /v1/deployments/replicate/greeter/predictions",
        {"input": {"text": "Alice"}, **WEBHOOK},
    )
    # Not the id that stands in the row's URLs.
    assert prediction.id == "mfrgcyzzme2wkmbwgzrgmntcg"


def test_row_43_a_webhook_over_http_is_refused(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, run_of("starting")))

    # Differs: this is the row's own webhook.
    with pytest.raises(InvalidInputError, match="https"):
        client.deployments.predictions.create(
            "replicate", "greeter", input={"text": "Alice"}, webhook="http://test.host/webhook"
        )

    assert script.seen == []


@pytest.mark.parametrize(
    "create",
    [
        lambda c, name, **o: c.predictions.create(model=name, **o),
        lambda c, name, **o: c.models.predictions.create(name, **o),
        lambda c, name, **o: c.models.predictions.create(*name.split("/"), **o),
    ],
    ids=["row 49", "of a model", "by owner and name"],
)
def test_row_49_an_official_model_is_run_by_its_name(
    kind: Kind, clock: VirtualClock, create: Callable[..., Any]
) -> None:
    asked = {"prompt": "Please write a haiku about llamas."}
    created = run_of(
        "starting",
        id="heat2o3bzn3ahtr6bjfftvbaci",
        model="replicate/lifeboat-70b",
        version="d-c6559c5791b50af57b69f4a73f8e021c",
        input=asked,
        created_at="2023-11-27T13:35:45.99397566Z",
    )
    client, script = start(kind, clock, answer(200, created))

    prediction = create(client, "meta/meta-llama-3-70b-instruct", input=asked, **WEBHOOK)

    assert one_request(script) == (
        "POST /v1/models/meta/meta-llama-3-70b-instruct/predictions",
        {"input": asked, **WEBHOOK},
    )
    assert prediction.id == "heat2o3bzn3ahtr6bjfftvbaci"
    assert prediction.created_at.isoformat() == "2023-11-27T13:35:45.993975+00:00"
    assert prediction.output is None


# predictions.get, .cancel and .list


def test_row_31_a_prediction_is_read_with_all_it_has(kind: Kind, clock: VirtualClock) -> None:
    succeeded = run_of(
        "succeeded",
        id="rrr4z55ocneqzikepnug6xezpe",
        input={"prompt": "multicolor hyperspace"},
        output=["https://replicate.delivery/pbxt/boats/out-0.png"],
        logs="Using seed: 28",
        metrics={"predict_time": 4.484541},
        source="api",
        started_at="2022-09-10T09:44:22.165836Z",
        completed_at="2022-09-10T09:44:26.650377Z",
    )
    client, script = start(kind, clock, answer(200, succeeded))

    prediction = client.predictions.get("rrr4z55ocneqzikepnug6xezpe")

    assert script.seen == ["GET /v1/predictions/rrr4z55ocneqzikepnug6xezpe"]
    assert prediction.id == "rrr4z55ocneqzikepnug6xezpe"
    assert [str(file) for file in prediction.output] == [
        "https://replicate.delivery/pbxt/boats/out-0.png"
    ]
    assert prediction.metrics == {"predict_time": 4.484541}
    assert (prediction.completed_at - prediction.started_at).total_seconds() == 4.484541


@pytest.mark.parametrize(
    ("failure", "pause"),
    [
        # Differs: Retry-After is honoured, with up to a tenth more for jitter.
        pytest.param(TOO_MANY, 1.05, id="row 32"),
        pytest.param(answer(500, {"detail": "Internal server error"}), 0.375, id="row 33"),
    ],
)
def test_a_get_is_sent_again(
    kind: Kind, clock: VirtualClock, failure: httpx.Response, pause: float
) -> None:
    client, script = start(kind, clock, failure, answer(200, {"id": ID}))

    assert client.predictions.get(ID).id == ID

    assert script.seen == [f"GET /v1/predictions/{ID}"] * 2
    assert clock.elapsed == pytest.approx(pause)


def test_row_34_a_prediction_is_canceled(kind: Kind, clock: VirtualClock) -> None:
    canceled = run_of("canceled", output=None, error=None, logs=None, metrics={})
    client, script = start(kind, clock, answer(200, canceled))

    prediction = client.predictions.cancel(ID)

    assert script.seen == [f"POST /v1/predictions/{ID}/cancel"]
    assert (prediction.status, prediction.logs, prediction.metrics) == ("canceled", None, {})


def test_row_35_a_timestamp_that_is_none_does_not_spoil_the_list(
    kind: Kind, clock: VirtualClock
) -> None:
    listed = {
        "id": "jpzd7hm5gfcapbfyt4mqytarku",
        "source": "web",
        "status": "succeeded",
        "created_at": "2022-04-26T20:00:40.658234Z",
        "started_at": "2022-04-26T20:00:84.583803Z",
        "completed_at": "2022-04-26T20:02:27.648305Z",
    }
    client, script = start(
        kind, clock, answer(200, {"next": None, "previous": None, "results": [listed]})
    )

    page = client.predictions.list()

    assert script.seen == ["GET /v1/predictions"]
    [prediction] = page.results
    assert prediction.id == "jpzd7hm5gfcapbfyt4mqytarku"
    assert prediction.started_at == "2022-04-26T20:00:84.583803Z"  # there is no second 84
    assert prediction.created_at.microsecond == 658234
    assert prediction.output is None


def test_row_36_predictions_are_listed_page_by_page(kind: Kind) -> None:
    script = Script(
        answer(200, {"results": [{"id": ID}], "next": f"{API}/predictions?{CURSOR}"}),
        answer(200, {"results": [{"id": "rrr4z55ocneqzikepnug6xezpe"}], "next": None}),
    )

    predictions = paged(
        kind,
        lambda client: client.paginate(client.predictions.list).items(),
        base_url=None,
        transport=script.transport,
    )

    assert [prediction.id for prediction in predictions] == [ID, "rrr4z55ocneqzikepnug6xezpe"]
    assert [str(request.url) for request in script.requests] == [
        f"{API}/predictions",
        f"{API}/predictions?{CURSOR}",
    ]
