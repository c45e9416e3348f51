"""Iterate over a paginator with the blocking or the async client."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import anyio

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext._http.settings import Clock
from support.clients import BASE_URL, TOKEN, Kind


def paged(
    kind: Kind,
    use: Callable[[Any], Any],
    *,
    most: int | None = None,
    clock: Clock | None = None,
    **options: Any,
) -> list[Any]:
    """Return the pages or items of an iterator as a list.

    Args:
        kind: Blocking or async client, and its event loop.
        use: Returns the iterator of a client: a paginator, or its items.
        most: Maximum number of pages or items to read.
        clock: Replaces the time and the random numbers.
        options: Options of the client.
    """
    own = {} if clock is None else {"_clock": clock}
    given: dict[str, Any] = {"api_token": TOKEN, "base_url": BASE_URL, **own, **options}

    def blocking() -> list[Any]:
        with Replicate(**given) as client:
            return list(islice(use(client), most))

    async def awaiting() -> list[Any]:
        found: list[Any] = []
        async with AsyncReplicate(**given) as client:
            async for each in use(client):
                found.append(each)
                if len(found) == most:
                    break
        return found

    return blocking() if kind == "sync" else anyio.run(awaiting, backend=kind)
