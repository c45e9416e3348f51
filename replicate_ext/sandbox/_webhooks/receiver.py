"""A web app that receives webhooks during development: from the sandbox, or through a tunnel."""

from __future__ import annotations

import logging
from inspect import isawaitable
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from replicate_ext.sandbox._http.responses import ignore_disconnect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from replicate_api.models import Prediction
    from starlette.requests import Request

    from replicate_ext import WebhookVerifier
    from replicate_ext._webhooks.verification import Secret

MAX_BODY = 32 * 1024**2
"""Largest body in bytes; webhooks contain all input and output, including data URIs."""
KEPT_IDS = 10_000

log = logging.getLogger("replicate_ext.sandbox")


def webhook_receiver(
    secret: Secret | Iterable[Secret] | WebhookVerifier,
    handler: Callable[[Prediction], object],
) -> Starlette:
    """Return a web app that verifies webhooks and passes each to a function once.

        app = webhook_receiver(client.webhooks.default.secret.get(), print)
        uvicorn.run(app, port=8000)

    The app accepts a POST to any path. It is meant for development: handled webhooks are remembered
    in memory only. Webhooks may arrive out of order; use `replicate_ext.is_newer` to detect an
    older state.

    Args:
        secret: signing secret as `WebhookVerifier` accepts it, or a `WebhookVerifier`.
        handler: called with each prediction, or training, which has the same fields. A function
            that is not async runs in a thread. If it raises, the response is 500, and the sender
            may retry.

    Raises:
        WebhookSecretError: the secret is missing or malformed.
    """
    # Imported here, since the server itself does not use the client.
    from replicate_ext import WebhookVerifier

    verifier = secret if isinstance(secret, WebhookVerifier) else WebhookVerifier(secret)
    receiver = _Receiver(verifier, handler)
    return Starlette(
        routes=[Route("/{path:path}", receiver.receive, methods=["POST"])],
        exception_handlers={ClientDisconnect: ignore_disconnect},
    )


class _Receiver:
    def __init__(self, verifier: WebhookVerifier, handler: Callable[[Prediction], object]) -> None:
        self._verifier = verifier
        self._handler = handler
        self._in_progress: set[str] = set()
        self._handled: dict[str, None] = {}

    async def receive(self, request: Request) -> Response:
        from replicate_ext import WebhookError

        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return PlainTextResponse(f"The body is larger than {MAX_BODY} bytes", 413)
        try:
            prediction = self._verifier.unwrap(request.headers, body)
        except WebhookError as error:
            log.warning("Rejected a webhook: %s", error)
            return PlainTextResponse(str(error), 400)
        id_ = request.headers["webhook-id"]
        if id_ in self._in_progress:
            # The outcome is not known yet. The sender can retry later instead of waiting.
            return PlainTextResponse("The webhook is already being handled", 503)
        if id_ not in self._handled:
            await self._handle(id_, prediction)
        return Response(status_code=204)

    async def _handle(self, id_: str, prediction: Prediction) -> None:
        self._in_progress.add(id_)
        try:
            # In the thread, an async function only creates its coroutine, which is awaited here.
            outcome = await run_in_threadpool(self._handler, prediction)
            if isawaitable(outcome):
                await outcome
        finally:
            self._in_progress.remove(id_)
        self._handled[id_] = None
        if len(self._handled) > KEPT_IDS:
            del self._handled[next(iter(self._handled))]
