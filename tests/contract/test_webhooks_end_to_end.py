"""Webhooks end to end: the sandbox sends them to a web application on uvicorn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from replicate_api.models import Prediction, Training, WebhookSecret
from standardwebhooks import Webhook
from support.clients import Kind, make_client
from support.receivers import Inbox, Sent, receiving
from support.sandboxes import HELLO, NO_TLS, STORY, until
from support.webhooks import OTHER_SECRET

from replicate_ext import WebhookSignatureError, WebhookTimestampError, WebhookVerifier, is_newer
from replicate_ext.sandbox import Delivery, Sandbox, webhook_receiver


class Account:
    """A sandbox, and a client of it."""

    def __init__(self, kind: Kind, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = make_client(kind, api_token=sandbox.api_token, base_url=sandbox.base_url)

    @property
    def secret(self) -> WebhookSecret:
        secret = self.client.webhooks.default.secret.get()
        assert isinstance(secret, WebhookSecret)
        return secret

    def create(self, url: str, events: Sequence[str] = ("completed",)) -> Any:
        return self.client.predictions.create(
            STORY,
            {"prompt": "a key", "max_tokens": 3, "delay": 0},
            webhook=url,
            webhook_events_filter=list(events),
        )

    def deliveries(self, count: int = 1) -> list[Delivery]:
        """Wait for the final deliveries of a number of runs."""

        def probe() -> list[Delivery] | None:
            found = self.sandbox.deliveries
            heard = [each for each in found if each.event == "completed" and each.status in OK]
            return found if len(heard) >= count else None

        return until(probe)


OK = (200, 204)


@contextmanager
def account(kind: Kind, secret: str | None = None) -> Iterator[Account]:
    sandbox = Sandbox(webhook_retry_delays=(0.001, 0.002, 0.003))
    sandbox.webhook_secret = secret or sandbox.webhook_secret
    with sandbox:
        yield Account(kind, sandbox)


@pytest.fixture
def mine(kind: Kind) -> Iterator[Account]:
    with account(kind) as made:
        yield made


def post(url: str, sent: Sent) -> int:
    answer = httpx.post(
        url, content=sent.body, headers=sent.headers, trust_env=False, verify=NO_TLS, timeout=10
    )
    return answer.status_code


def test_a_prediction_sends_webhooks(mine: Account) -> None:
    inbox = Inbox()
    with receiving(inbox) as url:
        created = mine.create(url, ["start", "output", "completed"])
        events = [each.event for each in mine.deliveries()]

    assert (events[0], *sorted({*events[1:-1]}), events[-1]) == ("start", "output", "completed")
    assert len(inbox.got) == len(events)
    verifier, theirs = WebhookVerifier(mine.secret), Webhook(str(mine.secret.key))
    states = []
    for sent in inbox.got:
        theirs.verify(sent.body, sent.headers)
        states.append(verifier.unwrap(sent.headers, sent.body))
    assert {type(state) for state in states} == {Prediction}
    assert {state.id for state in states} == {created.id}
    assert [state.status for state in states][-2:] == ["processing", "succeeded"]
    assert is_newer(states[-1], states[0])
    assert states[-1].to_dict() == {
        **mine.client.predictions.get(created.id).to_dict(),
        "webhook": url,
        "webhook_events_filter": ["start", "output", "completed"],
    }
    assert len(states[-1].output) == 3


def test_a_training_sends_webhooks(mine: Account) -> None:
    client = mine.client
    base = client.models.get(HELLO)
    client.models.create(owner="me", name="greeter", visibility="private", hardware="cpu")
    inbox = Inbox()
    with receiving(inbox) as url:
        created = client.trainings.create(
            HELLO,
            base.latest_version.id,
            destination="me/greeter",
            input={},
            webhook=url,
            webhook_events_filter=["completed"],
        )
        mine.deliveries()

    [sent] = inbox.got
    training = WebhookVerifier(mine.secret).unwrap(sent.headers, sent.body, as_=Training)
    assert isinstance(training, Training)
    assert (training.id, training.status) == (created.id, "succeeded")
    assert training.output
    assert training.output.version == client.trainings.get(created.id).output.version


def test_tampered_and_replayed_deliveries_are_rejected(mine: Account) -> None:
    inbox, handled = Inbox(), list[Prediction]()
    with receiving(inbox) as url:
        mine.create(url)
        mine.deliveries()
    [sent] = inbox.got
    tampered = sent._replace(body=sent.body.replace(b"succeeded", b"suCceeded"))
    renewed = {
        **sent.headers,
        "webhook-timestamp": str(int(sent.headers["webhook-timestamp"]) + 1),
    }
    now = WebhookVerifier(mine.secret)
    later = WebhookVerifier(mine.secret, clock=lambda: time.time() + 301)

    with receiving(webhook_receiver(now, handled.append)) as url:
        for forged in (tampered, sent._replace(headers=renewed)):
            assert post(url, forged) == 400
            with pytest.raises(WebhookSignatureError):
                now.verify(forged.headers, forged.body)
        assert handled == []
        # What is sent again while it is fresh is no forgery, but handled already.
        assert [post(url, sent), post(url, sent), len(handled)] == [204, 204, 1]

    with receiving(webhook_receiver(later, handled.append)) as url:
        assert [post(url, sent), len(handled)] == [400, 1]
        with pytest.raises(WebhookTimestampError):
            later.verify(sent.headers, sent.body)


def test_the_final_delivery_is_repeated_until_it_is_handled(mine: Account) -> None:
    attempts, handled = list[Prediction](), list[Prediction]()

    def handle(prediction: Prediction) -> None:
        attempts.append(prediction)
        if len(attempts) <= 2:
            raise RuntimeError("on purpose")
        handled.append(prediction)

    with receiving(webhook_receiver(mine.secret, handle)) as url:
        created = mine.create(url)
        deliveries = mine.deliveries()

    assert [(each.attempt, each.status) for each in deliveries] == [(1, 500), (2, 500), (3, 204)]
    assert [(each.id, each.status) for each in handled] == [(created.id, "succeeded")]


def test_both_secrets_are_accepted_during_a_rotation(kind: Kind) -> None:
    handled = list[Prediction]()
    with account(kind) as before, account(kind, OTHER_SECRET) as after:
        app = webhook_receiver([after.secret, before.secret], handled.append)
        with receiving(app) as url:
            created = []
            for each in (before, after):
                created.append(each.create(url).id)
                each.deliveries()
        assert [prediction.id for prediction in handled] == created

        # Without the old one, what it signed is refused: so it was the second secret that did it.
        with receiving(webhook_receiver(after.secret, handled.append)) as url:
            before.create(url)
            until(lambda: before.sandbox.deliveries[4:] or None)
        assert {each.status for each in before.sandbox.deliveries[1:]} == {400}
        assert len(handled) == 2
