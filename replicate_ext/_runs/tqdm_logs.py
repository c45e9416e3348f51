"""Read the progress of a run from the progress bars in its logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training

_BAR = re.compile(r"^[ \t]*(\d{1,9})%[ \t]*\|.+?\|\s*(\d{1,15})/(\d{1,15})", re.MULTILINE)


class Progress(NamedTuple):
    """The progress of a run.

    Args:
        percentage: Fraction of the work that is done, from 0 to 1.
        current: Number of completed steps.
        total: Number of all steps.
    """

    percentage: float
    current: int
    total: int


def parse_progress(logs: str | Prediction | Training | None) -> Progress | None:
    """Return the progress that the last progress bar in the logs of a run shows.

    Example: ``parse_progress(prediction)``

    Args:
        logs: The logs, or the prediction or training with the logs. Progress bars are recognized
            in the form of tqdm: ``40%|████      | 2/5``.

    Returns:
        The progress; None if the logs contain no progress bar.
    """
    text = logs if isinstance(logs, str) else getattr(logs, "logs", None)
    # tqdm draws a bar again after a carriage return.
    bars = _BAR.findall(text.replace("\r", "\n")) if isinstance(text, str) else []
    if not bars:
        return None
    percentage, current, total = bars[-1]
    return Progress(int(percentage) / 100, int(current), int(total))
