"""Headers that the API adds to its responses: rate limits, `Preference-Applied`, and charsets."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._http.preferences import wait
from replicate_ext.sandbox._http.problems import throttled
from replicate_ext.sandbox._http.rate_limits import RateLimits, creates_prediction

ACCEPTED = 202
JSON_TYPE = "application/json"
SMALLEST_COMPRESSED = 1_500

_RUNS = frozenset({"predictions", "trainings"})
_WEBSITE = {
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "vary": "Cookie, origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Headers of all endpoints except runs and files: the server of the website adds them."""


class ResponseHeaders:
    """ASGI middleware that counts requests, and completes the headers of responses.

    Args:
        app: the application.
        enforced: whether requests over the limit get a 429.
    """

    def __init__(self, app: ASGIApp, *, enforced: bool) -> None:
        self._app = app
        self._enforced = enforced
        self._limits = RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, and add headers to the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix("/v1")
        left = None if path.startswith("/files") else self._limits.take(scope["method"], path)

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), message["status"], scope, left)
            await send(message)

        is_refused = self._enforced and left is not None and left < 0
        app = throttled(1, in_body=True).response() if is_refused else self._app
        await app(scope, receive, completed)


def _complete(headers: MutableHeaders, status: int, scope: Scope, left: int | None) -> None:
    path = scope["path"].removeprefix("/v1")
    # The API consists of several services, which send different headers.
    if creates_prediction(scope["method"], path):
        seconds = wait(Headers(scope=scope).getlist("prefer"))
        if seconds is not None:
            headers["preference-applied"] = f"wait={seconds}"
        _set_charset(headers, "utf-8")
    elif left is None:
        _set_charset(headers, "UTF-8")
    elif _RUNS.isdisjoint(path.split("/")):
        headers.update(_WEBSITE)
    if left is not None and status != ACCEPTED:
        headers["ratelimit-remaining"] = str(max(0, left))
        headers["ratelimit-reset"] = "1"


def _set_charset(headers: MutableHeaders, charset: str) -> None:
    kind = headers.get("content-type", "").partition(";")[0]
    if kind in (JSON_TYPE, "text/plain"):
        headers["content-type"] = f"{kind}; charset={charset}"


class Compression(GZipMiddleware):
    """ASGI middleware that compresses JSON, except downloads, for clients that accept it."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=SMALLEST_COMPRESSED, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        is_download = scope["type"] == "http" and scope["path"].endswith("/download")
        await (self.app if is_download else super().__call__)(scope, receive, send)
