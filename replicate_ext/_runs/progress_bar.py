"""Progress bars in terminals and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from replicate_ext._runs.tqdm_logs import parse_progress
from replicate_ext._status import has_ended

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training
    from tqdm import tqdm


def progress_bar(description: str | None = None) -> ProgressBar:
    """Return an ``on_progress`` callback that draws a progress bar with tqdm.

    It can be passed to ``run`` and ``wait``, where it shows the steps in the logs of the run,
    and to ``save_outputs`` and ``files.create``, where it shows bytes. It needs tqdm:
    ``pip install 'replicate-ext[progress]'``.

    Example: ``run(model, input, on_progress=progress_bar())``

    Args:
        description: Text before the bar. Default: the status of a run.

    Raises:
        ImportError: tqdm is not installed.
    """
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError(
            "progress_bar needs tqdm: pip install 'replicate-ext[progress]'"
        ) from None
    return ProgressBar(tqdm, description)


class ProgressBar:
    """A callback that draws a progress bar. Each operation starts a new bar.

    Args:
        kind: The class of the bar.
        description: Text before the bar; None for the status of a run.
    """

    def __init__(self, kind: type[tqdm[Any]], description: str | None) -> None:
        self._kind = kind
        self._description = description
        self._bar: tqdm[Any] | None = None

    @overload
    def __call__(self, news: Prediction | Training, /) -> None: ...
    @overload
    def __call__(self, done: int, total: int | None, /) -> None: ...

    def __call__(self, news: Prediction | Training | int, total: int | None = None, /) -> None:
        """Draw the progress of a run, or a number of bytes.

        Args:
            news: The prediction or training, or the number of bytes so far.
            total: Number of all bytes; None while it is unknown.
        """
        if isinstance(news, int):
            bar = self._opened(total, unit="B", unit_scale=True, unit_divisor=1024)
            bar.update(news - bar.n)
        else:
            self._draw_run(news)

    def close(self) -> None:
        """Finish the bar. Called at the end of an operation, also after an error."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _draw_run(self, run: Prediction | Training) -> None:
        progress = parse_progress(run)
        status = str(run.status)
        bar = self._opened(progress.total if progress else None, unit="step")
        bar.bar_format = None if progress else "{desc}[{elapsed}]"
        if progress:
            # The last steps may be missing in the logs.
            bar.update((progress.total if status == "succeeded" else progress.current) - bar.n)
        bar.set_description(self._description or status)
        if has_ended({"status": status}):
            self.close()

    def _opened(self, total: int | None, **style: Any) -> tqdm[Any]:
        if self._bar is None:
            self._bar = self._kind(total=total, desc=self._description, **style)
        elif total is not None and total != self._bar.total:
            self._bar.reset(total)  # in notebooks, setting the attribute has no effect
        return self._bar
