"""Ctrl-C in the blocking client, wherever it strikes, loses nothing. Rules 5 and 17 of the design.

After each Ctrl-C the same client works, every run that the API started was canceled or its caller
knows that it may exist, and every connection is closed with the client.
"""

from __future__ import annotations

import dis
import functools
import gc
import inspect
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Self, TypeAlias

import httpx
import pytest
from support.clients import TOKEN
from support.clock import hurried
from support.scripted import Fault, Request, Run, Server, scripted

import replicate_ext
from replicate_ext import Replicate
from replicate_ext._runs import pending as _pending
from replicate_ext._runs import run as _run

PACKAGE = str(Path(replicate_ext.__file__).parent)
FILE = {"polls": 1, "file": b"\x89PNG\r\n" * 50_000}
UNKNOWN = "may have succeeded"

Call: TypeAlias = Callable[[Replicate], Any]

KEPT: list[Any] = []
"""Streams, whose destructors would swallow an interrupt, as Python has it."""


def a_stream(client: Replicate) -> Any:
    KEPT.append(client.stream("owner/name", {"polls": 2}))
    return KEPT[-1].text()


CALLS: dict[str, Call] = {
    "held run": lambda client: client.run("owner/name", {"hold": 0.001}, wait=True),
    "run with an upload": lambda client: client.run("owner/name", FILE, wait=False),
    "create": lambda client: client.predictions.create("owner/name", {"polls": 2}),
    "training": lambda client: client.trainings.create(
        "owner", "name", "v1", destination="owner/new", input={"polls": 2}
    ),
    "stream": a_stream,
    "run whose first poll fails": lambda client: client.run(
        "owner/name", {"polls": 2, "fails": 1}, wait=False
    ),
    "run that is left by an error": lambda client: client.run(
        "owner/name", {"polls": 2}, on_progress=fail
    ),
}


def fail(_: Any) -> None:
    raise ZeroDivisionError


