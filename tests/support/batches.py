"""Run the same test with the blocking batch, and with the async batch on asyncio and trio."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext.batch import AsyncBatch, Batch
from support.clients import TOKEN, Kind
from support.clock import hurried

MODEL = "o/n"


@dataclass
class Maps:
    """Runs maps with one journal.

    Args:
        kind: Blocking or async batch, and its event loop.
        url: URL of the API.
        journal: Path of the journal.
        listing_lag: Seconds for which a new prediction may be missing in the list.
    """

    kind: Kind
    url: str
    journal: Path
    listing_lag: float = 0.5

    def run(
        self,
        rows: Iterable[Any],
        each: Callable[[Any], object] = lambda _: None,
        *,
        on_exit: Any = "leave",
        use: Callable[[Any], object] = lambda _: None,
        **options: Any,
    ) -> list[Any]:
        """Map the rows and return the results.

        Args:
            rows: The rows.
            each: Called with each result.
            on_exit: The option ``on_exit`` of the batch.
            use: Called with the batch after the map.
            options: Options of ``map``.
        """
        made = {"on_exit": on_exit, "_listing_lag": self.listing_lag}
        if self.kind == "sync":
            return self._run(rows, each, use, made, options)
        return anyio.run(self._async_run, rows, each, use, made, options, backend=self.kind)

    def _run(self, rows: Any, each: Any, use: Any, made: Any, options: Any) -> list[Any]:
        results = []
        with (
            Replicate(TOKEN, self.url, _clock=hurried()) as client,
            Batch(self.journal, client, **made) as batch,
        ):
            for result in batch.map(MODEL, rows, **options):
                each(result)
                results.append(result)
            use(batch)
        return results

    async def _async_run(
        self, rows: Any, each: Any, use: Any, made: Any, options: Any
    ) -> list[Any]:
        results = []
        async with (
            AsyncReplicate(TOKEN, self.url, _clock=hurried()) as client,
            AsyncBatch(self.journal, client, **made) as batch,
        ):
            async for result in batch.map(MODEL, rows, **options):
                each(result)
                results.append(result)
            use(batch)
        return results
