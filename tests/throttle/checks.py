"""1,000 runs against a sandbox that accepts 600 creates a minute, by a batch and by gather.

``make test-throttle`` runs this. Each check takes most of a minute, because the limit does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext.batch import Batch
from replicate_ext.sandbox import Sandbox
from replicate_ext.sandbox._http.rate_limits import RateLimits, creates_prediction

RUNS = 1_000
RATE = 10.0
"""Creates per second that the sandbox accepts, after the first 600."""
MODEL = "replicate/hello-world"


@dataclass
class Create:
    """A create request, as the sandbox saw it.

    Args:
        at: Time in seconds.
        is_accepted: Whether it was within the limit.
    """

    at: float
    is_accepted: bool


@pytest.fixture
def creates(monkeypatch: pytest.MonkeyPatch) -> list[Create]:
    noted: list[Create] = []
    take = RateLimits.take

    def note(self: RateLimits, method: str, path: str) -> int:
        left = take(self, method, path)
        if creates_prediction(method, path):
            noted.append(Create(time.monotonic(), left >= 0))
        return left

    monkeypatch.setattr(RateLimits, "take", note)
    return noted


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_limits=True) as running:
        yield running


def by_map(sandbox: Sandbox, folder: Path) -> list[Any]:
    client = Replicate(sandbox.api_token, sandbox.base_url)
    rows = [{"text": str(number)} for number in range(RUNS)]
    with Batch(folder / "runs.db", client) as batch:
        results = list(batch.map(MODEL, rows))
    assert [result.error for result in results if result.error is not None] == []
    return [result.output for result in results]


def by_gather(sandbox: Sandbox, _: Path) -> list[Any]:
    outputs: list[Any] = []

    async def run(client: AsyncReplicate, number: int) -> None:
        outputs.append(await client.run(MODEL, {"text": str(number)}))

    async def run_all() -> None:
        async with (
            AsyncReplicate(sandbox.api_token, sandbox.base_url) as client,
            anyio.create_task_group() as group,
        ):
            for number in range(RUNS):
                group.start_soon(run, client, number)

    anyio.run(run_all)
    return outputs


@pytest.mark.timeout(180)
@pytest.mark.parametrize("run_all", [by_map, by_gather])
def test_the_rate_of_the_api_is_used_and_few_creates_are_refused(
    sandbox: Sandbox, creates: list[Create], tmp_path: Path, run_all: Any
) -> None:
    outputs = run_all(sandbox, tmp_path)

    assert len(outputs) == RUNS
    first_refusal = next(create.at for create in creates if not create.is_accepted)
    later = [create for create in creates if create.at > first_refusal + 20]
    refused = sum(not create.is_accepted for create in later)
    used = (len(later) - refused) / (creates[-1].at - first_refusal - 20) / RATE
    print(f"{len(later)} creates after 20 s: {refused} refused, {used:.0%} of the rate used")  # noqa: T201 - figures
    assert len(later) > 100
    assert refused <= 0.02 * len(later)
    assert used >= 0.9
