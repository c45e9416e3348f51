"""Mapping a model over rows: results, options, and continuing with the journal."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.batch_api import BatchAPI, Behavior, output_of
from support.batches import Maps
from support.clients import TOKEN, Kind

from replicate_ext import AsyncReplicate, PredictionCanceled, PredictionFailed, Replicate
from replicate_ext.batch import (
    AsyncBatch,
    Batch,
    JournalInUseError,
    OutputExpiredError,
    RowUnknownError,
    State,
    TooManyErrors,
    read_journal,
)
from replicate_ext.errors import AuthenticationError, InvalidInputError, ValidationError


def numbers(count: int) -> list[dict[str, Any]]:
    return [{"n": n} for n in range(count)]


def test_each_row_has_a_result(maps: Maps) -> None:
    rows: list[dict[str, Any]] = [{"id": f"row {n}", "n": n} for n in range(30)]

    results = maps.run(rows, key="id", input=lambda row: {"n": row["n"]}, concurrency=5)

    assert sorted(result.key for result in results) == sorted(row["id"] for row in rows)
    for result in results:
        assert result.output == result.row["n"]
        assert result.prediction.status == "succeeded"
        assert (result.error, result.files, result.attempts) == (None, [], 1)


def test_the_same_map_again_costs_nothing(maps: Maps, api: BatchAPI) -> None:
    rows = [*numbers(10), {"n": 3}]
    first = maps.run(rows)
    requests = len(api.kept.requests)

    again = maps.run(rows)

    assert len(api.kept.runs) == 11
    assert len(api.kept.requests) == requests + 1  # it reads the clock
    assert {(each.key, each.output) for each in first} == {
        (each.key, each.output) for each in again
    }
    assert again[0].prediction.id in api.kept.runs
    assert again[0].prediction.metrics


def test_a_result_is_given_when_its_end_is_on_disk(maps: Maps) -> None:
    def check(result: Any) -> None:
        states = {row.key: row.state for row in read_journal(maps.journal)}
        assert states[result.key] is State.DONE

    assert len(maps.run(numbers(3), check, concurrency=1)) == 3


def test_the_id_of_a_prediction_is_on_disk_before_its_first_poll(
    maps: Maps, api: BatchAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, polled = api._act, []  # noqa: SLF001 - the server of the tests

    def check(parts: list[str]) -> tuple[int, Any]:
        known = {row.prediction_id for row in read_journal(maps.journal)}
        polled.append(parts[2] in known)
        return act(parts)

    monkeypatch.setattr(api, "_act", check)

    assert maps.run(numbers(1))[0].output == 0
    assert polled == [True]


def test_equal_rows_are_numbered(maps: Maps, api: BatchAPI) -> None:
    results = maps.run([{"n": 1}] * 3, ordered=True)

    first = results[0].key
    assert [each.key for each in results] == [first, f"{first}-2", f"{first}-3"]
    assert len(api.kept.runs) == 3


def test_two_rows_with_one_key_are_refused(maps: Maps) -> None:
    with pytest.raises(InvalidInputError, match="Two rows have the key '1'"):
        maps.run([{"n": 1}, {"n": 1}], key="n")


def test_results_can_keep_the_order_of_the_rows(maps: Maps, api: BatchAPI) -> None:
    api.behavior.seconds = 0.4

    results = maps.run(numbers(20), ordered=True, concurrency=8)

    assert [each.output for each in results] == list(range(20))


def test_no_more_than_the_concurrency_runs_at_once(maps: Maps, api: BatchAPI) -> None:
    api.behavior.answer_delay = 0.02

    maps.run(numbers(20), concurrency=3)

    assert 2 <= api.most_open <= 3


def test_rows_are_read_as_they_are_needed(maps: Maps) -> None:
    read = 0
    yielded = 0

    def rows() -> Iterator[dict[str, int]]:
        nonlocal read
        for n in range(60):
            read += 1
            yield {"n": n}

    def each(_: object) -> None:
        nonlocal yielded
        yielded += 1
        assert read - yielded <= 3 * 4

    maps.run(rows(), each, concurrency=4)

    assert yielded == read == 60


def test_rows_are_read_in_the_thread_of_the_caller(maps: Maps) -> None:
    threads = set()

    def rows() -> Iterator[dict[str, int]]:
        for n in range(5):
            threads.add(threading.current_thread())
            yield {"n": n}

    maps.run(rows())

    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_rows_may_come_from_an_async_iterator(maps: Maps) -> None:
    async def rows() -> AsyncIterator[dict[str, int]]:
        for n in range(5):
            yield {"n": n}

    assert len(maps.run(rows())) == 5  # type: ignore[arg-type] # it takes both


def test_a_failed_row_is_kept_with_its_error(maps: Maps, api: BatchAPI) -> None:
    rows = [{"n": 0}, {"n": 1, "fails": True}]

    for _ in range(2):
        _, failed = maps.run(rows, ordered=True)
        assert isinstance(failed.error, PredictionFailed)
        assert "it failed" in str(failed.error)
        assert failed.error.prediction is failed.prediction

    assert len(api.kept.runs) == 2


def test_failed_rows_run_again_on_request(maps: Maps, api: BatchAPI) -> None:
    rows = [{"n": 0}, {"n": 1, "fails": True}]
    maps.run(rows)

    _, failed = maps.run(rows, retry_failed=True, ordered=True)

    assert failed.attempts == 2
    assert api.inputs == [*rows, rows[1]]


def test_an_error_can_be_raised(maps: Maps) -> None:
    with pytest.raises(PredictionFailed):
        maps.run([{"n": 1, "fails": True}], on_error="raise")


def test_too_many_errors_end_the_map(maps: Maps, api: BatchAPI) -> None:
    rows = [{"n": n, "fails": True} for n in range(100)]

    with pytest.raises(TooManyErrors, match=r"3 rows failed; max_errors=2"):
        maps.run(rows, max_errors=2, concurrency=2)

    assert len(api.kept.runs) < 20


def test_a_refused_row_fails_alone(maps: Maps, api: BatchAPI) -> None:
    api.behavior.refusal = 422

    for _ in range(2):
        results = maps.run(numbers(3))
        assert all(each.error for each in results)
    assert isinstance(maps.run(numbers(4), concurrency=1, ordered=True)[3].error, ValidationError)
    assert {each.attempts for each in results} == {0}
    assert api.kept.creates == 4


def test_what_concerns_every_row_ends_the_map(maps: Maps, api: BatchAPI) -> None:
    api.behavior.refusal = 401
    with pytest.raises(AuthenticationError):
        maps.run(numbers(100), concurrency=2)
    assert api.kept.creates <= 4

    api.behavior.refusal = 0
    assert not any(each.error for each in maps.run(numbers(100)))
    assert len(api.kept.runs) == 100


def test_a_throttled_row_is_sent_again(maps: Maps, api: BatchAPI) -> None:
    api.behavior.throttled = 0.6

    results = maps.run(numbers(20))

    assert not any(each.error for each in results)
    assert {each.attempts for each in results} == {1}
    assert len(api.kept.runs) == 20


def test_a_prediction_that_takes_too_long_is_canceled(maps: Maps, api: BatchAPI) -> None:
    api.behavior.seconds = 10_000

    for _ in range(2):
        (result,) = maps.run(numbers(1), timeout=0.5)
        assert isinstance(result.error, PredictionCanceled)
        assert "did not end within 0.5 s" in str(result.error)

    (run,) = api.kept.runs.values()
    assert run.canceled


def test_outputs_are_saved_under_the_key_of_their_row(
    maps: Maps, api: BatchAPI, tmp_path: Path
) -> None:
    api.behavior.files = True
    folder = tmp_path / "out" / "pictures"

    for _ in range(2):
        results = maps.run(numbers(4), key="n", save_to=folder, ordered=True)

        assert [each.files for each in results] == [[folder / f"{n}.png"] for n in range(4)]
        for each in results:
            assert each.files[0].read_bytes() == output_of(f"{each.prediction.id}.png")
    assert sorted(path.name for path in folder.iterdir()) == [f"{n}.png" for n in range(4)]
    assert sum("GET /out/" in request for request in api.kept.requests) == 4


def test_a_saved_file_that_is_gone_is_saved_again(
    maps: Maps, api: BatchAPI, tmp_path: Path
) -> None:
    api.behavior.files = True
    (result,) = maps.run(numbers(1), save_to=tmp_path)
    result.files[0].unlink()

    (again,) = maps.run(numbers(1), save_to=tmp_path)

    assert again.files == result.files
    assert result.files[0].exists()
    assert len(api.kept.runs) == 1


def test_an_output_that_expired_before_it_was_saved_is_an_error(
    maps: Maps, api: BatchAPI, tmp_path: Path
) -> None:
    api.behavior = Behavior(files=True, serves=False)

    errors = []
    for _ in range(2):
        (result,) = maps.run(numbers(1), save_to=tmp_path / "out")
        errors.append(str(result.error))
    assert isinstance(result.error, OutputExpiredError)
    assert "expired before it was saved" in errors[1]

    api.behavior.serves = True
    (again,) = maps.run(numbers(1), save_to=tmp_path / "out", retry_failed=True)
    assert len(again.files) == 1


def test_a_journal_in_use_is_refused_at_once(maps: Maps) -> None:
    def second(_: object) -> None:
        with pytest.raises(JournalInUseError), Batch(maps.journal, Replicate(TOKEN, maps.url)):
            pass

    assert maps.run(numbers(1), second)


def test_one_map_runs_at_a_time(maps: Maps, tmp_path: Path, kind: Kind) -> None:
    journal = tmp_path / "other.db"
    closed: Any = (
        Batch(journal, Replicate(TOKEN, maps.url))
        if kind == "sync"
        else AsyncBatch(journal, AsyncReplicate(TOKEN, maps.url))
    )

    with pytest.raises(RuntimeError, match="is not open"):
        closed.map("o/n", [])
    assert maps.run([], use=lambda batch: batch.map("o/n", [])) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"concurrency": 0}, "concurrency must be"),
        ({"max_errors": True}, "max_errors must be"),
        ({"on_error": "ignore"}, "on_error must be"),
        ({"input": "text"}, "input must be a function"),
        ({"key": 1}, "key must be"),
        ({"timeout": 0}, "timeout must be"),
        ({"rate": "fast"}, "rate must be"),
        ({"rate": "0/s"}, "rate must be"),
    ],
)
def test_options_are_checked_when_they_are_given(
    maps: Maps, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        maps.run([], **options)


def test_rows_are_checked(maps: Maps) -> None:
    with pytest.raises(InvalidInputError, match="The input of a row must be a dict, got int"):
        maps.run([1])
    with pytest.raises(InvalidInputError, match="found no value in a row"):
        maps.run([{"n": 1}], key="id")
    with pytest.raises(InvalidInputError, match="cannot be encoded as UTF-8"):
        maps.run([{"id": "\ud800"}], key="id")


@pytest.mark.parametrize(
    "value",
    [float("nan"), "\ud800", 10**5000, {1}, Path("missing")],
    ids=["nan", "surrogate", "digits", "set", "file"],
)
def test_a_row_that_cannot_be_sent_is_an_error_and_others_go_on(
    maps: Maps, api: BatchAPI, value: Any
) -> None:
    rows = [{"n": 1}, {"n": value}, {"n": 2}]

    first, refused, last = maps.run(rows, ordered=True)
    (keyed,) = maps.run([{"id": "a", "n": value}], key="id", input=lambda row: {"n": row["n"]})

    assert (first.output, last.output) == (1, 2)
    assert isinstance(refused.error, InvalidInputError)
    assert str(refused.error).startswith("input.n")
    assert (refused.key, keyed.key) == ("row 2", "a")
    assert len(api.kept.runs) == api.kept.creates == 2


def test_a_row_that_cannot_be_sent_can_end_the_map(maps: Maps, api: BatchAPI) -> None:
    with pytest.raises(InvalidInputError, match="nan is not valid JSON"):
        maps.run([{"n": float("nan")}], on_error="raise")
    assert not api.kept.creates


def test_a_rate_spreads_the_creates(maps: Maps, api: BatchAPI) -> None:
    maps.run(numbers(5), rate="10/s")

    created = sorted(run.created for run in api.kept.runs.values())
    assert created[-1] - created[0] >= 0.25


def test_held_creates_need_no_polls(maps: Maps, api: BatchAPI) -> None:
    results = maps.run(numbers(3), hold=True)

    assert {each.output for each in results} == {0, 1, 2}
    assert sorted(api.kept.requests) == [
        "GET /v1/account",
        *["POST /v1/models/o/n/predictions"] * 3,
    ]


def test_a_row_of_which_nothing_is_known_is_an_error(maps: Maps, api: BatchAPI) -> None:
    api.behavior = Behavior(dropped_after=1.0, removed=True)

    for _ in range(2):
        (result,) = maps.run(numbers(1))
        assert isinstance(result.error, RowUnknownError)
    assert len(api.kept.runs) == 1

    api.behavior = Behavior()
    assert maps.run(numbers(1))[0].output == 0  # the list has the data again
    assert len(api.kept.runs) == 1


def test_an_unknown_row_is_created_again_on_request(maps: Maps, api: BatchAPI) -> None:
    api.behavior = Behavior(dropped_after=1.0, lists=False)
    (result,) = maps.run(numbers(1))
    assert isinstance(result.error, RowUnknownError)

    api.behavior = Behavior(removed=True)
    (again,) = maps.run(numbers(1), retry_unknown=True)

    assert again.output == 0
    assert again.attempts == len(api.kept.runs) == 2


def test_the_report_counts_rows(maps: Maps) -> None:
    reports = []
    rows = [*numbers(3), {"n": 4, "fails": True}]

    maps.run(rows, use=lambda batch: reports.append(batch.report()))

    (report,) = reports
    assert report.states == {"done": 3, "failed": 1}
    assert report.errors == {"it failed": 1}
    assert (report.rows, report.attempts) == (4, 4)
    assert "predict time" in str(report)
    assert "<td>done</td><td>3</td>" in report._repr_html_()
    assert [row.state for row in read_journal(maps.journal)].count(State.DONE) == 3
