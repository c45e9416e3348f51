"""Reading how far a run is from the progress bars in its logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training

_BAR = re.compile(r"^[ \t]*(\d{1,9})%[ \t]*\|.+?\|\s*(\d{1,15})/(\d{1,15})", re.MULTILINE)


class Progress(NamedTuple):
    """How far a run is.

    Args:
        percentage: From 0 to 1.
        current: How many steps are done.
        total: How many there are.
    """

    percentage: float
    current: int
    total: int


def parse_progress(logs: str | Prediction | Training | None) -> Progress | None:
    """Return the progress that the last bar in a run's logs shows, None where there is none.

    Args:
        logs: The logs, or the run that has them. Bars are those that tqdm writes, like
            ``40%|████      | 2/5``.
    """
    text = logs if isinstance(logs, str) else getattr(logs, "logs", None)
    # A bar redraws itself with carriage returns.
    bars = _BAR.findall(text.replace("\r", "\n")) if isinstance(text, str) else []
    if not bars:
        return None
    percentage, current, total = bars[-1]
    return Progress(int(percentage) / 100, int(current), int(total))
