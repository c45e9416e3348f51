"""Base URLs with and without `/v1`."""

from starlette.types import ASGIApp, Receive, Scope, Send

_RESOURCES = frozenset(
    (
        "account",
        "collections",
        "deployments",
        "files",
        "hardware",
        "models",
        "predictions",
        "search",
        "trainings",
        "webhooks",
    )
)


class Versioned:
    """ASGI middleware that serves the API without `/v1` too.

    The official clients 1.x and 2.x read the same variable, REPLICATE_BASE_URL. 1.x adds `/v1` to
    it, and 2.x does not, so both work only if the server accepts paths with and without `/v1`. The
    real API requires `/v1`.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        is_http = scope["type"] == "http"
        if is_http and scope["path"].removeprefix("/").partition("/")[0] in _RESOURCES:
            scope = {**scope, "path": f"/v1{scope['path']}"}
        await self._app(scope, receive, send)
