"""Defer Ctrl-C while work runs that must not be interrupted."""

from __future__ import annotations

import _thread
import signal
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType


class DeferredInterrupt:
    """Lets the body of a ``with`` statement finish before KeyboardInterrupt is raised.

    This works in the main thread, and with Python's own handler of SIGINT; in other cases nothing
    is deferred. A second Ctrl-C is raised at once.

    Args:
        seconds: Time limit of the body, in seconds after Ctrl-C.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_active = False
        self._patience: threading.Timer | None = None

    def __enter__(self) -> Self:
        """Defer Ctrl-C from now on."""
        self._is_active = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_active:
            signal.signal(signal.SIGINT, self._defer)
        return self

    def __exit__(self, *_: object) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self._is_active:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._patience is not None:
            self._patience.cancel()
            raise KeyboardInterrupt

    def _defer(self, number: int, frame: FrameType | None) -> None:
        if self._patience is not None:
            signal.default_int_handler(number, frame)
        self._patience = threading.Timer(self._seconds, _interrupt_main)
        self._patience.daemon = True
        self._patience.start()


def _interrupt_main() -> None:
    """Interrupt the main thread, even while it waits for a socket."""
    identity = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and identity is not None:
        signal.pthread_kill(identity, signal.SIGINT)
    else:  # Windows
        _thread.interrupt_main()
