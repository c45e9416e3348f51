"""`webhook_receiver`: an app that passes each webhook to a function once."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

import httpx
import pytest
from replicate_api.models import Prediction
from starlette.types import Message
from support.receivers import Sent, sent
from support.webhooks import NOW, OTHER_SECRET, RUN, SECRET, signed

from replicate_ext import WebhookSecretError, WebhookVerifier
from replicate_ext.sandbox import webhook_receiver
from replicate_ext.sandbox._webhooks import receiver

Deliver: TypeAlias = Callable[[Sent], Coroutine[Any, Any, httpx.Response]]


def deliveries(app: Any, use: Callable[[Deliver], Awaitable[None]], path: str = "/") -> None:
    """Run a function in an event loop; it gets a function that sends a webhook to the app."""

    async def run() -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as client:
            await use(lambda it: client.post(path, content=it.body, headers=it.headers))

    asyncio.run(run())


def statuses(app: Any, *sent: Sent, path: str = "/") -> list[int]:
    """Send webhooks one after another, and return the statuses of the responses."""
    answered: list[int] = []

    async def use(deliver: Deliver) -> None:
        answered.extend([(await deliver(each)).status_code for each in sent])

    deliveries(app, use, path)
    return answered


class Handler:
    """A handler that fails a number of times, and then keeps what it receives."""

    def __init__(self, failures: int = 0) -> None:
        self.got: list[Prediction] = []
        self.failures = failures

    def __call__(self, prediction: Prediction) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("on purpose")
        self.got.append(prediction)


async def aside(handler: Handler, prediction: Prediction) -> None:
    await asyncio.sleep(0)
    handler(prediction)


@pytest.fixture(params=["plain", "async", "returns an awaitable"])
def handling(request: pytest.FixtureRequest) -> Callable[[Handler], Callable[[Prediction], object]]:
    """Return the handler as a plain or an async function."""
    made: dict[str, Callable[[Handler], Callable[[Prediction], object]]] = {
        "plain": lambda handler: handler,
        "async": lambda handler: partial(aside, handler),
        "returns an awaitable": lambda handler: lambda prediction: aside(handler, prediction),
    }
    return made[request.param]


@pytest.mark.parametrize("path", ["/", "/replicate", "/a/b?c=d"])
def test_a_webhook_is_passed_to_the_handler(path: str, handling: Any) -> None:
    handler = Handler()
    app = webhook_receiver(SECRET, handling(handler))
    assert statuses(app, sent(RUN), path=path) == [204]
    [prediction] = handler.got
    assert isinstance(prediction, Prediction)
    assert prediction.to_dict() == RUN


def test_a_repeated_webhook_is_handled_once(handling: Any) -> None:
    handler = Handler()
    app = webhook_receiver(SECRET, handling(handler))
    both = sent(RUN, message_id="msg_1"), sent(RUN, message_id="msg_2")
    assert statuses(app, *both, *both) == [204] * 4
    assert len(handler.got) == 2


def test_a_failed_delivery_is_not_marked_as_handled(handling: Any) -> None:
    handler = Handler(failures=2)
    app = webhook_receiver(SECRET, handling(handler))
    assert statuses(app, *[sent(RUN)] * 4) == [500, 500, 204, 204]
    assert len(handler.got) == 1


def test_an_older_state_is_passed_on_as_well() -> None:
    handler = Handler()
    older = sent({**RUN, "status": "processing"}, message_id="msg_1")
    assert statuses(webhook_receiver(SECRET, handler), sent(RUN), older) == [204, 204]
    assert [prediction.status for prediction in handler.got] == ["succeeded", "processing"]


REFUSED: dict[str, Callable[[], Sent]] = {
    "tampered": lambda: sent(RUN)._replace(body=json.dumps({**RUN, "output": "mine"}).encode()),
    "stale": lambda: sent(RUN, age=timedelta(minutes=6)),
    "signed with another secret": lambda: sent(RUN, secret=OTHER_SECRET),
    "not signed": lambda: sent(RUN)._replace(headers={}),
    "not about a run": lambda: sent([RUN]),  # type: ignore[arg-type] # on purpose
}


@pytest.mark.parametrize("why", REFUSED)
def test_an_unsigned_request_is_rejected(why: str, caplog: pytest.LogCaptureFixture) -> None:
    handler = Handler()
    app = webhook_receiver(SECRET, handler)
    with caplog.at_level(logging.WARNING, "replicate_ext.sandbox"):
        assert statuses(app, REFUSED[why]()) == [400]
    assert handler.got == []
    assert caplog.messages[0].startswith("Rejected a webhook: ")
    assert SECRET not in caplog.text
    # A valid webhook with the same id is still accepted.
    assert statuses(app, sent(RUN)) == [204]
    assert len(handler.got) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_allowed(method: str) -> None:
    async def use() -> None:
        transport = httpx.ASGITransport(webhook_receiver(SECRET, Handler()))
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.request(method, "http://app.test/x")).status_code == 405

    asyncio.run(use())


def test_an_endless_body_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "MAX_BODY", 1000)
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 400

    handler = Handler()
    app = webhook_receiver(SECRET, handler)
    assert statuses(app, Sent(endless(), {})) == [413]  # type: ignore[arg-type] # httpx takes it
    assert given == 3
    assert statuses(app, sent(RUN)) == [204]


def test_a_sender_that_disconnects_gets_no_response() -> None:
    handler = Handler()
    app = webhook_receiver(SECRET, handler)
    delivery = sent(RUN)
    heard: list[Message] = [
        {"type": "http.request", "body": delivery.body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    said: list[Message] = []

    async def receive() -> Message:
        return heard.pop(0)

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(name.encode(), value.encode()) for name, value in delivery.headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(app(scope, receive, send))
    assert (handler.got, said) == ([], [])


def test_a_webhook_that_arrives_twice_at_once_is_handled_once() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    got = []

    async def handler(prediction: Prediction) -> None:
        got.append(prediction)
        begun.set()
        await asyncio.wait_for(go_on.wait(), 5)

    async def use(deliver: Deliver) -> None:
        first = asyncio.create_task(deliver(sent(RUN)))
        await begun.wait()
        assert (await deliver(sent(RUN))).status_code == 503  # to be sent again
        go_on.set()
        assert [(await each).status_code for each in (first, deliver(sent(RUN)))] == [204, 204]
        assert len(got) == 1

    deliveries(webhook_receiver(SECRET, handler), use)


def test_a_plain_handler_does_not_block_others() -> None:
    both = threading.Barrier(2, timeout=5)

    async def use(deliver: Deliver) -> None:
        pair = [deliver(sent(RUN, message_id=f"msg_{number}")) for number in range(2)]
        assert [response.status_code for response in await asyncio.gather(*pair)] == [204, 204]

    deliveries(webhook_receiver(SECRET, lambda _: both.wait()), use)


def test_the_number_of_remembered_ids_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "KEPT_IDS", 2)
    handler = Handler()
    app = webhook_receiver(SECRET, handler)
    one, two, three = (sent(RUN, message_id=f"msg_{number}") for number in range(3))
    statuses(app, one, two, three)
    statuses(app, three, two)
    assert len(handler.got) == 3
    statuses(app, one)
    assert len(handler.got) == 4


def test_secrets_are_accepted_in_every_form() -> None:
    old = sent(RUN, message_id="msg_old", secret=OTHER_SECRET)
    rotated = webhook_receiver([OTHER_SECRET, SECRET], Handler())
    assert statuses(rotated, old, sent(RUN)) == [204, 204]

    verifier = WebhookVerifier(SECRET, clock=lambda: NOW)
    body = json.dumps(RUN).encode()
    app = webhook_receiver(verifier, Handler())
    assert statuses(app, Sent(body, signed(body)), sent(RUN)) == [204, 400]

    with pytest.raises(WebhookSecretError):
        webhook_receiver("", Handler())
