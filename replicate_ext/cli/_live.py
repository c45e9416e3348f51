"""One line about a running prediction or training: its status, progress and age."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from replicate_ext.cli._output import plain

if TYPE_CHECKING:
    from collections.abc import Generator

    from rich.text import Text

    from replicate_ext import Prediction, Training
    from replicate_ext.cli._output import Output


class Watched:
    """The latest state of a run, shown as one line.

    Args:
        run: The run, if it exists already.
    """

    def __init__(self, run: Prediction | Training | None = None) -> None:
        self.run = run
        self._begin = time.monotonic()

    def update(self, run: Prediction | Training) -> None:
        """Keep the latest state of the run."""
        self.run = run

    def line(self) -> str:
        """Return the status, the progress and the age of the run."""
        from replicate_ext import parse_progress

        status = "creating" if self.run is None else str(self.run.status)
        progress = None if self.run is None else parse_progress(self.run)
        parts = [status, f"{time.monotonic() - self._begin:.1f} s"]
        if progress is not None:
            parts.insert(1, f"{progress.percentage:.0%} ({progress.current}/{progress.total})")
        return plain(" · ".join(parts))

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text(f"  {self.line()}", style="cyan", no_wrap=True)


@contextmanager
def live_line(out: Output, watched: Watched) -> Generator[None, None, None]:
    """Show the line on standard error while the block runs, if that is a terminal."""
    if not out.has_live_notes:
        yield
        return
    from rich.live import Live

    live = Live(watched, console=out.notes, transient=True, refresh_per_second=8)
    try:
        # Inside the try block, because an interrupt can come while it starts.
        live.start(refresh=True)
        yield
    finally:
        live.stop()
