"""The report of a batch: counts, times and errors."""

from __future__ import annotations

import html
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from replicate_ext.batch._journal import read_journal
from replicate_ext.batch._rows import State

if TYPE_CHECKING:
    from os import PathLike

_MOST_ERRORS = 20
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds.

    Args:
        total: The sum.
        p50: The median.
        p90: 90 percent took at most this long.
        p99: 99 percent took at most this long.
        max: The longest.
    """

    total: float
    p50: float
    p90: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Report:
    """Counts, times and errors of the rows in a journal. ``print(report)`` shows it as text.

    Args:
        rows: Number of rows.
        states: Number of rows in each state that occurs.
        attempts: Number of predictions that were created, or may have been.
        predict_time: Time that the predictions ran; None if there is none.
        queue_time: Time between the creation of the predictions and their start; None if there is
            none.
        errors: Number of rows for each error message; the most frequent come first.
    """

    rows: int
    states: dict[str, int]
    attempts: int
    predict_time: Times | None
    queue_time: Times | None
    errors: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        return "\n".join(
            line if isinstance(line, str) else f"  {line[0]:<14}{line[1]}" for line in self._lines()
        )

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        cells = "".join(
            f"<tr><th colspan=2>{html.escape(line)}</th></tr>"
            if isinstance(line, str)
            else f"<tr><td>{html.escape(line[0])}</td><td>{html.escape(line[1])}</td></tr>"
            for line in self._lines()
        )
        return f"<table>{cells}</table>"

    def _lines(self) -> list[str | tuple[str, str]]:
        lines: list[str | tuple[str, str]] = [f"{self.rows} rows, {self.attempts} predictions"]
        lines += [(state, str(count)) for state, count in self.states.items()]
        for name, times in (("predict time", self.predict_time), ("queue time", self.queue_time)):
            if times is not None:
                text = ", ".join(f"{key} {value:.2f} s" for key, value in asdict(times).items())
                lines.append((name, text))
        if self.errors:
            lines.append("errors")
            lines += [(str(count), message) for message, count in self.errors.items()]
        return lines


def report_of(path: str | PathLike[str]) -> Report:
    """Return the report of a journal, which may be in use.

    Args:
        path: The journal.

    Raises:
        JournalError: The file does not exist, or is not a journal.
    """
    states: Counter[State] = Counter()
    errors: Counter[str] = Counter()
    predict: list[float] = []
    queue: list[float] = []
    attempts = 0
    for record in read_journal(path):
        states[record.state] += 1
        attempts += record.attempts
        if record.error:
            errors[record.error[:_LONGEST]] += 1
        prediction = record.prediction or {}
        seconds = (prediction.get("metrics") or {}).get("predict_time")
        if isinstance(seconds, int | float):
            predict.append(float(seconds))
        moments = [_seconds(prediction.get(name)) for name in ("created_at", "started_at")]
        if None not in moments:
            queue.append(max((moments[1] or 0.0) - (moments[0] or 0.0), 0.0))
    return Report(
        rows=states.total(),
        states={str(state): states[state] for state in State if states[state]},
        attempts=attempts,
        predict_time=_times(predict),
        queue_time=_times(queue),
        errors=dict(errors.most_common(_MOST_ERRORS)),
    )


def _times(values: list[float]) -> Times | None:
    if not values:
        return None
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    return Times(sum(values), cuts[49], cuts[89], cuts[98], max(values))


def _seconds(moment: object) -> float | None:
    try:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        return None
    return None if parsed is None else parsed.timestamp()
