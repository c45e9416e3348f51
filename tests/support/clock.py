"""Time that passes only when somebody sleeps."""

from __future__ import annotations

from replicate_ext._send import Clock


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
