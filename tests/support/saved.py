"""A server with files to save; the content of each file is its path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from replicate_ext import FileOutput
from replicate_ext._files.concurrency import CONCURRENCY
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.files import Hosted, output_of
from support.server import Api, answering, serving


@contextmanager
def hosting() -> Iterator[Api]:
    with serving() as running:
        running.answer = by_path
        running.socket.listen(4 * CONCURRENCY)  # with the default of 5, clients wait a second
        yield running


def by_path(handler: BaseHTTPRequestHandler) -> None:
    """Respond with a file that contains its path, or with 404 if the path contains "gone"."""
    if "gone" in handler.path:
        answering(404)(handler)
    else:
        Hosted(handler.path.encode())(handler)


def files(kind: Kind, api: Api, *paths: str) -> list[FileOutput]:
    client = make_client(kind, clock=VirtualClock().clock)
    return [output_of(client, f"{api.url}/{path}") for path in paths]
