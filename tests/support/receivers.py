"""Signed webhooks, and web apps that receive them on the loopback interface."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import uvicorn
from standardwebhooks import Webhook
from starlette.requests import Request
from starlette.responses import Response

from replicate_ext.sandbox._server.server import listen
from support.webhooks import MESSAGE_ID, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send


class Sent(NamedTuple):
    """A webhook request."""

    body: bytes
    headers: dict[str, str]


def sent(
    run: dict[str, Any],
    *,
    message_id: str = MESSAGE_ID,
    secret: str = SECRET,
    age: timedelta = timedelta(),
) -> Sent:
    """Return a webhook that the Standard Webhooks library has signed.

    Args:
        run: The prediction or training.
        message_id: Id of the message, the same for each attempt.
        secret: Signing secret.
        age: Age of the signature.
    """
    body = json.dumps(run)
    when = datetime.now(UTC) - age
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, when, body),
    }
    return Sent(body.encode(), headers)


class Inbox:
    """A web app that accepts all requests and keeps them."""

    def __init__(self) -> None:
        self.got: list[Sent] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.got.append(Sent(await request.body(), dict(request.headers)))
        await Response()(scope, receive, send)


@contextmanager
def receiving(app: ASGIApp) -> Iterator[str]:
    """Serve an app on uvicorn until the context ends, and yield its URL."""
    with listen(0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/replicate"
        finally:
            server.should_exit = True
            thread.join()
