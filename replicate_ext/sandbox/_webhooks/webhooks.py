"""Webhooks: telling a URL what happens to a prediction or training, signed.

https://replicate.com/docs/topics/webhooks
"""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import string
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal, TypeAlias, cast

import httpx

from replicate_ext._version import __version__
from replicate_ext.sandbox._http.loopback import is_loopback
from replicate_ext.sandbox._http.problems import InvalidField, invalid_input
from replicate_ext.sandbox._http.responses import encode

Event: TypeAlias = Literal["start", "output", "logs", "completed"]

KEPT_DELIVERIES = 10_000
RETRY_DELAYS = (0.1, 1.0, 5.0, 15.0, 40.0)
"""Seconds before each new try of the last delivery: about a minute in all."""

_DEFAULT_EVENTS: Sequence[Event] = ("output", "completed")
_FREQUENT: Sequence[Event] = ("output", "logs")
_PAUSE = 0.5
_PATIENCE = 10.0
_MAX_PENDING = 64 * 1024**2
"""Bytes of what waits for receivers; what comes on top is not sent."""
_LAST_PORT = 65_535
_LONGEST_URL = 2_048
_FIELDS = ("webhook", "webhook_events_filter")
_ALPHABET = string.ascii_letters + string.digits

log = logging.getLogger("replicate_ext.sandbox")


def new_secret() -> str:
    """Make a secret to sign with."""
    return f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try to deliver a webhook.

    Args:
        event: what happened: `start`, `output`, `logs` or `completed`.
        url: where it was sent.
        attempt: 1 for the first try.
        status: what the receiver answered, or None when there was no answer.
    """

    event: Event
    url: str
    attempt: int
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    event: Event
    url: str
    body: bytes = field(repr=False)
    id: str = field(
        default_factory=lambda: "msg_" + "".join(secrets.choice(_ALPHABET) for _ in range(27))
    )

    def headers(self, secret: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signature = hmac.new(b64decode(secret.removeprefix("whsec_")), digestmod=hashlib.sha256)
        signature.update(f"{self.id}.{timestamp}.".encode())
        signature.update(self.body)
        return {
            "content-type": "application/json",
            "user-agent": f"replicate-ext/{__version__} (sandbox)",
            "webhook-id": self.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{b64encode(signature.digest()).decode()}",
        }


class Webhooks:
    """Delivers webhooks; lives in the server's event loop.

    Args:
        secret: signs them; `whsec_` and base64.
        retry_delays: seconds before each new try of a delivery that ends a prediction or training;
            those before are tried once.
        deliveries: where to record each try; full, it forgets the oldest.
    """

    def __init__(
        self, secret: str, retry_delays: Sequence[float], deliveries: deque[Delivery]
    ) -> None:
        self._secret = secret
        self._retry_delays = retry_delays
        self._deliveries = deliveries
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pending = 0

    def hook(self, body: Mapping[str, object]) -> "Hook | None":
        """Return what the body of a create call asks to be told with, or None.

        Raises:
            Problem: 422 when its URL is neither `https` nor on this machine.
        """
        url = body.get("webhook")
        if not isinstance(url, str):
            return None
        if not _is_allowed(url):
            raise invalid_input([InvalidField("format", "webhook", "Not a valid HTTPS URL")])
        return Hook(self, url, {name: body[name] for name in _FIELDS if name in body})

    def send(self, message: _Message, turn: asyncio.Lock) -> None:
        """Begin to deliver a message.

        Args:
            message: what to deliver.
            turn: held while one is delivered, so that they arrive in order.
        """
        if self._closed:
            return
        if self._pending + len(message.body) > _MAX_PENDING and self._pending:
            log.warning("Too much waits for receivers of webhooks: one for %s is lost", message.url)
            return
        self._pending += len(message.body)
        # What a delivery logs is not what a model printed, though it is the model that set it off.
        task = asyncio.create_task(self._deliver(message, turn), context=Context())
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._delivered(task, message))

    async def close(self) -> None:
        """End all deliveries where they are, and begin no others."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _delivered(self, task: asyncio.Task[None], message: _Message) -> None:
        self._tasks.discard(task)
        self._pending -= len(message.body)

    async def _deliver(self, message: _Message, turn: asyncio.Lock) -> None:
        delays = self._retry_delays if message.event == "completed" else ()
        async with turn:
            for attempt, delay in enumerate((0.0, *delays), 1):
                await asyncio.sleep(delay)
                status = await self._post(message)
                self._deliveries.append(
                    Delivery(event=message.event, url=message.url, attempt=attempt, status=status)
                )
                if status is not None and status < 400:
                    break

    async def _post(self, message: _Message) -> int | None:
        if self._client is None:
            # Made when it is needed: reading the world's certificates takes 20 ms.
            self._client = httpx.AsyncClient(
                # A receiver's cookies would reach the others on its host.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                limits=httpx.Limits(max_connections=None),
                timeout=_PATIENCE,
                trust_env=False,
            )
        headers = message.headers(self._secret)
        try:
            # What a receiver answers is of no interest, and may have no end.
            async with (
                asyncio.timeout(_PATIENCE),
                self._client.stream(
                    "POST", message.url, content=message.body, headers=headers
                ) as response,
            ):
                return response.status_code
        except (httpx.HTTPError, TimeoutError):
            return None


class Hook:
    """Where one prediction or training tells what happens to it.

    `output` and `logs` are told at most every 500 ms each; what happens in between is told when
    that time is over, unless `completed` is told before, which has it all.

    Args:
        webhooks: delivers.
        url: the receiver.
        asked: the fields of the create call that asked for it.
    """

    def __init__(self, webhooks: Webhooks, url: str, asked: Mapping[str, object]) -> None:
        events = asked.get("webhook_events_filter", _DEFAULT_EVENTS)
        self._webhooks = webhooks
        self._url = url
        self._asked = asked
        self._events = cast("Sequence[Event]", events)
        self._turn = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._next: dict[Event, float] = {}
        self._waiting: dict[Event, asyncio.TimerHandle] = {}

    def tell(self, event: Event, look: Callable[[], Mapping[str, object]]) -> None:
        """Deliver that something happened, now or in a moment, if it was asked for.

        Args:
            event: what happened; nothing may be told after `completed`.
            look: gives the object as its own GET shows it, at the moment when it is called.
        """
        if event not in self._events or event in self._waiting:
            return
        if event == "completed":
            for timer in self._waiting.values():
                timer.cancel()
        pause = self._next.get(event, 0) - self._loop.time()
        if pause > 0:
            self._waiting[event] = self._loop.call_later(pause, self._send, event, look)
        else:
            self._send(event, look)

    def _send(self, event: Event, look: Callable[[], Mapping[str, object]]) -> None:
        self._waiting.pop(event, None)
        if event in _FREQUENT:
            self._next[event] = self._loop.time() + _PAUSE
        text = json.dumps(
            {**look(), **self._asked}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        message = _Message(event=event, url=self._url, body=encode(text))
        self._webhooks.send(message, self._turn)


def _is_allowed(text: str) -> bool:
    if len(text) > _LONGEST_URL:
        return False
    try:
        url = httpx.URL(text)
        # Not every text can be decoded as a host.
        host = url.host
    except (httpx.InvalidURL, ValueError):
        return False
    is_safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    return is_safe and bool(host) and (url.port or 0) <= _LAST_PORT
