"""A server of files to save, each with its own path as content."""

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
        running.socket.listen(4 * CONCURRENCY)  # the usual five make clients wait for a second
        yield running


def by_path(handler: BaseHTTPRequestHandler) -> None:
    """Answer a file that holds its own path, or that it is gone."""
    if "gone" in handler.path:
        answering(404)(handler)
    else:
        Hosted(handler.path.encode())(handler)


def files(kind: Kind, api: Api, *paths: str) -> list[FileOutput]:
    client = make_client(kind, clock=VirtualClock().clock)
    return [output_of(client, f"{api.url}/{path}") for path in paths]
