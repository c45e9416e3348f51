"""Slow down the create requests of a client after the API has answered 429. No I/O: flows.

All creates of a client share one throttle. Nothing is delayed until the API answers 429. After a
429 to any request, creates wait for the delay that it asks for. After a 429 to a create, creates
are also sent one by one, at a limited rate. Each 429 lowers the rate to a little less than the API
has accepted since the last 429, and each accepted create raises the rate by a small step (additive
increase, multiplicative decrease, as in TCP).
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http.flow import sleep

if TYPE_CHECKING:
    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.policy import Outcome
    from replicate_ext._http.settings import Settings

_DECREASE = 0.9
"""After a 429, the new rate is the accepted rate times this factor."""
_INCREASE = 0.0005
"""Each accepted create raises the rate by this fraction of it."""
_FEW = 10
"""A rate that was measured with fewer accepted creates than this is a guess."""
_GUESS_DECREASE = 0.85
"""A 429 first multiplies a guessed rate by this factor, unless the measured rate is higher."""
_GUESS_STEP = 0.5
"""Creates per second that each accepted create adds to a guessed rate: from 1 to 10 in 5 s."""
_RECENT = 20
"""Number of the latest accepted creates with which the rate is measured."""
_SHORTEST_SPAN = 0.1
"""Minimum seconds over which the rate is measured."""
_FIRST_RATE = 1.0
"""First rate, in creates per second, if no create was accepted before the first 429."""
_LEAST_RATE = 0.05
"""Lowest rate, in creates per second: below it, creates would wait too long after an outage."""
_REPLAN_AT = 1.2
"""Waiting creates get new turns when the rate has grown by more than this factor."""
_LONGEST_SLEEP = 1.0
"""Seconds after which a waiting create checks whether it has to reserve a new turn."""
_LONGEST_PAUSE = 60.0
"""Maximum pause in seconds; a response can ask for a longer one. The same as for retries."""
_FORGET_AFTER = 120.0
"""The limit ends after this many seconds without a 429 and without a create that had to wait."""


class Throttle:
    """The rate at which a client sends creates.

    It has no lock: threads that interfere with each other send a create slightly too early, and a
    lock could be held forever in a forked process.
    """

    def __init__(self) -> None:
        self._rate: float | None = None
        self._next = 0.0
        self._paused_until = 0.0
        self._began = 0.0
        self._plans = 0
        self._planned_rate = 0.0
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._accepted = 0
        self._is_guess = True
        self._last_wait = 0.0

    @property
    def rate(self) -> float | None:
        """Creates per second; None for no limit."""
        return self._rate

    @property
    def is_idle(self) -> bool:
        """Whether creates are sent at once."""
        return self._rate is None and not self._paused_until

    def reserve_turn(self, now: float) -> float:
        """Reserve the next turn, and return its time.

        Args:
            now: Clock time.
        """
        turn = max(now, self._next, self._paused_until)
        if self._rate is None:
            return turn
        if turn > now:
            self._last_wait = now
        elif now - self._last_wait > _FORGET_AFTER:
            self._rate = None
            return turn
        self._next = turn + 1 / self._rate
        return turn

    @property
    def plans(self) -> int:
        """Number that increases when the reserved turns become invalid: reserve new ones then."""
        return self._plans

    def pause(self, response: httpx.Response, now: float) -> None:
        """Delay all creates for as long as a 429 to any request asks for.

        Args:
            response: The 429.
            now: Clock time.
        """
        # Imported late: most clients never need it.
        from replicate_ext._problem import retry_after

        self._pause_for(retry_after(response) or 0.0, now)

    def learn(self, outcome: Outcome, sent: float, now: float) -> None:
        """Adapt the rate to the outcome of a create.

        Args:
            outcome: The response, or the error that was raised instead.
            sent: Clock time at which the create was sent.
            now: Clock time.
        """
        if not isinstance(outcome, httpx.Response):
            return
        if outcome.status_code == 429:
            self._slow_down(outcome, sent, now)
            return
        self._accepted += 1
        self._recent.append(now)
        if self._rate is not None and sent >= self._began:
            self._rate += _GUESS_STEP if self._is_guess else self._rate * _INCREASE
            if self._rate > self._planned_rate * _REPLAN_AT:
                self._plan(now + 1 / self._rate)
        if outcome.headers.get("ratelimit-remaining") == "0":
            self._pause_for(_seconds(outcome.headers.get("ratelimit-reset")), now)

    def _slow_down(self, response: httpx.Response, sent: float, now: float) -> None:
        self.pause(response, now)
        if self._rate is not None and sent < self._began:
            return  # the create was sent before the rate was lowered
        measured = self._measured(now)
        if self._rate is None:
            rate = measured
        elif self._is_guess:
            rate = max(self._rate * _GUESS_DECREASE, measured)
        else:
            rate = min(self._rate, measured)
        self._is_guess = self._rate is None and self._accepted < _FEW
        self._rate = max(rate * _DECREASE, _LEAST_RATE)
        self._began = self._last_wait = now
        self._accepted = 0
        self._plan(now)

    def _measured(self, now: float) -> float:
        """Return the measured rate: accepted creates per second."""
        if not self._recent:
            return _FIRST_RATE
        return len(self._recent) / max(now - self._recent[0], _SHORTEST_SPAN)

    def _plan(self, following: float) -> None:
        """Make waiting creates reserve new turns, the first of them at a given time."""
        self._plans += 1
        self._planned_rate = self._rate or 0.0
        self._next = following

    def _pause_for(self, seconds: float, now: float) -> None:
        self._paused_until = max(self._paused_until, now + min(seconds, _LONGEST_PAUSE))


def throttle_of(settings: Settings, arguments: RequestArguments) -> Throttle | None:
    """Return the throttle if a request creates a prediction or training, else None.

    Args:
        settings: Settings of the client.
        arguments: The request.
    """
    if arguments["method"] != "POST":
        return None
    is_create = arguments["url"].endswith(("/predictions", "/trainings"))
    return settings.throttle if is_create else None


def wait_for_turn(settings: Settings, throttle: Throttle, deadline: float | None) -> Flow[None]:
    """Wait until a create may be sent, or until the deadline.

    Args:
        settings: Settings of the client.
        throttle: The throttle.
        deadline: Clock time of the deadline; None for no deadline.
    """
    clock = settings.clock
    now = clock.now()
    end = math.inf if deadline is None else deadline
    while not throttle.is_idle and now < end:
        plan = throttle.plans
        turn = min(throttle.reserve_turn(now), end)
        while now < turn and plan == throttle.plans:
            yield from sleep(min(turn - now, _LONGEST_SLEEP))
            now = clock.now()
        if plan == throttle.plans:
            break


def _seconds(text: str | None) -> float:
    try:
        return max(float(text or 0), 0.0)
    except ValueError:
        return 0.0
