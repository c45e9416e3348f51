"""The pool: which connection a request uses, and whether it is kept afterwards. No I/O.

The pool of httpcore iterates over all its connections whenever a request starts, waits or ends,
which takes most of the time with 500 concurrent requests. Here each step takes constant time.
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
"""A request stops waiting for a connection if none was returned for this many seconds.

The API holds no response that long: connections in use belong to streams or unread downloads.
"""
_SPARE_FILES = 100
"""Number of open files to leave for the rest of the process."""
_LEAST_CONNECTIONS = 8


def max_connections() -> int:
    """Return the maximum number of open connections: 1,000, or less if the file limit is low."""
    try:
        import resource
    except ImportError:  # Windows, where sockets are not files
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(min(MAX_CONNECTIONS, files - _SPARE_FILES), _LEAST_CONNECTIONS)


class Target(NamedTuple):
    """The destination of a connection. Requests with equal targets can use the same connection.

    Args:
        scheme: The URL's scheme.
        host: The URL's host, encoded as it is sent.
        port: The URL's port; None for the scheme's default.
        proxy: The proxy; None for a direct connection.
    """

    scheme: str
    host: bytes
    port: int | None
    proxy: httpx.Proxy | None = None


class Lease(Generic[T]):
    """Permission for one request to have one connection open.

    Args:
        target: Destination of the connection.
        generation: Number of times that the pool had been closed before this lease.
        connection: The connection; None until one is opened.
    """

    def __init__(self, target: Target, generation: int, connection: T | None) -> None:
        self.target = target
        self.generation = generation
        self.connection = connection


Admission: TypeAlias = "tuple[Lease[T], list[T]]"


class Waiter(Generic[T]):
    """A request that waits for a free connection.

    Args:
        target: Destination of the request.
        wake: Called once, when the request is admitted.
    """

    def __init__(self, target: Target, wake: Callable[[], object]) -> None:
        self.target = target
        self.wake = wake
        self.admission: Admission[T] | None = None


class Pool(Generic[T]):
    """The connections of one client: leases of those in use, and the idle ones.

    Leases are counted by weak references: a lease that is lost because an exception (such as
    Ctrl-C) was raised between two instructions frees its place. Waiting requests are admitted in
    the order of their arrival.

    Args:
        most: Maximum number of open connections.
        now: Returns the current time in seconds.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._leases: weakref.WeakSet[Lease[T]] = weakref.WeakSet()
        # Idle connections by number, the longest idle first, and the numbers for each target. An
        # interrupt can leave a number without a connection, so readers skip such numbers.
        self._idle: OrderedDict[int, tuple[float, Target, T]] = OrderedDict()
        self._numbers: dict[Target, deque[int]] = {}
        self._waiters: OrderedDict[int, Waiter[T]] = OrderedDict()
        self._count = 0
        self._generation = 0
        # Reentrant: while a thread holds the lock, the garbage collector may close a response in
        # that thread, which returns its connection.
        self._lock = threading.RLock()
        self.last_returned = now()

    def admit(self, target: Target) -> Admission[T] | None:
        """Return a lease and the connections to close for it; None if the request has to wait.

        Args:
            target: Destination of the request.
        """
        with self._lock:
            if self._waiters or len(self._leases) >= self._most:
                return None
            return self._admitted(target)

    def wait(self, target: Target, wake: Callable[[], object]) -> Waiter[T]:
        """Add a request to the end of the queue for a free connection.

        Args:
            target: Destination of the request.
            wake: Called when the request is admitted, possibly before this method returns.
        """
        waiter: Waiter[T] = Waiter(target, wake)
        with self._lock:
            self._waiters[id(waiter)] = waiter
            self._serve()
        return waiter

    def leave(self, waiter: Waiter[T]) -> Admission[T] | None:
        """Remove a request from the queue, and return its admission; None if it was not admitted.

        Args:
            waiter: The request, as ``wait`` returned it.
        """
        with self._lock:
            self._serve()  # a lost lease may have freed a place
            self._waiters.pop(id(waiter), None)
            admission, waiter.admission = waiter.admission, None
            return admission

    def give_back(self, lease: Lease[T], connection: T | None) -> list[T]:
        """End a lease, and return the connections to close.

        Args:
            lease: The lease.
            connection: Its connection; None if it must not be reused.
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
        """Return all idle connections, to be closed; those in use are closed when given back."""
        with self._lock:
            self._generation += 1
            every = [connection for _, _, connection in self._idle.values()]
            self._idle.clear()
            self._numbers.clear()
            return every

    def is_stuck(self) -> bool:
        """Return whether no connection has been returned for ``STUCK_SECONDS``."""
        return self._now() - self.last_returned >= STUCK_SECONDS

    def _serve(self) -> None:
        """Admit waiting requests as long as there is room."""
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
        """Take the most recently used idle connection to a target."""
        numbers = self._numbers.get(target)
        while numbers:
            entry = self._idle.pop(numbers.pop(), None)
            if entry is not None:
                return entry[2]
        self._numbers.pop(target, None)
        return None

    def _evict(self) -> T:
        """Take the connection that has been idle for the longest time."""
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
