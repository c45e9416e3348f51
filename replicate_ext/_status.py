"""The statuses of predictions and trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
"""Statuses of an ended run. With any other status, known or not, the run goes on."""


def has_ended(run: Mapping[str, Any]) -> bool:
    """Return whether a run has ended; an unknown status means that it has not.

    Args:
        run: The run as JSON.
    """
    return str(run.get("status")) in TERMINAL
