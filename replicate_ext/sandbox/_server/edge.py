"""What stands before every route of the API: the token check, and headers on its answers."""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._http.preferences import wait
from replicate_ext.sandbox._http.problems import Problem, unauthenticated

ACCEPTED = 202
OPEN_PATHS = ("/v1/search",)
_CREATE = re.compile(r"/(?:models/[^/]+/[^/]+/|deployments/[^/]+/[^/]+/)?predictions")
_GET = re.compile(r"/predictions/[^/]+")


class Authentication:
    """ASGI middleware that lets only requests with the token pass, except to what is open to all.

    Args:
        app: the application.
        api_token: the token, sent as `Authorization: Bearer` (or `Token`, as older clients do).
    """

    def __init__(self, app: ASGIApp, api_token: str) -> None:
        self._app = app
        self._api_token = api_token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        is_open = scope["type"] != "http" or scope["path"] in OPEN_PATHS
        problem = None if is_open else self._problem(Headers(scope=scope))
        app = problem.response() if problem is not None else self._app
        await app(scope, receive, send)

    def _problem(self, headers: Headers) -> Problem | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not token.strip():
            return unauthenticated(token_given=False)
        if not secrets.compare_digest(token.strip().encode(), self._api_token):
            return unauthenticated(token_given=True)
        return None


class AnswerHeaders:
    """ASGI middleware that adds the rate limit's headers, and `Preference-Applied`.

    The limits: https://replicate.com/docs/topics/predictions/rate-limits
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer."""

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
