"""The floor for the sandbox: Starlette on uvicorn, with routes that return the same JSON."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

import catalog
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

PAGE_SIZE = 100


class Server:
    """Serves on a free port, in a thread of this process."""

    def __init__(self) -> None:
        self._runs: list[dict[str, Any]] = []
        path = "/v1/models/{owner}/{name}/predictions"
        routes = [
            Route(path, self._create, methods=["POST"]),
            Route("/v1/predictions", self._list),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning", access_log=False)
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self.api_token = "t"  # noqa: S105 - made up

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _create(self, request: Request) -> Response:
        inputs = (await request.json())["input"]
        run = catalog.prediction(f"p{len(self._runs):025}", "succeeded", inputs, "done")
        self._runs.append(run)
        return _json(run, 201)

    async def _list(self, _: Request) -> Response:
        page = self._runs[: -PAGE_SIZE - 1 : -1]
        return _json({"previous": None, "next": None, "results": page}, 200)


def _json(value: Any, status: int) -> Response:
    body = json.dumps(value, separators=(",", ":"))
    return Response(body, status, media_type="application/json")
