"""Progress of saved outputs: bytes of all files, and callbacks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from support.clients import Kind
from support.files import Hosted, save_all
from support.saved import files, hosting
from support.server import Api

from replicate_ext import InvalidInputError, NotFoundError
from replicate_ext._files.concurrency import CONCURRENCY

CONTENT = bytes(range(256)) * 1_000


ETAG = '"v1"'


@pytest.fixture
def api() -> Iterator[Api]:
    with hosting() as running:
        yield running


def test_no_more_files_are_fetched_after_a_callback_failed(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    output = files(kind, api, *(f"{n}.png" for n in range(20 * CONCURRENCY)))

    def stop(_done: int, _total: int | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_all(kind, output, tmp_path, on_progress=stop)

    assert len(api.received) < 10 * CONCURRENCY


def test_progress_counts_the_bytes_of_all_files(kind: Kind, api: Api, tmp_path: Path) -> None:
    output = files(kind, api, *(f"{n:02}.png" for n in range(12)))
    seen: list[tuple[int, int | None]] = []
    threads = set()

    def see(done: int, total: int | None) -> None:
        seen.append((done, total))
        threads.add(threading.get_ident())

    save_all(kind, output, tmp_path, on_progress=see)

    all_bytes = 12 * len("/v1/00.png")
    assert seen[0] == (len("/v1/00.png"), None)
    assert seen[-1] == (all_bytes, all_bytes)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {None, all_bytes}
    if kind == "sync":
        assert threads == {threading.get_ident()}


def test_progress_knows_the_size_that_is_announced(kind: Kind, api: Api, tmp_path: Path) -> None:
    api.answer = Hosted(CONTENT, cuts=(1_000, 50_000), ETag=ETAG)
    seen: list[tuple[int, int | None]] = []

    save_all(
        kind,
        files(kind, api, "a.png"),
        tmp_path,
        on_progress=lambda done, total: seen.append((done, total)),
    )

    assert {total for _, total in seen} == {len(CONTENT)}
    assert (1_000, len(CONTENT)) in seen
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_progress_of_a_file_that_changes_starts_again(kind: Kind, api: Api, tmp_path: Path) -> None:
    hosts = [Hosted(CONTENT, cuts=(1_000,), ETag=ETAG), *[Hosted(b"new", ETag='"v2"')] * 2]

    def in_turn(handler: BaseHTTPRequestHandler) -> None:
        hosts.pop(0)(handler)

    api.answer = in_turn
    seen: list[tuple[int, int | None]] = []

    [saved] = save_all(
        kind,
        files(kind, api, "a.png"),
        tmp_path,
        on_progress=lambda done, total: seen.append((done, total)),
    )

    assert saved.read_bytes() == b"new"
    assert seen == [(1_000, len(CONTENT)), (3, 3), (3, 3)]


class Closable:
    """A callback that is closed, as a progress bar is."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, _done: int, _total: int | None) -> None:
        self.calls.append("called")

    def close(self) -> None:
        self.calls.append("closed")


@pytest.mark.parametrize("path", ["a.png", "gone.png"])
def test_a_callback_is_closed_at_the_end_and_after_an_error(
    kind: Kind, api: Api, tmp_path: Path, path: str
) -> None:
    callback = Closable()

    with suppress(NotFoundError):
        save_all(kind, files(kind, api, path), tmp_path, on_progress=callback)

    assert callback.calls.count("closed") == 1
    assert callback.calls[-1] == "closed"


async def _async(_done: int, _total: int | None) -> None: ...


@pytest.mark.parametrize("callback", [1, _async])
def test_a_callback_that_is_no_plain_function_is_an_error(
    kind: Kind, api: Api, tmp_path: Path, callback: Any
) -> None:
    with pytest.raises(InvalidInputError, match="on_progress must be a plain function or None"):
        save_all(kind, files(kind, api, "a.png"), tmp_path, on_progress=callback)

    assert api.received == []
