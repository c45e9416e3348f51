"""Thousands of runs over a bad network, some of them canceled: whatever happens, the books balance.

Each run that the API started is accounted for exactly once: as a result, as an error, as an outcome
that its caller knows to be unknown, or as canceled. Rules 3, 5, 17 and 18 of the design.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import anyio
import pytest
from support.awaits import driven
from support.clients import TOKEN
from support.clock import hurried
from support.scripted import FAULTS, Fault, Journal, Request, scripted

from replicate_ext import (
    APIError,
    AsyncReplicate,
    OutcomeUnknownError,
    PredictionCanceled,
    Replicate,
)

pytestmark = pytest.mark.usefixtures("both_ways")
SEED = 20
OPTIONS: dict[str, Any] = {"poll_interval": 1.0, "max_retries": 4, "timeout": 20.0}
FILE = b"\x89PNG\r\n" * 50_000
UNKNOWN = ("may have succeeded", "could not be canceled")

Ends: TypeAlias = dict[int, str]


class BadNetwork:
    """Lets something go wrong with one request in ten."""

    def __init__(self) -> None:
        self._chance = random.Random(SEED)  # noqa: S311 - tests are to be repeatable
        self.seen: Counter[Fault] = Counter()

    def __call__(self, _: Request) -> Fault:
        fault = self._chance.choice(FAULTS) if self._chance.random() < 0.1 else Fault.NONE
        self.seen[fault] += 1
        return fault


def input_of(n: int, chance: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """The input of a run and how it is run."""
    sent: dict[str, Any] = {"n": n, "polls": chance.choice((0, 1, 3))}
    if chance.random() < 0.03:
        sent["file"] = FILE
    if chance.random() < 0.3:
        return {**sent, "hold": 0.01}, {"wait": True}
    return sent, {"wait": False}


def end_of(error: BaseException) -> str:
    """How a run ended for its caller."""
    if isinstance(error, OutcomeUnknownError):
        return "unknown"
    if isinstance(error, PredictionCanceled):
        return "canceled"
    if isinstance(error, APIError):
        return "refused"
    notes = getattr(error, "__notes__", [])
    return "unknown" if any(text in note for note in notes for text in UNKNOWN) else "canceled"


def assert_the_books_balance(journal: Journal, ends: Ends) -> None:
    started = defaultdict(list)
    for run in journal.runs.values():
        started[run.input["n"]].append(run)
    assert set(started) <= set(ends)
    for n, end in ends.items():
        runs = started[n]
        assert len(runs) <= 1, f"{n} was started twice"
        statuses = [run.status for run in runs]
        allowed: dict[str, tuple[list[str], ...]] = {
            "result": (["succeeded"],),
            # It may have been canceled before it was sent, or have ended before it was canceled.
            "canceled": ([], ["canceled"], ["succeeded"]),
            "refused": ([],),
            "unknown": ([], ["processing"], ["succeeded"], ["canceled"]),
        }
        assert statuses in allowed[end], (n, end, runs)


async def run_all(url: str, count: int, ends: Ends) -> None:
    chance = random.Random(SEED)  # noqa: S311 - tests are to be repeatable
    async with AsyncReplicate(TOKEN, url, **OPTIONS, _clock=hurried()) as client:

        async def run(n: int, step: int | None, input: Any, options: Any) -> None:
            try:
                with anyio.CancelScope() as scope:

                    def at(number: int, _: Any) -> None:
                        if number == step:
                            scope.cancel()

                    try:
                        output = await driven(client.run("owner/name", input, **options), at)
                    except BaseException as error:
                        ends[n] = end_of(error)
                        raise
                    assert output == n
                    ends[n] = "result"
            except APIError:
                pass

        async with anyio.create_task_group() as tasks:
            for n in range(count):
                step = chance.randrange(25) if chance.random() < 0.1 else None
                tasks.start_soon(run, n, step, *input_of(n, chance))
        await works_again(client, count, ends)


async def works_again(client: AsyncReplicate, n: int, ends: Ends) -> None:
    """Run once more, until nothing goes wrong."""
    while ends.get(n) != "result":
        n += 1
        try:
            ends[n] = "result" if await client.run("owner/name", {"n": n}) == n else "wrong"
        except APIError as error:
            ends[n] = end_of(error)


@pytest.mark.timeout(180)  # ten seconds on a quiet machine
@pytest.mark.parametrize(("backend", "count"), [("asyncio", 2000), ("trio", 300)])
def test_thousands_of_runs_at_once_are_all_accounted_for(backend: str, count: int) -> None:
    network = BadNetwork()
    ends: Ends = {}
    with scripted(network) as server:
        anyio.run(run_all, server.url, count, ends, backend=backend)

        assert server.journal.closes_all()
    assert_the_books_balance(server.journal, ends)
    assert len(ends) > count
    tally = Counter(ends.values())
    assert min(tally[end] for end in ("canceled", "unknown")) > count / 100
    assert tally["result"] > count / 2
    assert all(network.seen[fault] for fault in Fault)


def test_sixty_four_threads_lose_nothing() -> None:
    network, chance = BadNetwork(), random.Random(SEED)  # noqa: S311 - as above
    ends: Ends = {}
    with (
        scripted(network) as server,
        Replicate(TOKEN, server.url, **OPTIONS, _clock=hurried()) as client,
    ):

        def run(n: int, input: Any, options: Any) -> None:
            try:
                ends[n] = "result" if client.run("owner/name", input, **options) == n else "wrong"
            except (APIError, PredictionCanceled) as error:
                ends[n] = end_of(error)

        with ThreadPoolExecutor(64) as threads:
            for n in range(640):
                sent, options = input_of(n, chance)
                if not options["wait"] and chance.random() < 0.2:
                    options["stop"] = lambda run: bool(run.status)
                threads.submit(run, n, sent, options)
        client.close()

        assert server.journal.closes_all()
    assert_the_books_balance(server.journal, ends)
    assert len(ends) == 640
    assert {"result", "canceled", "unknown"} <= set(ends.values())
