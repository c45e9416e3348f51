"""Going through what a paginator gives, with either client."""

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
    """Return what is iterated over, pages or items, as a list.

    Args:
        kind: Which client, and on which event loop.
        use: Makes of a client what to iterate over: a paginator, or its items.
        most: After how many to stop asking.
        clock: Time and chance, in place of the real ones.
        options: As the clients take them.
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
