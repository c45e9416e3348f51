"""The progress bar of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


def progress_of(rows: Any) -> Progress:
    """Return a progress bar for rows.

    Args:
        rows: The rows. If they have no length, the bar shows no total.

    Raises:
        ImportError: tqdm is not installed.
    """
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError(
            "progress=True needs tqdm: pip install 'replicate-ext[progress]'"
        ) from None
    total = len(rows) if hasattr(rows, "__len__") else None
    return Progress(tqdm(total=total, unit="row"))


class Progress:
    """A progress bar with the number of failed and running rows, the rate and the time left.

    Args:
        bar: The bar.
    """

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar

    def show(self, ended: int, failed: int, running: int) -> None:
        """Draw the progress.

        Args:
            ended: Number of rows that have ended.
            failed: Number of those that did not succeed.
            running: Number of rows that are being worked on.
        """
        self._bar.set_postfix(failed=failed, running=running, refresh=False)
        self._bar.update(ended - self._bar.n)

    def close(self) -> None:
        """Finish the bar."""
        self._bar.close()
