"""Clocks for tests: virtual time, which passes only while a client sleeps, and short sleeps."""

from __future__ import annotations

import random
import time

import anyio

from replicate_ext._http.settings import Clock

_HASTE = 100


async def _hurried_async_sleep(seconds: float) -> None:
    await anyio.sleep(seconds / _HASTE)


def hurried(seed: int = 0) -> Clock:
    """Return a clock that sleeps a hundredth of the requested time, for retries and polls."""
    return Clock(
        sleep=lambda seconds: time.sleep(seconds / _HASTE),
        async_sleep=_hurried_async_sleep,
        chance=random.Random(seed).random,  # noqa: S311 - tests are to be repeatable
    )


class VirtualClock:
    """A clock for tests: an hour of polling takes a millisecond."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(
            now=lambda: self.time,
            sleep=self.sleep,
            async_sleep=self.async_sleep,
            chance=self.chance,
        )

    @property
    def elapsed(self) -> float:
        return self.time - 1000.0

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.time += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def chance(self) -> float:
        return 0.5
