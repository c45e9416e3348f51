"""The jobs of the sandbox, which serves in this process; the client is another process."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

# Sends requests one after the other on one connection: URL TOKEN COUNT [BODY].
CLIENT = Path(__file__).with_name("requester.py")
INPUTS = '{"input":{"prompt":"a watercolour of two otters in a canoe","width":768}}'


def start(peer: str, _url: str) -> None:
    """Import the server, start it and end."""
    with _server(peer):
        pass


def runs(peer: str, _url: str, count: str) -> dict[str, float]:
    """Create predictions that finish at once."""
    with _server(peer) as server:
        url = f"{server.base_url}/models/owner/name/predictions"
        _request(server, url, "100", INPUTS)
        return _measured(server, url, count, INPUTS)


def pages(peer: str, _url: str, count: str) -> dict[str, float]:
    """Request the first page of 200 predictions."""
    with _server(peer) as server:
        _request(server, f"{server.base_url}/models/owner/name/predictions", "200", INPUTS)
        return _measured(server, f"{server.base_url}/predictions", count)


def _measured(server: Any, url: str, count: str, *body: str) -> dict[str, float]:
    """Return the milliseconds of CPU time for each request; other processes do not count."""
    started = time.process_time()
    _request(server, url, count, *body)
    return {"each": 1000 * (time.process_time() - started) / int(count)}


def _request(server: Any, *arguments: str) -> None:
    url, *others = arguments
    command = [sys.executable, str(CLIENT), url, server.api_token, *others]
    subprocess.run(command, check=True)  # noqa: S603 - our own script


def _server(peer: str) -> Any:
    if peer != "replicate_ext":
        return import_module(f"peers.{peer}").Server()
    from replicate_ext.sandbox import Sandbox

    def model(prompt: str, width: int = 512) -> str:  # noqa: ARG001 - the names are the inputs
        return "done"

    return Sandbox({"owner/name": model})
