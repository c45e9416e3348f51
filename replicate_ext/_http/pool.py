"""Which connection a request gets, and what becomes of it afterwards. No I/O.

httpcore's own pool looks at all its connections whenever a request starts, waits or ends: with 500
requests at once it does little else. Here each step costs the same, however many there are.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

T = TypeVar("T")

MAX_CONNECTIONS = 1000
MAX_IDLE_SECONDS = 15.0
STUCK_SECONDS = 120.0
"""Seconds without any connection given back after which a request stops to wait for one.

Longer than the API holds an answer: then only streams, or downloads that nobody reads, are left.
"""
_SPARE_FILES = 100
"""Files that the rest of the process may open beside the connections."""
_LEAST_CONNECTIONS = 8


def max_connections() -> int:
    """Return how many connections may be open at once: 1,000, or fewer where files are few."""
    try:
        import resource
    except ImportError:  # Windows, where sockets are no files
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(min(MAX_CONNECTIONS, files - _SPARE_FILES), _LEAST_CONNECTIONS)


class Target(NamedTuple):
    """What a connection leads to; requests with equal targets may share one.

    Args:
        scheme: Of the URL.
        host: Of the URL, as it is sent.
        port: Of the URL, None for the scheme's own.
        proxy: The proxy in between, None for a direct connection.
    """

    scheme: str
    host: bytes
    port: int | None
    proxy: httpx.Proxy | None = None


class Lease(Generic[T]):
    """The right to have one connection open, for one request.

    Args:
        target: Where the connection leads.
        generation: How often the pool was closed before.
        connection: The connection, None until there is one.
    """

    def __init__(self, target: Target, generation: int, connection: T | None) -> None:
        self.target = target
        self.generation = generation
        self.connection = connection


Admission: TypeAlias = "tuple[Lease[T], list[T]]"


class Waiter(Generic[T]):
    """A request that waits for room.

    Args:
        target: Where the request goes.
        wake: Called once, when the request was admitted.
    """

    def __init__(self, target: Target, wake: Callable[[], object]) -> None:
        self.target = target
        self.wake = wake
        self.admission: Admission[T] | None = None


class Pool(Generic[T]):
    """The connections of one client: how many are in use, and which are idle.

    Leases are counted by weak references. One that is lost in an exception that struck between two
    instructions (Ctrl-C does) takes nothing with it. Requests that wait are admitted in the order
    in which they came.

    Args:
        most: How many connections may be open at once.
        now: Returns the time in seconds.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._leases: weakref.WeakSet[Lease[T]] = weakref.WeakSet()
        # By number, the one that is idle longest first; and the numbers of each target. An
        # interrupt may leave a number that leads nowhere: each reader passes over those.
        self._idle: OrderedDict[int, tuple[float, Target, T]] = OrderedDict()
        self._numbers: dict[Target, deque[int]] = {}
        self._waiters: OrderedDict[int, Waiter[T]] = OrderedDict()
        self._count = 0
        self._generation = 0
        # Reentrant: the garbage collector may close a response, which gives its connection back,
        # while the same thread holds the lock.
        self._lock = threading.RLock()
        self.last_returned = now()

    def admit(self, target: Target) -> Admission[T] | None:
        """Return a lease and the connections to close for it; None where the request has to wait.

        Args:
            target: Where the request goes.
        """
        with self._lock:
            if self._waiters or len(self._leases) >= self._most:
                return None
            return self._admitted(target)

    def wait(self, target: Target, wake: Callable[[], object]) -> Waiter[T]:
        """Have a request wait for room, behind those that wait already.

        Args:
            target: Where the request goes.
            wake: Called when the request was admitted, which may be at once.
        """
        waiter: Waiter[T] = Waiter(target, wake)
        with self._lock:
            self._waiters[id(waiter)] = waiter
            self._serve()
        return waiter

    def leave(self, waiter: Waiter[T]) -> Admission[T] | None:
        """End a wait, and return the admission if there is one.

        Args:
            waiter: The request that waited.
        """
        with self._lock:
            self._serve()  # the place of a lease that was lost
            self._waiters.pop(id(waiter), None)
            admission, waiter.admission = waiter.admission, None
            return admission

    def give_back(self, lease: Lease[T], connection: T | None) -> list[T]:
        """End a lease, and return the connections to close.

        Args:
            lease: The lease.
            connection: Its connection, None if it cannot be used again.
        """
        with self._lock:
            now = self._now()
            self._leases.discard(lease)
            self.last_returned = now
            closing: list[T] = []
            if connection is not None and lease.generation != self._generation:
                closing.append(connection)
            elif connection is not None:
                self._count += 1
                self._idle[self._count] = now, lease.target, connection
                self._numbers.setdefault(lease.target, deque()).append(self._count)
            closing += self._expired(now)
            self._serve()
            return closing

    def close(self) -> list[T]:
        """Return every idle connection, to be closed; those in use follow when given back."""
        with self._lock:
            self._generation += 1
            every = [connection for _, _, connection in self._idle.values()]
            self._idle.clear()
            self._numbers.clear()
            return every

    def is_stuck(self) -> bool:
        """Say whether it is long ago that any connection was given back."""
        return self._now() - self.last_returned >= STUCK_SECONDS

    def _serve(self) -> None:
        """Admit those who wait, as far as there is room."""
        while self._waiters and len(self._leases) < self._most:
            _, waiter = self._waiters.popitem(last=False)
            waiter.admission = self._admitted(waiter.target)
            waiter.wake()

    def _admitted(self, target: Target) -> Admission[T]:
        connection = self._take_idle(target)
        evicted: list[T] = []
        while connection is None and self._idle and self._open() >= self._most:
            evicted.append(self._evict())
        lease = Lease(target, self._generation, connection)
        self._leases.add(lease)
        return lease, evicted

    def _open(self) -> int:
        return len(self._leases) + len(self._idle)

    def _take_idle(self, target: Target) -> T | None:
        """Take the connection to a target that was used last."""
        numbers = self._numbers.get(target)
        while numbers:
            entry = self._idle.pop(numbers.pop(), None)
            if entry is not None:
                return entry[2]
        self._numbers.pop(target, None)
        return None

    def _evict(self) -> T:
        """Take the connection that is idle longest."""
        number, (_, target, connection) = self._idle.popitem(last=False)
        numbers = self._numbers.get(target)
        if numbers and numbers[0] == number:
            numbers.popleft()
        if not numbers:
            self._numbers.pop(target, None)
        return connection

    def _expired(self, now: float) -> list[T]:
        old: list[T] = []
        while self._idle:
            since = next(iter(self._idle.values()))[0]
            if now - since <= MAX_IDLE_SECONDS:
                break
            old.append(self._evict())
        return old
