"""The callable for engines that distribute batches."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import pytest
from support.batch_api import BatchAPI, output_of
from support.clients import TOKEN

from replicate_ext import Replicate
from replicate_ext.batch import Mapper
from replicate_ext.errors import InvalidInputError


@pytest.fixture
def client(api: BatchAPI, monkeypatch: pytest.MonkeyPatch) -> Replicate:
    monkeypatch.setenv("REPLICATE_API_TOKEN", TOKEN)
    return Replicate(base_url=api.url)


def mapper_of(client: Replicate, folder: Path, **options: Any) -> Mapper:
    return Mapper("o/n", journal_dir=folder / "journals", key="id", client=client, **options)


def test_a_dict_of_columns_gets_further_columns(
    client: Replicate, api: BatchAPI, tmp_path: Path
) -> None:
    batch = {"id": ["a", "b"], "n": [1, 2]}

    assert mapper_of(client, tmp_path)(batch) == {
        **batch,
        "output": ["1", "2"],
        "files": [[], []],
        "error": [None, None],
    }
    assert sorted(each["n"] for each in api.inputs) == [1, 2]
    assert all(each.keys() == {"n"} for each in api.inputs)


def test_a_list_of_rows_gets_further_fields(client: Replicate, tmp_path: Path) -> None:
    rows = [{"id": "a", "n": 1}, {"id": "b", "n": 2, "fails": True}]

    first, second = mapper_of(client, tmp_path)(rows)

    assert first == {"id": "a", "n": 1, "output": "1", "files": [], "error": None}
    assert "it failed" in second["error"]


def test_a_frame_gets_further_columns(client: Replicate, tmp_path: Path) -> None:
    class Frame:
        """Like a DataFrame of pandas, which the tests do not need otherwise."""

        def __init__(self, rows: list[dict[str, Any]]) -> None:
            self.rows = rows
            self.columns = list(rows[0])

        def to_dict(self, orient: str) -> list[dict[str, Any]]:
            assert orient == "records"
            return self.rows

        def assign(self, **columns: list[Any]) -> list[Any]:
            return columns["output"]

    assert mapper_of(client, tmp_path)(Frame([{"id": "a", "n": 1}])) == ["1"]


def test_a_repeated_batch_pays_nothing_twice(
    client: Replicate, api: BatchAPI, tmp_path: Path
) -> None:
    rows = [{"id": n, "n": n} for n in range(10)]
    mapper = mapper_of(client, tmp_path)
    results: list[Any] = []

    # Two workers at once, as when an engine takes a slow one for lost.
    threads = [threading.Thread(target=lambda: results.append(mapper(rows))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results[0] == results[1] == pickle.loads(pickle.dumps(mapper))(rows)  # noqa: S301 - ours
    assert len(api.kept.runs) == 10


def test_a_pickled_mapper_has_no_token(client: Replicate, tmp_path: Path) -> None:
    assert TOKEN.encode() not in pickle.dumps(mapper_of(client, tmp_path))


def test_files_are_saved_in_the_shared_directory(
    client: Replicate, api: BatchAPI, tmp_path: Path
) -> None:
    api.behavior.files = True

    ((row),) = mapper_of(client, tmp_path, save_to=tmp_path / "out")([{"id": "a", "n": 1}])

    assert row["files"] == [str(tmp_path / "out" / "a.png")]
    assert Path(row["files"][0]).read_bytes() == output_of("p000000.png")


def test_concurrency_and_rate_are_divided_by_the_workers(
    client: Replicate, api: BatchAPI, tmp_path: Path
) -> None:
    api.behavior.answer_delay = 0.02
    rows = [{"id": n, "n": n} for n in range(6)]

    mapper_of(client, tmp_path, workers=4, concurrency=8, rate="80/s")(rows)

    created = sorted(run.created for run in api.kept.runs.values())
    assert created[-1] - created[0] >= 0.15
    assert api.most_open <= 2


def test_what_is_no_batch_is_refused(client: Replicate, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="A batch must be"):
        mapper_of(client, tmp_path)(3)
    with pytest.raises(InvalidInputError, match="must be at least 1"):
        mapper_of(client, tmp_path, workers=0)
    assert mapper_of(client, tmp_path)([]) == []
