"""The check of the API token."""

import secrets

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from replicate_ext.sandbox._http.problems import Problem, unauthenticated

PUBLIC_PATHS = ("/v1/search",)


class Authentication:
    """ASGI middleware that responds with 401 to requests without the token.

    Args:
        app: the application.
        api_token: token that requests send as `Authorization: Bearer`, or `Token` in old clients.
    """

    def __init__(self, app: ASGIApp, api_token: str) -> None:
        self._app = app
        self._api_token = api_token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or respond with 401."""
        is_public = scope["type"] != "http" or scope["path"] in PUBLIC_PATHS
        problem = None if is_public else self._problem(Headers(scope=scope))
        app = problem.response() if problem is not None else self._app
        await app(scope, receive, send)

    def _problem(self, headers: Headers) -> Problem | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or not token.strip():
            return unauthenticated(token_given=False)
        if not secrets.compare_digest(token.strip().encode(), self._api_token):
            return unauthenticated(token_given=True)
        return None
