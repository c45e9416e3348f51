"""The request log of the command line."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("replicate_ext.sandbox.requests")


class RequestLog:
    """ASGI middleware that logs one line per response: method, path, status and milliseconds.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and log its response when it starts."""
        if scope["type"] != "http" or not log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()

        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                spent = (time.perf_counter() - begin) * 1_000
                # A path may contain anything, such as line breaks and terminal codes.
                path = ascii(scope["path"])[1:-1]
                log.info("%s %s %d %.0f ms", scope["method"], path, message["status"], spent)
            await send(message)

        await self._app(scope, receive, logged)
