"""Rates, names of saved files, progress bars and reports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from replicate_ext import FileOutput
from replicate_ext.batch import State, report_of
from replicate_ext.batch._account import _candidate, _date_of, model_of
from replicate_ext.batch._journal import Journal, values_of
from replicate_ext.batch._outcomes import record_end
from replicate_ext.batch._outputs import file_name, files_of
from replicate_ext.batch._pace import Pace, interval_of
from replicate_ext.batch._progress import progress_of
from replicate_ext.batch._reconcile import Model
from replicate_ext.batch._rows import Record


@pytest.mark.parametrize(
    ("rate", "interval"),
    [(None, 0), ("600/min", 0.1), ("10/s", 0.1), (" 0.5 / second ", 2), ("3600/hour", 1)],
)
def test_a_rate_is_an_interval(rate: str | None, interval: float) -> None:
    assert interval_of(rate) == pytest.approx(interval)


def test_creates_are_spread_evenly() -> None:
    pace = Pace(0.5)

    assert [pace.delay(10.0) for _ in range(3)] == [0, 0.5, 1]
    assert pace.delay(20.0) == 0


@pytest.mark.parametrize(
    ("key", "index", "count", "url_name", "expected"),
    [
        ("row1", 0, 1, "out.png", "row1.png"),
        ("row1", 1, 2, "out.webp", "row1-1.webp"),
        ("row1", 0, 1, "out", "row1"),
        ("row1", 0, 1, "out.p/g", "row1"),
    ],
)
def test_a_file_is_named_after_its_row(
    key: str, index: int, count: int, url_name: str, expected: str
) -> None:
    assert file_name(key, index, count, url_name) == expected


@pytest.mark.parametrize("key", ["../up", "a/b", "ä", "", "a" * 200, ".", "a.", "con:x"])
def test_no_key_leads_out_of_the_directory(key: str) -> None:
    name = file_name(key, 0, 1, "out.png")

    assert Path(name).name == name
    assert len(name) < 120
    assert name != file_name(f"{key}x", 0, 1, "out.png")


def test_files_are_found_anywhere_in_an_output() -> None:
    one, two = FileOutput("https://x.test/1.png"), FileOutput("https://x.test/2.png")

    assert files_of({"a": [one, "text", None], "b": {"c": two}, "n": 1}) == [one, two]
    assert files_of("https://x.test/1.png") == []


def test_a_progress_bar_shows_failed_and_running_rows(capsys: pytest.CaptureFixture[str]) -> None:
    bar = progress_of([1, 2, 3])

    bar.show(2, 1, 1)
    bar.close()

    shown = capsys.readouterr().err
    assert "2/3" in shown
    assert "failed=1, running=1" in shown


def test_a_missing_tqdm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)

    with pytest.raises(ImportError, match=r"replicate-ext\[progress\]"):
        progress_of([])


def test_a_report_has_percentiles_and_the_most_frequent_errors(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "runs.db")
    times = {"created_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:02Z"}
    for number in range(1, 102):
        record = Record(f"k{number}", "o/n", "d", "{}", attempts=1)
        metrics = {"predict_time": float(number)}
        record_end(record, {"status": "succeeded", "metrics": metrics, **times}, has_files=False)
        journal.write([values_of(record)])
    journal.write([values_of(Record("f", "o/n", "d", "{}", State.FAILED, error="<bad>"))])
    journal.close()

    report = report_of(tmp_path / "runs.db")

    assert report.states == {"done": 101, "failed": 1}
    assert report.predict_time is not None
    assert (report.predict_time.p50, report.predict_time.p90) == (51, 91)
    assert report.queue_time is not None
    assert report.queue_time.max == 2
    assert json.loads(report.to_json())["errors"] == {"<bad>": 1}
    assert "&lt;bad&gt;" in report._repr_html_()


def test_an_empty_journal_has_a_report(tmp_path: Path) -> None:
    Journal(tmp_path / "runs.db").close()

    report = report_of(tmp_path / "runs.db")

    assert (report.rows, report.states, report.predict_time) == (0, {}, None)


@pytest.mark.parametrize(
    ("reference", "model"),
    [
        ("o/n", Model("o/n", None)),
        ("o/n:v", Model("o/n", "v")),
        ("a" * 64, Model(None, "a" * 64)),
        ("deployments/o/n", Model(None, None)),
        ("not a reference", Model(None, None)),
    ],
)
def test_a_reference_says_what_a_prediction_may_be_of(reference: str, model: Model) -> None:
    assert model_of(reference) == model


def test_hidden_and_missing_fields_of_a_prediction_are_unknown() -> None:
    hidden = _candidate({"id": "p", "version": "hidden", "model": "", "created_at": "soon"})

    assert hidden == ("p", None, None, None, None)
    assert _candidate({"id": "p", "input": {"a": 1}, "data_removed": True}).input is None


def test_without_a_date_the_clock_of_the_machine_is_used() -> None:
    response: Any = SimpleNamespace(headers={"Date": "Thu, 01 Jan 1970 00:00:10 GMT"})
    assert _date_of(response) == 10
    for headers in ({}, {"Date": "soon"}):
        response = SimpleNamespace(headers=headers)
        assert _date_of(response) > 1_700_000_000


@pytest.mark.parametrize(
    ("prediction", "canceling", "state"),
    [
        ({"status": "succeeded", "data_removed": True}, False, State.FAILED),
        ({"status": "failed", "error": "x"}, False, State.FAILED),
        ({"status": "canceled"}, False, State.CANCELED),
        ({"status": "canceled"}, True, State.PENDING),
        ({"status": "aborted"}, False, State.CANCELED),
        ({"status": "succeeded"}, True, State.DONE),
    ],
)
def test_the_end_of_a_prediction_decides_the_state(
    prediction: dict[str, Any], canceling: bool, state: State
) -> None:
    record = Record("k", "o/n", "d", "{}", State.RUNNING, canceling=canceling)

    record_end(record, prediction, has_files=False)

    assert record.state is state
    assert (record.error is None) == (state in (State.DONE, State.PENDING))
