"""Rows whose create request may have succeeded, and journals that cannot be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.batch_api import BatchAPI, Behavior
from support.batches import Maps

from replicate_ext.batch import read_journal
from replicate_ext.batch._journal import Journal


@pytest.mark.parametrize("fault", ["dropped_before", "dropped_after"])
def test_a_lost_answer_is_cleared_up_within_the_map(maps: Maps, api: BatchAPI, fault: str) -> None:
    api.behavior.first = [fault]

    results = maps.run([{"n": n} for n in range(5)])

    assert sorted(each.output for each in results) == list(range(5))
    assert len(api.kept.runs) == 5


def test_a_prediction_may_be_missing_in_the_list_at_first(maps: Maps, api: BatchAPI) -> None:
    # Longer than the list lags: the time counts from the loss of the answer.
    api.behavior = Behavior(taking=0.8, first=["dropped_after"])

    (result,) = maps.run([{"n": 1}])

    assert result.output == 1
    assert len(api.kept.runs) == 1


@pytest.mark.parametrize("first", [["dropped_after", "dropped_before"], ["dropped_after", ""]])
def test_of_two_equal_rows_only_the_lost_one_is_created_again(
    maps: Maps, api: BatchAPI, first: list[str]
) -> None:
    api.behavior.first = list(first)

    results = maps.run([{"n": 1}, {"n": 1}])

    assert {each.prediction.id for each in results} == api.kept.runs.keys()
    assert len(api.kept.runs) == 2
    assert api.kept.creates == 2 + first.count("dropped_before")


def test_equal_rows_never_share_a_prediction(maps: Maps, api: BatchAPI) -> None:
    api.behavior.first = ["dropped_after", "", "dropped_before", "", "dropped_after"]
    api.behavior.answer_delay = 0.05

    results = maps.run([{"n": 1}] * 12, concurrency=4)

    assert {each.prediction.id for each in results} == api.kept.runs.keys()
    assert len(api.kept.runs) == 12


@pytest.mark.parametrize("offset", [7200, -7200])
def test_a_wrong_clock_of_this_machine_has_no_effect(
    maps: Maps, api: BatchAPI, offset: int
) -> None:
    api.behavior = Behavior(offset=offset, first=["dropped_after"])

    (result,) = maps.run([{"n": 1}], timeout=30)

    assert result.output == 1
    assert len(api.kept.runs) == 1


def test_a_file_in_the_input_is_recognized(maps: Maps, api: BatchAPI, tmp_path: Path) -> None:
    path = tmp_path / "input.bin"
    path.write_bytes(bytes(range(256)))
    rows: list[dict[str, Any]] = [{"n": 1, "file": path}, {"n": 1, "file": b"other"}]
    api.behavior.first = ["dropped_after", "dropped_after"]

    results = maps.run(rows, ordered=True)

    assert len(api.kept.runs) == 2
    for result, prefix in zip(results, ("data:application/octet-stream", "data:"), strict=True):
        sent = api.kept.runs[result.prediction.id].input["file"]
        assert sent.startswith(prefix)
        assert (len(sent) > 100) == (result.row["file"] == path)


def test_a_lost_row_does_not_adopt_a_prediction_that_is_not_on_disk_yet(
    maps: Maps, api: BatchAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("_engine", "_async_engine"):
        monkeypatch.setattr(f"replicate_ext.batch.{module}.FIRST_POLL", 2.0)
    api.behavior.first = ["dropped_after", ""]

    results = maps.run([{"n": 1}, {"n": 1}], concurrency=2)

    assert {each.prediction.id for each in results} == set(api.kept.runs)
    assert len(api.kept.runs) == 2


def test_a_full_disk_ends_the_map_and_nothing_is_lost(
    maps: Maps, api: BatchAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Journal.write
    writes = 0

    def fail_after_some(self: Journal, records: Any) -> None:
        nonlocal writes
        writes += 1
        if 10 <= writes < 13:
            self._writer.execute("PRAGMA max_page_count = 1")
            records = [(*each[:3], "x" * 50_000, *each[4:]) for each in records]
        write(self, records)

    monkeypatch.setattr(Journal, "write", fail_after_some)
    rows = [{"n": n} for n in range(60)]
    with pytest.raises(OSError, match="disk is full"):
        maps.run(rows, concurrency=4)
    monkeypatch.undo()

    results = maps.run(rows)

    assert not any(each.error for each in results)
    assert len(api.kept.runs) == api.kept.creates == 60
    assert {row.prediction_id for row in read_journal(maps.journal)} == api.kept.runs.keys()
