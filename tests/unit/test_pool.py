"""The connection pool, with a virtual clock."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from replicate_ext._network import pool as _pool
from replicate_ext._network.pool import (
    MAX_CONNECTIONS,
    MAX_IDLE_SECONDS,
    STUCK_SECONDS,
    Lease,
    Pool,
    Target,
    max_connections,
)

API = Target("https", b"api.test", None)
FILES = Target("https", b"files.test", None)
OTHER = Target("https", b"other.test", None)


class Time:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


def admitted(pool: Pool[str], target: Target = API) -> Lease[str]:
    """A lease, where nothing has to be closed for it."""
    admission = pool.admit(target)
    assert admission is not None
    lease, closing = admission
    assert closing == []
    return lease


def kept(pool: Pool[str], connection: str, target: Target = API) -> None:
    """Leave an idle connection in the pool."""
    lease = admitted(pool, target)
    assert lease.connection is None
    assert pool.give_back(lease, connection) == []


def test_an_idle_connection_goes_to_the_next_request_to_its_target(time: Time) -> None:
    pool: Pool[str] = Pool(10, time)
    kept(pool, "a")

    assert admitted(pool, FILES).connection is None
    assert admitted(pool, API).connection == "a"
    assert admitted(pool, API).connection is None


def test_the_connection_that_was_used_last_is_used_first(time: Time) -> None:
    pool: Pool[str] = Pool(10, time)
    first, second = admitted(pool), admitted(pool)
    pool.give_back(first, "old")
    pool.give_back(second, "new")

    assert [admitted(pool).connection, admitted(pool).connection] == ["new", "old"]


def test_an_unusable_connection_is_not_kept_and_frees_its_place(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)

    for _ in range(3):
        assert pool.give_back(admitted(pool), None) == []

    assert admitted(pool).connection is None


def test_there_are_never_more_connections_than_the_cap(time: Time) -> None:
    pool: Pool[str] = Pool(2, time)
    held = [admitted(pool), admitted(pool)]

    assert pool.admit(API) is None

    pool.give_back(held.pop(), None)
    assert pool.admit(API) is not None


def test_idle_connections_count_and_the_one_idle_longest_makes_room(time: Time) -> None:
    pool: Pool[str] = Pool(3, time)
    leases = [admitted(pool, target) for target in (FILES, OTHER, FILES)]
    for lease, connection in zip(leases, ("f1", "o1", "f2"), strict=True):
        pool.give_back(lease, connection)
        time.seconds += 1

    admission = pool.admit(API)

    assert admission is not None
    assert admission[1] == ["f1"]
    assert admitted(pool, FILES).connection == "f2"
    assert admitted(pool, OTHER).connection == "o1"


def test_no_connection_is_closed_where_one_to_the_same_target_is_idle(time: Time) -> None:
    pool: Pool[str] = Pool(2, time)
    first, second = admitted(pool, FILES), admitted(pool, API)
    pool.give_back(first, "f")
    pool.give_back(second, "a")

    assert admitted(pool, API).connection == "a"


def test_an_idle_connection_is_closed_when_its_time_is_over(time: Time) -> None:
    pool: Pool[str] = Pool(10, time)
    kept(pool, "old", FILES)
    time.seconds += MAX_IDLE_SECONDS
    assert pool.give_back(admitted(pool), "young") == []

    time.seconds += 0.1
    assert pool.give_back(admitted(pool, OTHER), None) == ["old"]
    assert admitted(pool, FILES).connection is None
    assert admitted(pool, API).connection == "young"


def test_a_closed_pool_gives_back_what_is_idle_and_keeps_nothing_from_before(time: Time) -> None:
    pool: Pool[str] = Pool(10, time)
    in_use = admitted(pool)
    kept(pool, "idle")

    assert pool.close() == ["idle"]
    assert pool.give_back(in_use, "from before") == ["from before"]

    kept(pool, "from after")
    assert admitted(pool).connection == "from after"


def test_a_lost_lease_gives_its_place_back(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    lost = admitted(pool)
    assert pool.admit(API) is None

    del lost
    gc.collect()

    assert pool.admit(API) is not None


class Turns:
    """Requests that wait, by name, and whose turn came."""

    def __init__(self, pool: Pool[str]) -> None:
        self._pool = pool
        self.came: list[str] = []

    def wait(self, name: str, target: Target = API) -> Any:
        return self._pool.wait(target, lambda: self.came.append(name))


def test_waiting_requests_are_admitted_in_order_and_before_new_ones(time: Time) -> None:
    pool: Pool[str] = Pool(2, time)
    turns = Turns(pool)
    held = [admitted(pool), admitted(pool)]
    waiters = [turns.wait(name) for name in ("first", "second", "third")]
    assert turns.came == []

    pool.give_back(held[0], "a")
    assert turns.came == ["first"]
    assert pool.admit(API) is None
    pool.give_back(held[1], None)
    assert turns.came == ["first", "second"]

    admission = pool.leave(waiters[0])
    assert admission is not None
    assert admission[0].connection == "a"


def test_a_request_that_gives_up_lets_the_next_one_in(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    turns = Turns(pool)
    held = admitted(pool)
    first, second, _third = (turns.wait(name) for name in ("first", "second", "third"))

    assert pool.leave(first) is None  # before its turn
    pool.give_back(held, None)
    assert turns.came == ["second"]
    admission = pool.leave(second)  # at its turn
    assert admission is not None
    pool.give_back(admission[0], None)

    assert turns.came == ["second", "third"]


def test_room_that_came_before_the_wait_began_is_not_missed(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    turns = Turns(pool)
    held = admitted(pool)
    assert pool.admit(API) is None
    pool.give_back(held, None)

    waiter = turns.wait("late")

    assert turns.came == ["late"]
    assert pool.leave(waiter) is not None


def test_the_place_of_a_lost_lease_is_found_when_a_wait_ends(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    lost = admitted(pool)
    waiter = Turns(pool).wait("first")

    del lost
    gc.collect()

    assert pool.leave(waiter) is not None


def test_a_turn_that_nobody_takes_is_not_lost(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    turns = Turns(pool)
    held = admitted(pool)
    turns.wait("interrupted between two instructions")
    waiter = turns.wait("next")

    pool.give_back(held, None)

    assert pool.leave(waiter) is not None


def test_the_garbage_collector_may_give_back_a_connection_at_any_moment() -> None:
    leases: list[Lease[str]] = []

    def now() -> float:  # called in the middle of give_back
        if leases:
            pool.give_back(leases.pop(), "inner")
        return 0.0

    pool: Pool[str] = Pool(10, now)
    leases.append(admitted(pool))
    pool.give_back(admitted(pool), "outer")

    assert {admitted(pool).connection, admitted(pool).connection} == {"inner", "outer"}


def test_a_pool_is_stuck_when_nothing_was_given_back_for_long(time: Time) -> None:
    pool: Pool[str] = Pool(1, time)
    time.seconds += STUCK_SECONDS - 1
    assert not pool.is_stuck()
    time.seconds += 1
    assert pool.is_stuck()

    pool.give_back(admitted(pool), None)

    assert not pool.is_stuck()


def test_targets_that_are_gone_leave_nothing_behind(time: Time) -> None:
    pool: Pool[str] = Pool(5, time)
    for number in range(1000):
        target = Target("https", str(number).encode(), None)
        admission = pool.admit(target)
        assert admission is not None
        pool.give_back(admission[0], "c")

    assert len(pool._numbers) <= 5  # noqa: SLF001 - what grows is not to be seen from outside


@pytest.mark.parametrize(
    ("files", "most"), [(20, 8), (256, 156), (1024, 924), (65536, MAX_CONNECTIONS)]
)
def test_some_files_are_left_to_the_rest_of_the_process(
    files: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="Windows counts no sockets as files")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))

    assert max_connections() == most


def test_without_a_limit_of_files_the_cap_is_the_pool_s_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = pytest.importorskip("resource", reason="Windows counts no sockets as files")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)

    assert max_connections() == _pool.MAX_CONNECTIONS


MOST = 4
TARGETS = st.sampled_from([API, FILES, OTHER])


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order: each connection is open once, and none too many."""

    def __init__(self) -> None:
        super().__init__()
        self.time = Time()
        self.pool: Pool[int] = Pool(MOST, self.time)
        self.leases: list[Lease[int]] = []
        self.waiters: list[Any] = []
        self.open: set[int] = set()
        self.made = 0

    def _take(self, admission: tuple[Lease[int], list[int]]) -> None:
        lease, closing = admission
        self._close(closing)
        if lease.connection is None:
            self.made += 1
            lease.connection = self.made
            self.open.add(self.made)
        assert lease.connection in self.open
        assert lease.connection not in {other.connection for other in self.leases}
        self.leases.append(lease)

    def _close(self, connections: list[int]) -> None:
        for connection in connections:
            self.open.remove(connection)  # KeyError: it was closed twice

    @rule(target_=TARGETS)
    def request(self, target_: Target) -> None:
        admission = self.pool.admit(target_)
        if admission is not None:
            self._take(admission)
        else:
            assert len(self.leases) + len(self.waiters) >= MOST
            self.waiters.append(self.pool.wait(target_, lambda: None))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), fit=st.booleans())
    def give_back(self, data: st.DataObject, fit: bool) -> None:
        lease = self.leases.pop(data.draw(st.integers(0, len(self.leases) - 1)))
        connection = lease.connection
        assert connection is not None
        if not fit:
            self._close([connection])
        self._close(self.pool.give_back(lease, connection if fit else None))

    @precondition(lambda self: self.waiters)
    @rule(data=st.data())
    def stop_waiting(self, data: st.DataObject) -> None:
        waiter = self.waiters.pop(data.draw(st.integers(0, len(self.waiters) - 1)))
        admission = self.pool.leave(waiter)
        if admission is not None:
            self._take(admission)

    @rule(seconds=st.sampled_from([0.5, MAX_IDLE_SECONDS]))
    def pass_time(self, seconds: float) -> None:
        self.time.seconds += seconds

    @rule()
    def close(self) -> None:
        self._close(self.pool.close())

    @invariant()
    def none_too_many(self) -> None:
        # What is granted to a waiter is closed or opened only when that waiter runs.
        granted = sum(waiter.admission is not None for waiter in self.waiters)
        assert len(self.leases) + granted <= MOST
        assert len(self.open) <= MOST + granted


TestAnyOrder: Callable[..., Any] = AnyOrder.TestCase
AnyOrder.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
