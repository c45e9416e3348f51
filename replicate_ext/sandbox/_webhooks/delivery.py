"""Delivery of webhooks.

https://replicate.com/docs/topics/webhooks
"""

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from replicate_ext.sandbox._http.loopback import is_loopback
from replicate_ext.sandbox._http.problems import InvalidField, invalid_input
from replicate_ext.sandbox._webhooks.hook import FIELDS, Hook
from replicate_ext.sandbox._webhooks.message import Event, Message

KEPT_DELIVERIES = 10_000
RETRY_DELAYS = (0.1, 1.0, 5.0, 15.0, 40.0)
"""Default seconds before each retry of a `completed` webhook: about a minute in total."""

_TIMEOUT = 10.0
_MAX_PENDING = 64 * 1024**2
"""Total bytes of messages that wait for receivers; further messages are dropped."""
_LAST_PORT = 65_535
_MAX_URL = 2_048

log = logging.getLogger("replicate_ext.sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to deliver a webhook.

    Args:
        event: what happened: `start`, `output`, `logs` or `completed`.
        url: URL of the receiver.
        attempt: number of the attempt, from 1.
        status: HTTP status of the receiver's response, or None without a response.
    """

    event: Event
    url: str
    attempt: int
    status: int | None


class Webhooks:
    """Sends webhooks. Use it in the server's event loop.

    Args:
        secret: signing secret: `whsec_` and base64.
        retry_delays: seconds before each retry of a `completed` webhook; other webhooks are
            attempted once.
        hosts: hosts in addition to loopback ones to which webhooks are posted.
        deliveries: where each attempt is recorded.
    """

    def __init__(
        self,
        secret: str,
        retry_delays: Sequence[float],
        hosts: Collection[str],
        deliveries: deque[Delivery],
    ) -> None:
        self._secret = secret
        self._retry_delays = retry_delays
        self._hosts = hosts
        self._deliveries = deliveries
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._pending = 0

    def hook(self, body: Mapping[str, object]) -> Hook | None:
        """Return the webhook that the body of a create request asks for, or None.

        Raises:
            Problem: 422 when its URL is neither `https` nor on this machine.
        """
        url = body.get("webhook")
        if not isinstance(url, str):
            return None
        if not _is_allowed(url):
            raise invalid_input([InvalidField("format", "webhook", "Not a valid HTTPS URL")])
        return Hook(self.send, url, {name: body[name] for name in FIELDS if name in body})

    def send(self, message: Message, lock: asyncio.Lock) -> None:
        """Start to deliver a message.

        Args:
            message: the message.
            lock: held during delivery, so that messages with the same lock arrive in order.
        """
        if self._closed:
            return
        host = httpx.URL(message.url).host
        if not is_loopback(host) and host not in self._hosts:
            log.warning(
                "A webhook for %s was not sent: allow the host with Sandbox(webhook_hosts=[%r])",
                message.url,
                host,
            )
            return
        if self._pending + len(message.body) > _MAX_PENDING and self._pending:
            log.warning("Too many webhooks are pending; dropped one for %s", message.url)
            return
        self._pending += len(message.body)
        # Use an empty context, so that log lines of the delivery do not end up in the logs of the
        # prediction that caused it.
        task = asyncio.create_task(self._deliver(message, lock), context=Context())
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._delivered(task, message))

    @property
    def are_pending(self) -> bool:
        """Whether a webhook is being delivered or waits for a retry."""
        return bool(self._tasks)

    async def idle(self) -> None:
        """Wait until all webhooks are delivered, or have failed."""
        while self._tasks:
            await asyncio.wait(self._tasks)
            await asyncio.sleep(0)  # the tasks remove themselves in callbacks

    async def close(self) -> None:
        """Cancel all deliveries and refuse new ones."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _delivered(self, task: asyncio.Task[None], message: Message) -> None:
        self._tasks.discard(task)
        self._pending -= len(message.body)

    async def _deliver(self, message: Message, lock: asyncio.Lock) -> None:
        delays = self._retry_delays if message.event == "completed" else ()
        async with lock:
            for attempt, delay in enumerate((0.0, *delays), 1):
                await asyncio.sleep(delay)
                status = await self._post(message)
                self._deliveries.append(
                    Delivery(event=message.event, url=message.url, attempt=attempt, status=status)
                )
                if status is not None and status < 400:
                    break

    async def _post(self, message: Message) -> int | None:
        if self._client is None:
            # Created on first use: loading the certificate store takes 20 ms.
            self._client = httpx.AsyncClient(
                # Without cookies: those of one receiver would reach others on the same host.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                limits=httpx.Limits(max_connections=None),
                timeout=_TIMEOUT,
                trust_env=False,
            )
        headers = message.headers(self._secret)
        try:
            # The response body is not read: it is not needed, and it may be endless.
            async with (
                asyncio.timeout(_TIMEOUT),
                self._client.stream(
                    "POST", message.url, content=message.body, headers=headers
                ) as response,
            ):
                return response.status_code
        except (httpx.HTTPError, TimeoutError):
            return None


def _is_allowed(text: str) -> bool:
    if len(text) > _MAX_URL:
        return False
    try:
        url = httpx.URL(text)
        # This decodes the host name, which may fail as well.
        host = url.host
    except (httpx.InvalidURL, ValueError):
        return False
    is_safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    return is_safe and bool(host) and (url.port or 0) <= _LAST_PORT
