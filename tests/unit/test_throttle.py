"""All creates of a client slow down when the API answers 429."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
import trio
import trio.testing
from support.clients import BASE_URL, TOKEN, prediction
from support.clock import VirtualClock

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext._http.settings import Clock
from replicate_ext._http.throttle import Throttle
from replicate_ext.errors import RateLimitError


class Limiter:
    """An API that accepts 600 creates a minute.

    Args:
        capacity: Creates that it accepts at once after a pause.
        rate: Creates per second.
    """

    def __init__(self, capacity: float, rate: float = 10.0) -> None:
        self.capacity, self.rate = capacity, rate
        self.tokens, self.at = capacity, 0.0
        self.log: list[tuple[float, bool]] = []

    def takes(self, now: float) -> bool:
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.rate)
        self.at = now
        accepted = self.tokens >= 1
        self.tokens -= accepted
        self.log.append((now, accepted))
        return accepted

    def retry_after(self, _: float) -> float:
        return math.ceil((1 - self.tokens) / self.rate)


class Window(Limiter):
    """An API that accepts 600 creates in any minute, and counts the last minute."""

    def __init__(self, limit: int = 600) -> None:
        super().__init__(limit)
        self.recent: deque[float] = deque()

    def takes(self, now: float) -> bool:
        while self.recent and self.recent[0] <= now - 60:
            self.recent.popleft()
        accepted = len(self.recent) < self.capacity
        if accepted:
            self.recent.append(now)
        self.log.append((now, accepted))
        return accepted

    def retry_after(self, now: float) -> float:
        return math.ceil(self.recent[0] + 60 - now)


def simulate(
    limiter: Limiter,
    runs: int,
    concurrency: int | None,
    *,
    hidden: bool = False,
    accepting: float = 0.0,
) -> list[Any]:
    """Run models at once against an API with a limit, in virtual time; return outputs or errors.

    Args:
        limiter: The limit.
        runs: Number of runs.
        concurrency: Number of runs at the same time; None for all.
        hidden: Whether responses do not say when to retry.
        accepting: Seconds by which a create takes longer if it is accepted.
    """

    async def handle(request: httpx.Request) -> httpx.Response:
        await anyio.sleep(0.1)
        if request.method == "GET":
            return httpx.Response(200, json=prediction("succeeded", output="x"))
        now = trio.current_time() - start
        if limiter.takes(now):
            await anyio.sleep(accepting)
            return httpx.Response(201, json=prediction())
        body: dict[str, Any] = {"detail": "throttled", "status": 429}
        if not hidden:
            body["retry_after"] = limiter.retry_after(now)
        return httpx.Response(429, content=json.dumps(body))

    results: list[Any] = []
    start = 0.0

    async def main() -> None:
        nonlocal start
        start = trio.current_time()
        clock = Clock(now=trio.current_time, async_sleep=anyio.sleep, chance=lambda: 0.5)
        client = AsyncReplicate(
            TOKEN, BASE_URL, transport=httpx.MockTransport(handle), _clock=clock
        )
        room = anyio.CapacityLimiter(concurrency or math.inf)

        async def one() -> None:
            async with room:
                try:
                    results.append(await client.run("o/n", {}, wait=False))
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    results.append(error)

        async with client, anyio.create_task_group() as group:
            for _ in range(runs):
                group.start_soon(one)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
    return results


def shares(limiter: Limiter, since: float, rate: float = 10.0) -> tuple[float, float]:
    """Return the share of creates that were refused, and the used share of the rate."""
    later = [accepted for at, accepted in limiter.log if at >= since]
    span = limiter.log[-1][0] - since
    return later.count(False) / len(later), later.count(True) / (span * rate)


@pytest.mark.parametrize(("capacity", "concurrency"), [(600, None), (600, 50), (10, 50)])
def test_creates_settle_at_the_rate_of_the_api(capacity: int, concurrency: int | None) -> None:
    limiter = Limiter(capacity)

    results = simulate(limiter, 1000, concurrency)

    assert results == ["x"] * 1000
    refused, used = shares(limiter, 20)
    assert refused <= 0.02, (refused, used)
    assert used >= 0.9, (refused, used)


def test_a_429_that_overtakes_the_accepted_creates_settles_too() -> None:
    limiter = Limiter(600)

    results = simulate(limiter, 1000, None, accepting=0.5)

    assert results == ["x"] * 1000
    refused, used = shares(limiter, 20)
    assert refused <= 0.02, (refused, used)
    assert used >= 0.9, (refused, used)


def test_accepted_creates_that_were_sent_before_a_429_do_not_raise_the_rate() -> None:
    throttle = Throttle()
    throttle.learn(httpx.Response(429), sent=0.0, now=1.0)
    rate = throttle.rate

    for _ in range(600):
        throttle.learn(httpx.Response(201), sent=0.0, now=2.0)

    assert throttle.rate == rate


def test_a_client_waits_for_the_next_window() -> None:
    window = Window()

    results = simulate(window, 800, None)

    assert results == ["x"] * 800
    assert window.log[-1][0] < 120


def test_a_429_without_a_delay_slows_down_too() -> None:
    limiter = Limiter(10)

    results = simulate(limiter, 400, 50, hidden=True)

    assert results == ["x"] * 400
    assert shares(limiter, 20)[0] <= 0.02


def test_nothing_is_delayed_before_the_first_429() -> None:
    clock = VirtualClock()
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json=prediction()))
    with Replicate(TOKEN, BASE_URL, transport=transport, _clock=clock.clock) as client:
        for _ in range(1000):
            client.predictions.create("o/n", {})

    assert clock.elapsed == 0


def blocked(headers: dict[str, str]) -> tuple[Replicate, VirtualClock, list[float]]:
    """Return a client whose first create gets an answer with these headers."""
    clock = VirtualClock()
    times: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=prediction("succeeded"))
        times.append(clock.elapsed)
        return httpx.Response(201, json=prediction(), headers=headers if len(times) == 1 else {})

    transport = httpx.MockTransport(handle)
    return Replicate(TOKEN, BASE_URL, transport=transport, _clock=clock.clock), clock, times


def test_creates_wait_when_the_last_one_used_up_the_limit() -> None:
    client, clock, times = blocked({"ratelimit-remaining": "0", "ratelimit-reset": "7"})

    client.predictions.create("o/n", {})
    client.predictions.get("p1")
    assert clock.elapsed == 0
    client.predictions.create("o/n", {})

    assert times == [0, 7]


@pytest.mark.parametrize(("url", "delay"), [("/hardware", 7), ("https://elsewhere.test/", 0)])
def test_a_429_to_another_request_of_the_api_delays_creates(url: str, delay: float) -> None:
    clock = VirtualClock()

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(429, json={"detail": "throttled", "retry_after": 7})
        return httpx.Response(201, json=prediction())

    transport = httpx.MockTransport(handle)
    client = Replicate(TOKEN, BASE_URL, transport=transport, max_retries=0, _clock=clock.clock)

    with pytest.raises(RateLimitError):
        client.request("GET", url)
    client.predictions.create("o/n", {})

    assert clock.elapsed == delay


@pytest.mark.parametrize("reset", ["soon", "-1", None])
def test_a_malformed_reset_delays_nothing(reset: str | None) -> None:
    headers = {"ratelimit-remaining": "0", **({} if reset is None else {"ratelimit-reset": reset})}
    client, _, times = blocked(headers)

    for _ in range(2):
        client.predictions.create("o/n", {})

    assert times == [0, 0]


def test_waiting_for_a_turn_ends_at_the_deadline() -> None:
    client, clock, times = blocked({"ratelimit-remaining": "0", "ratelimit-reset": "50"})
    client.predictions.create("o/n", {})

    with pytest.raises(TimeoutError, match="the deadline passed before the request was sent"):
        client.run("o/n", {}, wait=False, timeout=3)

    assert clock.elapsed == 3
    assert times == [0]


def test_the_limit_is_forgotten_after_a_quiet_time() -> None:
    clock = VirtualClock()
    refused = [True]

    def handle(_: httpx.Request) -> httpx.Response:
        if refused.pop(0) if refused else False:
            return httpx.Response(429, json={"detail": "x", "retry_after": 1})
        return httpx.Response(201, json=prediction())

    transport = httpx.MockTransport(handle)
    client = Replicate(TOKEN, BASE_URL, transport=transport, _clock=clock.clock)

    def seconds_of(creates: int, create: Callable[..., Any]) -> float:
        before = clock.elapsed
        for _ in range(creates):
            create("o/n", {})
        return clock.elapsed - before

    client.predictions.create("o/n", {})
    assert seconds_of(3, client.predictions.create) > 1
    clock.time += 300
    client.predictions.create("o/n", {})
    assert seconds_of(100, client.predictions.create) == 0
