"""Ways to read a stream, and the results or errors of several reads of one stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anyio

from support.clients import Kind

Reader = Callable[[Any], Any]


async def _text_async(stream: Any) -> str:
    return str(await stream.text())


READERS: dict[str, tuple[Reader, Reader]] = {
    "next": (next, anext),
    "texts": (lambda stream: next(stream.texts()), lambda stream: anext(stream.texts())),
    "text": (lambda stream: stream.text(), _text_async),
}


def outcomes(kind: Kind, stream: Any, *readers: Reader, into: list[Any] | None = None) -> list[Any]:
    """Read a stream in several ways, one after the other; return the result or error of each."""
    results = [] if into is None else into
    if kind == "sync":
        for reader in readers:
            try:
                results.append(reader(stream))
            except BaseException as error:  # noqa: BLE001 - tests check any error
                results.append(error)
    else:
        anyio.run(outcomes_async, stream, readers, results, backend=kind)
    return results


async def outcomes_async(stream: Any, readers: Sequence[Reader], results: list[Any]) -> None:
    """Read an async stream in several ways, one after the other, in one event loop."""
    for reader in readers:
        try:
            results.append(await reader(stream))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - tests check any error
            results.append(error)


def reader_for(kind: Kind, way: str) -> Reader:
    return READERS[way][kind != "sync"]
