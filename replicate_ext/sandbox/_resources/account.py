"""`/account`, and the secret of its webhooks."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.responses import APIResponse

USERNAME = "sandbox"
ACCOUNT: Mapping[str, object] = {"type": "user", "username": USERNAME, "name": "Sandbox"}


class AccountRoutes:
    """The routes of the account.

    Args:
        webhook_secret: signing secret of webhooks.
    """

    def __init__(self, webhook_secret: str) -> None:
        self._webhook_secret = webhook_secret

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        return [
            Route("/account", self._get),
            Route("/webhooks/default/secret", self._get_secret),
        ]

    async def _get(self, _request: Request) -> Response:
        return APIResponse(ACCOUNT)

    async def _get_secret(self, _request: Request) -> Response:
        return APIResponse({"key": self._webhook_secret})
