"""A process that maps rows until a test kills it: ``python batch_process.py '{...}'``."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext.batch import AsyncBatch, Batch

TOKEN = "r8_a_secret_of_the_tests"


def rows(count: int) -> list[dict[str, Any]]:
    """Return rows with unique keys; some rows have equal inputs."""
    return [{"id": f"row{n}", "input": {"n": n % (count * 9 // 10)}} for n in range(count)]


def main(given: dict[str, Any]) -> None:
    options = {
        "key": "id",
        "input": lambda row: row["input"],
        "concurrency": 10,
        "save_to": given["save_to"],
    }
    lag = 1.0
    if not given["is_async"]:
        with (
            Replicate(TOKEN, given["url"]) as client,
            Batch(given["journal"], client, _listing_lag=lag) as one,
        ):
            print("started", flush=True)  # noqa: T201 - the parent reads it
            for _ in one.map("o/n", rows(given["rows"]), **options):
                pass
        return

    async def run() -> None:
        async with (
            AsyncReplicate(TOKEN, given["url"]) as client,
            AsyncBatch(given["journal"], client, _listing_lag=lag) as other,
        ):
            print("started", flush=True)  # noqa: T201 - the parent reads it
            async for _ in other.map("o/n", rows(given["rows"]), **options):
                pass

    asyncio.run(run())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
