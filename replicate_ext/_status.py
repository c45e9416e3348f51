"""The statuses of predictions and trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
"""The statuses that end a run. Any other, an unknown one too, means that it goes on."""


def has_ended(run: Mapping[str, Any]) -> bool:
    """Say whether a run has ended, whatever its status may be.

    Args:
        run: The run as JSON.
    """
    return str(run.get("status")) in TERMINAL