pytestmark = [
    pytest.mark.usefixtures("both_ways"),
    # A connection that an interrupt cuts off from its owner is closed when it is collected.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with scripted() as running:

        def fault(request: Request) -> Fault:
            run = running.journal.runs.get(request.path.split("/")[-1])
            fails = run is not None and run.polls < run.input.get("fails", 0)
            return Fault.DROPPED_AFTER if fails else Fault.NONE

        running.fault = fault
        yield running


@pytest.fixture(autouse=True)
def _without_destructors_in_between() -> Iterator[None]:
    """Python swallows what is raised in a destructor: none is to run while a call is traced."""
    gc.collect()
    gc.freeze()  # what is there already need not be looked at for each point
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _as_in_a_script() -> Iterator[None]:
    """Python's own handler of SIGINT, which a test runner may have replaced."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail, wherever the main thread hangs by then."""

    def fail(*_: object) -> None:
        raise AssertionError(f"it takes longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@functools.cache
def interruptible(code: CodeType) -> frozenset[int]:
    """The offsets at which Python runs signal handlers: after calls, at starts and in loops.

    After a call they run as part of the call. Where an exception is handled elsewhere than at the
    next instruction, a trace function cannot raise it in the right place: such points are left out.
    """
    entries = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined] # typeshed lacks it

    def handler(offset: int) -> int | None:
        return next((entry.target for entry in entries if entry.start <= offset < entry.end), None)

    found = set()
    call: int | None = None
    for instruction in dis.get_instructions(code):
        is_after_call = call is not None and handler(call) == handler(instruction.offset)
        is_start = instruction.opname == "RESUME" and (instruction.arg or 0) < 2
        if is_after_call or is_start or instruction.opname == "JUMP_BACKWARD":
            found.add(instruction.offset)
        call = instruction.offset if instruction.opname.startswith("CALL") else None
    return frozenset(found)


class Interrupting:
    """Does something at the n-th point of the package's code where Ctrl-C can strike.

    Args:
        number: Of the point.
        interrupt: What is done; it may raise.
    """

    def __init__(self, number: int, interrupt: Callable[[], None]) -> None:
        self._left = number
        self._interrupt = interrupt
        self.has_struck = False
        self.is_over = False

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._called)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _called(self, frame: FrameType, _: str, __: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._step

    def _step(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "opcode" and frame.f_lasti in interruptible(frame.f_code):
            self._left -= 1
            if self._left < 0:
                sys.settrace(None)
                self.has_struck = True
                self.is_over = not _is_flowing(frame)
                self._interrupt()
        return self._step


def _is_flowing(frame: FrameType | None) -> bool:
    """Whether a flow is running: before it nothing was sent, after it the caller has the run."""
    while frame is not None:
        flow = frame.f_locals.get("flow") if frame.f_code.co_filename.startswith(PACKAGE) else None
        if inspect.isgenerator(flow) and inspect.getgeneratorstate(flow) != inspect.GEN_CLOSED:
            return True
        frame = frame.f_back
    return False


def raise_interrupt() -> None:
    raise KeyboardInterrupt


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def check(server: Server, call: Call, number: int, interrupt: Callable[[], None]) -> bool:
    client = Replicate(TOKEN, server.url, poll_interval=0.1, _clock=hurried())
    earlier = len(server.journal.runs)
    notes: list[str] = []
    with within(8), Interrupting(number, interrupt) as interrupting:
        try:
            call(client)
        except ZeroDivisionError:
            assert not interrupting.has_struck, "the interrupt was swallowed"
        except KeyboardInterrupt as error:
            notes = getattr(error, "__notes__", [])
        else:
            assert not interrupting.has_struck, "the interrupt was swallowed"
    KEPT.clear()
    gc.collect()  # or a destructor runs, and is interrupted, within a later call
    started = list(server.journal.runs.values())[earlier:]
    if interrupting.has_struck and not interrupting.is_over:
        assert_accounted_for(started, notes, number)
    with within(2):
        assert client.run("owner/name", {"n": number}) == number
    client.close()
    return interrupting.has_struck


def assert_accounted_for(runs: list[Run], notes: list[str], number: int) -> None:
    lost = [run for run in runs if not run.has_ended]
    assert not lost or any(UNKNOWN in note for note in notes), (number, lost, notes)


STRIDE = int(os.environ.get("CTRL_C_STRIDE", "6"))
"""Of so many points of a call, one is tried; ``make test-ctrl-c`` tries every point."""


@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_at_any_point_of_a_call_loses_nothing(
    server: Server, call: str, both_ways: str
) -> None:
    number = 0 if both_ways == "short" else STRIDE // 2
    while check(server, CALLS[call], number, press_ctrl_c):
        number += STRIDE
    gc.collect()

    assert number > 100
    assert server.journal.closes_all()


# Here nothing is put off: the exception is that of a signal handler of a user's own, say.
@pytest.mark.parametrize("call", ["held run", "create", "run whose first poll fails"])
def test_an_exception_at_any_point_of_a_call_loses_nothing(server: Server, call: str) -> None:
    number = 0
    while check(server, CALLS[call], number, raise_interrupt):
        number += STRIDE
    gc.collect()

    assert number > 100
    assert server.journal.closes_all()


RUNS: tuple[Call, ...] = (
    lambda client: client.run("owner/name", {}),
    lambda client: client.run("owner/name", {"hold": 0.002}, wait=True),
    lambda client: client.run("owner/name", {"polls": 3}, wait=False),
    lambda client: client.run("owner/name", FILE, wait=False),
    lambda client: client.predictions.create("owner/name", {"polls": 3}),
)


def test_ctrl_c_at_random_moments_leaves_a_client_that_works(server: Server) -> None:
    chance = random.Random(18)  # noqa: S311 - tests are to be repeatable
    before = signal.signal(signal.SIGALRM, lambda *_: press_ctrl_c())
    client = Replicate(TOKEN, server.url, poll_interval=0.001)
    struck = 0
    try:
        for number in range(400):
            call = chance.choice(RUNS)
            earlier = len(server.journal.runs)
            notes: list[str] = []
            is_struck = False
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-4, 0.012))
                    call(client)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt as error:
                is_struck = True
                notes = getattr(error, "__notes__", [])
            if is_struck and call is not RUNS[-1]:  # where a create has returned, its caller knows
                struck += 1
                started = list(server.journal.runs.values())[earlier:]
                assert_accounted_for(started, notes, number)
            assert client.run("owner/name", {"n": number}, timeout=5) == number
    finally:
        signal.signal(signal.SIGALRM, before)
    client.close()
    gc.collect()

    assert struck > 50
    assert server.journal.closes_all()


class Slow(httpx.HTTPTransport):
    """A transport of a user's own, which takes long, while Ctrl-C is pressed again."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self._path):
            press_ctrl_c()
            time.sleep(5)
        return super().handle_request(request)


def interrupt(_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("path", "note"), [("/cancel", "could not be canceled"), ("/predictions", UNKNOWN)]
)
def test_what_is_finished_after_ctrl_c_takes_a_few_seconds_at_most(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: str, note: str
) -> None:
    for module in (_pending, _run):
        monkeypatch.setattr(module, "CANCEL_SECONDS", 0.1)
    began = time.monotonic()
    with httpx.Client(transport=Slow(path)) as lent, within(8):
        client = Replicate(TOKEN, server.url, http_client=lent)
        with pytest.raises(KeyboardInterrupt) as caught:
            client.run("owner/name", {"polls": 9}, on_progress=interrupt)

    assert time.monotonic() - began < 3
    assert any(note in text for text in caught.value.__notes__)
