"""Ctrl-C while something must be finished first."""

from __future__ import annotations

import _thread
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def deferred_interrupt(seconds: float) -> Iterator[None]:
    """Let the body finish before KeyboardInterrupt is raised.

    Python raises it in the main thread alone, and only with its own handler of SIGINT: anything
    else is left as it is. A second Ctrl-C is raised at once.

    Args:
        seconds: For how long the body may still run after Ctrl-C.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    patience: threading.Timer | None = None

    def defer(number: int, frame: FrameType | None) -> None:
        nonlocal patience
        if patience is not None:
            signal.default_int_handler(number, frame)
        patience = threading.Timer(seconds, _thread.interrupt_main)
        patience.daemon = True
        patience.start()

    signal.signal(signal.SIGINT, defer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if patience is not None:
            patience.cancel()
            raise KeyboardInterrupt
