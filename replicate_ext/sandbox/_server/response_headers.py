"""Headers that the API adds to its responses: rate limits and `Preference-Applied`."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._http.preferences import wait

ACCEPTED = 202
_CREATE = re.compile(r"/(?:models/[^/]+/[^/]+/|deployments/[^/]+/[^/]+/)?predictions")
_GET = re.compile(r"/predictions/[^/]+")


class ResponseHeaders:
    """ASGI middleware that adds rate-limit headers and `Preference-Applied`.

    https://replicate.com/docs/topics/predictions/rate-limits
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and add headers to the response."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), message["status"], scope)
            await send(message)

        await self._app(scope, receive, completed)


def _complete(headers: MutableHeaders, status: int, scope: Scope) -> None:
    path = scope["path"].removeprefix("/v1")
    creates = scope["method"] == "POST" and _CREATE.fullmatch(path) is not None
    seconds = wait(Headers(scope=scope).getlist("prefer"))
    if creates and seconds is not None:
        headers["preference-applied"] = f"wait={seconds}"
    if status == ACCEPTED or path.startswith("/files"):
        return
    if creates:
        limit = 600
    elif scope["method"] == "GET" and _GET.fullmatch(path):
        limit = 60_000
    else:
        limit = 3_000
    headers["ratelimit-remaining"] = str(limit - 1)
    headers["ratelimit-reset"] = "1"
