"""A web app that receives webhooks while you develop: with the sandbox, or behind a tunnel."""

from __future__ import annotations

import logging
from inspect import isawaitable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from replicate_ext.sandbox._http.responses import hung_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from replicate_api.models import Prediction
    from starlette.requests import Request

    from replicate_ext import WebhookVerifier
    from replicate_ext._webhooks.verification import Secret

MAX_BODY = 32 * 1024**2
"""Bytes; a delivery has the whole input and output, files given as data URIs among them."""
KEPT_IDS = 10_000

log = logging.getLogger("replicate_ext.sandbox")


def webhook_receiver(
    secret: Secret | Iterable[Secret] | WebhookVerifier,
    handler: Callable[[Prediction], object],
) -> Starlette:
    """Make a web app that verifies webhooks, and hands each to a function once.

        app = webhook_receiver(client.webhooks.default.secret.get(), print)
        uvicorn.run(app, port=8000)

    It is for development, as what was handled is known in memory only. It takes a POST to any path.
    States are handed on as they come, also an older one after a newer, as all receivers get them;
    `replicate_ext.is_newer` says which is which.

    Args:
        secret: what signs the webhooks, as WebhookVerifier takes it, or a WebhookVerifier.
        handler: takes the prediction, or a training, which has the same fields. It runs in a thread
            unless it is async. When it raises, the answer is 500, and the delivery may come again.

    Raises:
        WebhookSecretError: there is no secret, or one that is malformed.
    """
    # Imported late: the server itself shares no code with the client.
    from replicate_ext import WebhookVerifier

    verifier = secret if isinstance(secret, WebhookVerifier) else WebhookVerifier(secret)
    receiver = _Receiver(verifier, handler)
    return Starlette(
        routes=[Route("/{path:path}", receiver.receive, methods=["POST"])],
        exception_handlers={ClientDisconnect: hung_up},
    )


class _Receiver:
    def __init__(self, verifier: WebhookVerifier, handler: Callable[[Prediction], object]) -> None:
        self._verifier = verifier
        self._handler = handler
        self._at_work: set[str] = set()
        self._handled: dict[str, None] = {}

    async def receive(self, request: Request) -> Response:
        from replicate_ext import WebhookError

        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return PlainTextResponse(f"More than {MAX_BODY} bytes", 413)
        try:
            prediction = self._verifier.unwrap(request.headers, body)
        except WebhookError as error:
            log.warning("A webhook is refused: %s", error)
            return PlainTextResponse(str(error), 400)
        id_ = request.headers["webhook-id"]
        if id_ in self._at_work:
            # Its outcome is not known yet, and a sender that gave up must not be kept waiting.
            return PlainTextResponse("It is being handled", 503)
        if id_ not in self._handled:
            await self._handle(id_, prediction)
        return Response(status_code=204)

    async def _handle(self, id_: str, prediction: Prediction) -> None:
        self._at_work.add(id_)
        try:
            # An async function does nothing yet in the thread: what it returns is awaited here.
            outcome = await run_in_threadpool(self._handler, prediction)
            if isawaitable(outcome):
                await outcome
        finally:
            self._at_work.remove(id_)
        self._handled[id_] = None
        if len(self._handled) > KEPT_IDS:
            del self._handled[next(iter(self._handled))]
