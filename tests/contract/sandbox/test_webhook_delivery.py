"""Delivery of webhooks by the sandbox."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple

import httpx
import pytest
from standardwebhooks import Webhook
from support.sandboxes import HELLO, JSON, TERMINAL, WAIT, Local, client_of, create, until
from support.server import Api, Received, answering, serving

from replicate_ext import WebhookVerifier
from replicate_ext.sandbox import Delivery, Sandbox

ALL = ["start", "output", "logs", "completed"]


class Receiver(NamedTuple):
    """A sandbox, and a server that receives its webhooks."""

    local: Local
    api: Api

    @property
    def sandbox(self) -> Sandbox:
        return self.local.sandbox

    def create(self, model: str, events: Sequence[str] | None = None, /, **values: object) -> JSON:
        options = {"webhook": self.api.url, **({} if events is None else {"events": events})}
        return self.create_with(model, options, values)

    def create_with(self, model: str, options: JSON, values: JSON) -> JSON:
        if "events" in options:
            options["webhook_events_filter"] = options.pop("events")
        body = {"version": model, "input": values, **options}
        response = self.local.client.post("/predictions", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    def received(self, count: int) -> list[Received]:
        """Wait for this number of deliveries, and check that there are no more."""
        until(lambda: self.sandbox.deliveries[count - 1 :] or None)
        assert len(self.sandbox.deliveries) == len(self.api.received) == count
        return self.api.received

    @property
    def attempts(self) -> list[tuple[str, int, int | None]]:
        return [(each.event, each.attempt, each.status) for each in self.sandbox.deliveries]

    @property
    def events(self) -> list[str]:
        return [each.event for each in self.sandbox.deliveries]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    sandbox = Sandbox(webhook_retry_delays=(0.001, 0.002))
    with serving() as api, sandbox, client_of(sandbox) as client:
        yield Receiver(Local(sandbox, client), api)


def bodies(received: list[Received]) -> list[JSON]:
    return [json.loads(request.body) for request in received]


def answering_in_turn(*statuses: int) -> object:
    left = list(statuses)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        answering(left.pop(0))(handler)

    return answer


def count_to_five(receiver: Receiver, *, before: int) -> None:
    @receiver.sandbox.model("me/five")
    def five() -> Iterator[int]:
        yield from range(1, 6)

    receiver.create("me/five", ["output"])
    first, last = bodies(receiver.received(before + 2))[before:]
    assert (first["output"], last["output"]) == ([1], [1, 2, 3, 4, 5])


class TestDeliveries:
    def test_output_and_completed_are_sent_by_default(self, receiver: Receiver) -> None:
        id_ = receiver.create(HELLO, text="Grüße")["id"]
        first, last = bodies(receiver.received(2))
        assert (first["id"], first["status"]) == (id_, "processing")
        assert (first["output"], "completed_at" in first) == ("hello Grüße", False)
        shown = receiver.local.client.get(f"/predictions/{id_}").json()
        assert last == {**shown, "webhook": receiver.api.url}
        assert (last["status"], last["output"]) == ("succeeded", "hello Grüße")
        assert receiver.sandbox.deliveries == [
            Delivery(event=event, url=receiver.api.url, attempt=1, status=200)
            for event in ("output", "completed")
        ]

    def test_body_and_headers_have_the_form_of_the_api(self, receiver: Receiver) -> None:
        receiver.create(HELLO, ["completed"], text="Grüße")
        [delivery] = receiver.received(1)
        compact = json.dumps(
            json.loads(delivery.body), ensure_ascii=False, separators=(",", ":"), sort_keys=True
        )
        assert delivery.body == compact.encode()
        assert json.loads(delivery.body)["webhook_events_filter"] == ["completed"]
        assert (delivery.method, delivery.path) == ("POST", "/v1")
        assert delivery.headers["content-type"] == "application/json"
        assert delivery.headers["user-agent"].startswith("replicate-ext/")
        assert re.fullmatch(r"msg_[a-zA-Z0-9]{27}", delivery.headers["webhook-id"])
        assert "authorization" not in delivery.headers

    def test_signatures_are_valid(self, receiver: Receiver) -> None:
        secret = receiver.local.client.get("/webhooks/default/secret").json()["key"]
        assert secret == receiver.sandbox.webhook_secret
        receiver.create(HELLO, text="x")
        for delivery in receiver.received(2):
            WebhookVerifier(secret).verify(delivery.headers, delivery.body)
            Webhook(secret).verify(delivery.body.decode(), delivery.headers)

    def test_every_sandbox_has_its_own_secret(self) -> None:
        assert Sandbox().webhook_secret != Sandbox().webhook_secret

    def test_all_events_are_sent_in_order(self, receiver: Receiver) -> None:
        @receiver.sandbox.model("me/talk")
        def talk() -> str:
            print("thinking")  # noqa: T201 - as models do
            return "done"

        receiver.create("me/talk", ALL)
        got = bodies(receiver.received(4))
        assert receiver.events == ["start", "logs", "output", "completed"]
        assert [body["status"] for body in got] == ["processing"] * 3 + ["succeeded"]
        assert [body["logs"] for body in got] == ["", *["thinking\n"] * 3]
        assert [body["output"] for body in got] == [None, None, "done", "done"]

    def test_no_webhook_means_no_delivery(self, receiver: Receiver) -> None:
        create(receiver.local.client, HELLO, WAIT, text="x")
        receiver.create_with(HELLO, {"events": ALL}, {"text": "x"})
        receiver.create(HELLO, [], text="x")
        receiver.create(HELLO, ["completed"], text="x")
        receiver.received(1)

    def test_frequent_events_are_combined(self, receiver: Receiver) -> None:
        rest = threading.Event()

        @receiver.sandbox.model("me/count")
        def count() -> Iterator[str]:
            for number in range(50):
                yield str(number)
            assert rest.wait(5)
            yield "end"

        receiver.create("me/count")
        numbers = [str(number) for number in range(50)]
        first, second = bodies(receiver.received(2))
        assert (first["output"], second["output"]) == (["0"], numbers)
        rest.set()
        *_, last = bodies(receiver.received(3))
        assert (last["status"], last["output"]) == ("succeeded", [*numbers, "end"])
        # No event follows `completed`, not even after the interval of another one.
        count_to_five(receiver, before=3)

    def test_the_last_output_is_sent_if_completed_is_filtered_out(self, receiver: Receiver) -> None:
        count_to_five(receiver, before=0)

    def test_a_failed_prediction_sends_completed(self, receiver: Receiver) -> None:
        @receiver.sandbox.model("me/fail")
        def fail() -> str:
            raise RuntimeError("on purpose")

        receiver.create("me/fail", ALL)
        start, end = bodies(receiver.received(2))
        assert (start["status"], end["status"], end["error"]) == (
            "processing",
            "failed",
            "on purpose",
        )

    def test_a_canceled_prediction_sends_completed(self, receiver: Receiver) -> None:
        @receiver.sandbox.model("me/sleep", boot_time=60)
        async def sleep() -> str:
            raise NotImplementedError

        created = receiver.create("me/sleep", ALL)
        receiver.local.client.post(created["urls"]["cancel"])
        [end] = bodies(receiver.received(1))
        assert (end["status"], end["output"]) == ("canceled", None)

    def test_a_script_sends_events(self, receiver: Receiver) -> None:
        receiver.sandbox.script("me/odd", [("queued", 0.001), "succeeded"], output=7)
        receiver.create("me/odd", ALL)
        got = bodies(receiver.received(3))
        assert receiver.events == ["start", "output", "completed"]
        assert [body["output"] for body in got] == [None, 7, 7]

    def test_a_training_sends_events(self, receiver: Receiver) -> None:
        client = receiver.local.client
        model = {"owner": "sandbox", "name": "mine", "visibility": "private", "hardware": "cpu"}
        assert client.post("/models", json=model).status_code == 201
        version = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        body = {"destination": "sandbox/mine", "input": {}, "webhook": receiver.api.url}
        response = client.post(f"/models/{HELLO}/versions/{version}/trainings", json=body)
        assert response.status_code == 201
        output, end = bodies(receiver.received(2))
        assert receiver.events == ["output", "completed"]
        shown = client.get(f"/trainings/{response.json()['id']}").json()
        assert end == {**shown, "webhook": receiver.api.url}
        assert output["output"] == end["output"]

    def test_a_slow_receiver_gets_events_in_order(self, receiver: Receiver) -> None:
        go_on = threading.Event()

        def wait(handler: BaseHTTPRequestHandler) -> None:
            assert go_on.wait(5)
            answering(200)(handler)

        receiver.api.answer = wait
        id_ = receiver.create(HELLO, ["start", "output", "completed"], text="x")["id"]
        client = receiver.local.client
        # The prediction does not wait for the receiver.
        until(lambda: client.get(f"/predictions/{id_}").json()["status"] in TERMINAL or None)
        assert receiver.sandbox.deliveries == []
        go_on.set()
        got = bodies(receiver.received(3))
        assert receiver.events == ["start", "output", "completed"]
        # Each body shows the state at the time of its event.
        assert [body["output"] for body in got] == [None, "hello x", "hello x"]
        assert [body["status"] for body in got] == ["processing", "processing", "succeeded"]


class TestRetries:
    def test_completed_is_retried_until_it_is_accepted(self, receiver: Receiver) -> None:
        receiver.api.answer = answering_in_turn(404, 503, 204)  # type: ignore[assignment] # an Answer
        receiver.create(HELLO, ["completed"], text="x")
        deliveries = receiver.received(3)
        assert receiver.attempts == [
            ("completed", 1, 404),
            ("completed", 2, 503),
            ("completed", 3, 204),
        ]
        assert len({delivery.headers["webhook-id"] for delivery in deliveries}) == 1
        assert len({delivery.body for delivery in deliveries}) == 1
        for delivery in deliveries:
            WebhookVerifier(receiver.sandbox.webhook_secret).verify(delivery.headers, delivery.body)

    def test_every_message_has_its_own_id(self, receiver: Receiver) -> None:
        receiver.create(HELLO, text="x")
        assert len({each.headers["webhook-id"] for each in receiver.received(2)}) == 2

    def test_retries_are_limited(self, receiver: Receiver) -> None:
        receiver.api.answer = answering(500)
        receiver.create(HELLO, ["completed"], text="x")
        until(lambda: receiver.sandbox.deliveries[2:] or None)
        receiver.api.answer = answering(200)
        receiver.create(HELLO, ["completed"], text="x")
        receiver.received(4)
        assert [(attempt, status) for _, attempt, status in receiver.attempts] == [
            (1, 500),
            (2, 500),
            (3, 500),
            (1, 200),
        ]

    def test_a_failed_connection_is_retried(self, receiver: Receiver) -> None:
        with socket.socket() as unanswered:
            unanswered.bind(("127.0.0.1", 0))
            url = f"http://localhost:{unanswered.getsockname()[1]}/"
            receiver.create_with(HELLO, {"webhook": url}, {"text": "x"})
            until(lambda: receiver.sandbox.deliveries[3:] or None)
        assert receiver.attempts == [
            ("output", 1, None),
            ("completed", 1, None),
            ("completed", 2, None),
            ("completed", 3, None),
        ]

    def test_other_events_are_not_retried(self, receiver: Receiver) -> None:
        receiver.api.answer = answering_in_turn(500, 404, 200)  # type: ignore[assignment] # an Answer
        receiver.create(HELLO, ["start", "output", "completed"], text="x")
        receiver.received(3)
        assert receiver.attempts == [("start", 1, 500), ("output", 1, 404), ("completed", 1, 200)]

    def test_redirects_are_not_followed(self, receiver: Receiver) -> None:
        receiver.api.answer = answering(307, location="/elsewhere")
        receiver.create(HELLO, ["completed"], text="x")
        receiver.received(1)
        receiver.create(HELLO, ["completed"], text="x")
        receiver.received(2)
        assert receiver.attempts == [("completed", 1, 307)] * 2

    def test_cookies_are_not_kept(self, receiver: Receiver) -> None:
        receiver.api.answer = answering(200, set_cookie="a=b")
        receiver.create(HELLO, text="x")
        assert all("cookie" not in delivery.headers for delivery in receiver.received(2))


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example.com/",
            "http://[::2]/",
            "ftp://localhost/",
            "localhost",
            "/path",
            "https://",
            "https:///path",
            "https://a\nb/",
            "https://xn--/",
            "https://localhost:65536/",
            "",
        ],
    )
    def test_an_invalid_url_is_rejected(self, local: Local, url: str) -> None:
        body = {"version": HELLO, "input": {"text": "x"}, "webhook": url}
        response = local.client.post("/predictions", json=body)
        assert response.status_code == 422
        assert response.json() == {
            "detail": "- webhook: Not a valid HTTPS URL\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "format", "field": "webhook", "description": "Not a valid HTTPS URL"}
            ],
        }
        assert local.client.get("/predictions").json()["results"] == []

    @pytest.mark.parametrize(
        "url",
        [
            "http://localhost/",
            "http://127.8.9.1:1/",
            "http://[::1]:1/",
            "HTTPS://localhost:1/",
            f"https://localhost.{'a' * 64}.invalid/",
        ],
    )
    def test_a_valid_url_is_accepted(self, url: str) -> None:
        sandbox = Sandbox(webhook_retry_delays=(), webhook_hosts=[httpx.URL(url).host])
        with sandbox, client_of(sandbox) as client:
            sandbox.script("me/end", ["canceled"])
            body = {"version": "me/end", "input": {}, "webhook": url}
            assert client.post("/predictions", json=body).status_code == 201
            [delivery] = until(lambda: sandbox.deliveries or None)
        assert (delivery.url, delivery.status) == (url, None)


class TestStopping:
    def test_stopping_the_sandbox_does_not_wait_for_deliveries(self) -> None:
        hangs, gone = threading.Event(), threading.Event()

        def answer(_: BaseHTTPRequestHandler) -> None:
            hangs.set()
            assert gone.wait(5)

        sandbox = Sandbox(webhook_retry_delays=(60,))
        begin = time.monotonic()
        with serving() as api, socket.socket() as closed:
            api.answer = answer
            closed.bind(("127.0.0.1", 0))
            unanswered = f"http://127.0.0.1:{closed.getsockname()[1]}/"
            with sandbox, client_of(sandbox) as client:
                for url in (api.url, unanswered):
                    body = {"version": HELLO, "input": {"text": "x"}, "webhook": url}
                    assert client.post("/predictions", json=body).status_code == 201
                assert hangs.wait(5)
                until(lambda: sandbox.deliveries[1:] or None)
            gone.set()
        assert {delivery.url for delivery in sandbox.deliveries} == {unanswered}
        assert time.monotonic() - begin < 5

    def test_stopping_the_sandbox_sends_no_webhooks(self) -> None:
        with serving() as api, socket.socket() as late:
            with Sandbox() as sandbox, client_of(sandbox) as client:
                sandbox.script("me/odd", ["starting"])
                body = {"version": "me/odd", "input": {}, "webhook": api.url}
                assert client.post("/predictions", json=body).status_code == 201
                # The unfinished request gives a delivery time to arrive, if there was one.
                url = httpx.URL(sandbox.base_url)
                late.connect((url.host, url.port))
                head = f"Authorization: Bearer {sandbox.api_token}\r\nContent-Length: 9\r\n\r\n"
                late.sendall(f"POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\n{head}".encode())
                until(lambda: sandbox.requests[1:] or None)
            assert api.received == []
