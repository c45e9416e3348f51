"""Maps that end early, and maps that another map ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from support.batch_api import BatchAPI, Behavior
from support.batches import Maps
from support.clients import TOKEN
from support.clock import hurried

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext.batch import AsyncBatch, Batch, JournalInUseError


def numbers(count: int) -> list[dict[str, Any]]:
    return [{"n": n} for n in range(count)]


@pytest.fixture
def client(api: BatchAPI) -> Iterator[Replicate]:
    with Replicate(TOKEN, api.url, _clock=hurried()) as client:
        yield client


def test_leaving_early_leaves_the_predictions_running(maps: Maps, api: BatchAPI) -> None:
    class Leave(Exception): ...

    def leave(_: object) -> None:
        api.behavior.seconds = 0.0
        raise Leave

    rows = [{"n": n} for n in range(50)]
    api.behavior.seconds = 1.0
    with pytest.raises(Leave):
        maps.run(rows, leave, concurrency=10)
    assert not any(run.canceled for run in api.kept.runs.values())
    assert len(api.kept.runs) < 30

    assert not any(each.error for each in maps.run(rows))
    assert len(api.kept.runs) == 50


def test_leaving_early_can_cancel_the_predictions(maps: Maps, api: BatchAPI) -> None:
    class Leave(Exception): ...

    def leave(_: object) -> None:
        raise Leave

    seconds = [0, 10_000, 10_000]
    rows = [{"n": n, "seconds": each} for n, each in enumerate(seconds)]
    with pytest.raises(Leave):
        maps.run(rows, leave, key="n", on_exit="cancel")
    assert sum(run.canceled for run in api.kept.runs.values()) == 2

    results = maps.run(numbers(3), key="n")
    assert not any(each.error for each in results)
    assert len(api.kept.runs) == 5


def test_the_normal_end_of_a_map_cancels_nothing(maps: Maps, api: BatchAPI) -> None:
    class Leave(Exception): ...

    def leave(_: object) -> None:
        raise Leave

    with pytest.raises(Leave):
        maps.run([{"n": 0}, {"n": 1, "seconds": 10_000}], leave)

    assert [each.output for each in maps.run([{"n": 2}], on_exit="cancel")] == [2]
    assert not any(run.canceled for run in api.kept.runs.values())


def test_a_canceled_row_whose_next_response_is_lost_ends_with_its_own_prediction(
    maps: Maps, api: BatchAPI
) -> None:
    class Leave(Exception): ...

    def leave(_: object) -> None:
        raise Leave

    rows = [{"n": 0}, {"n": 1, "seconds": 1}]
    with pytest.raises(Leave):
        maps.run(rows, leave, on_exit="cancel")
    api.behavior.first = ["dropped_after"]

    results = maps.run(rows)

    assert [(each.error, each.prediction.status) for each in results] == [(None, "succeeded")] * 2
    assert len(api.kept.runs) == 3


def test_a_map_that_was_prepared_early_knows_the_rows_of_the_one_before(
    api: BatchAPI, tmp_path: Path
) -> None:
    with (
        Replicate(TOKEN, api.url, _clock=hurried()) as client,
        Batch(tmp_path / "runs.db", client) as batch,
    ):
        first, second = (batch.map("o/n", numbers(3)) for _ in range(2))
        assert {result.output for result in first} == {0, 1, 2}
        assert {result.output for result in second} == {0, 1, 2}

    assert len(api.kept.runs) == 3


@pytest.mark.parametrize("reads_the_last", [True, False])
def test_a_map_ends_all_earlier_ones_of_its_batch(
    client: Replicate, api: BatchAPI, tmp_path: Path, reads_the_last: bool
) -> None:
    api.behavior = Behavior(seconds=0.2, answer_delay=0.1)
    with Batch(tmp_path / "runs.db", client, _listing_lag=0.5) as batch:
        first, _, third = (batch.map("o/n", numbers(40), concurrency=10) for _ in range(3))
        next(first)
        if reads_the_last:
            assert {result.output for result in third} == set(range(40))
    list(first)

    assert len(api.kept.runs) == 40 if reads_the_last else len(api.kept.runs) < 40


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_task_that_reads_a_map_learns_that_it_was_ended(
    api: BatchAPI, tmp_path: Path, backend: str
) -> None:
    async def main() -> None:
        async with (
            AsyncReplicate(TOKEN, api.url) as client,
            AsyncBatch(tmp_path / "runs.db", client) as batch,
        ):
            results = batch.map("o/n", [{"n": 1, "seconds": 10_000}])

            async def read() -> None:
                assert [result async for result in results] == []

            async with anyio.create_task_group() as group:
                group.start_soon(read)
                while not api.kept.runs:  # noqa: ASYNC110 - the API runs in another thread
                    await anyio.sleep(0.01)
                await results.aclose()

    anyio.run(main, backend=backend)


@pytest.fixture
def waiting(
    client: Replicate, api: BatchAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Batch]:
    """A batch with a map that was left while a create request has no response yet."""
    monkeypatch.setattr("replicate_ext.batch._results._GRACE", 0.05)
    api.behavior = Behavior(taking=1.5)
    with Batch(tmp_path / "runs.db", client, _listing_lag=0.1) as batch:
        results = batch.map("o/n", numbers(2), concurrency=1)
        next(results)
        while not api.open:
            time.sleep(0.01)
        results.close()
        yield batch


def test_the_next_map_waits_for_the_response_to_an_open_create(
    waiting: Batch, api: BatchAPI
) -> None:
    assert {result.output for result in waiting.map("o/n", numbers(2))} == {0, 1}
    assert len(api.kept.runs) == 2


def test_an_open_create_keeps_the_journal_until_its_response(
    waiting: Batch, client: Replicate, api: BatchAPI, tmp_path: Path
) -> None:
    journal = tmp_path / "runs.db"
    waiting.__exit__()
    with pytest.raises(JournalInUseError), Batch(journal, client):
        pass

    batch = Batch(journal, client)
    while not is_open(batch):
        time.sleep(0.01)
    assert {result.output for result in batch.map("o/n", numbers(2))} == {0, 1}
    batch.__exit__()
    assert len(api.kept.runs) == 2


def is_open(batch: Batch) -> bool:
    """Open a batch unless its journal is in use; return whether it is open."""
    try:
        batch.__enter__()
    except JournalInUseError:
        return False
    return True
