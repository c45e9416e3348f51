"""Ray Data and Dask map rows on two workers, one of which is killed midway.

``make test-engines`` runs this, in an environment for each engine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from replicate_ext import Replicate
from replicate_ext.batch import Mapper

ROWS = int(os.environ.get("ENGINE_ROWS", "2000"))
sys.path.insert(0, str(Path(__file__).parent))
os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # workers unpickle NotedMapper
API = Path(__file__).parents[1] / "support" / "batch_api.py"


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The API as a process of its own."""
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_a_secret_of_the_tests")
    behavior = json.dumps({"seconds": 0.2, "throttled": 0.02})
    with subprocess.Popen(
        [sys.executable, API, behavior, "1"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class NotedMapper:
    """A mapper that notes the processes in which it runs."""

    def __init__(self, mapper: Mapper, pids: Path) -> None:
        self.mapper = mapper
        self.pids = pids

    def __call__(self, batch: Any) -> Any:
        (self.pids / str(os.getpid())).touch()
        return self.mapper(batch)


@pytest.fixture
def mapper(origin: str, tmp_path: Path) -> NotedMapper:
    (tmp_path / "pids").mkdir()
    made = Mapper(
        "o/n",
        journal_dir=tmp_path / "journals",
        key="id",
        workers=2,
        client=Replicate(base_url=f"{origin}/v1"),
    )
    return NotedMapper(made, tmp_path / "pids")


def kept_by(origin: str) -> Any:
    return httpx.get(f"{origin}/journal", trust_env=False).json()


def kill_midway(origin: str, mapper: NotedMapper) -> threading.Thread:
    """Kill a worker when a quarter of the rows was created."""

    def kill() -> None:
        while len(kept_by(origin)["runs"]) < ROWS / 4:
            time.sleep(0.1)  # the test has a result, or a time limit, if that never happens
        newest = max(mapper.pids.iterdir(), key=lambda path: path.stat().st_mtime)
        os.kill(int(newest.name), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def check(origin: str, mapper: NotedMapper, rows: list[dict[str, Any]]) -> None:
    kept = kept_by(origin)
    assert {row["id"] for row in rows} == set(range(ROWS))
    assert len(rows) == ROWS
    assert all(row["output"] == str(row["n"]) for row in rows)
    assert all(row["error"] is None for row in rows)
    assert len(kept["runs"]) == ROWS
    assert kept["creates"] == ROWS + kept["refused"]
    assert len(list(mapper.pids.iterdir())) >= 2


def test_ray(origin: str, mapper: NotedMapper) -> None:
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=2, include_dashboard=False)
    killer = kill_midway(origin, mapper)
    rows = [{"id": number, "n": number} for number in range(ROWS)]
    data = ray.data.from_items(rows, override_num_blocks=ROWS // 100)

    results = data.map_batches(mapper, batch_size=100, batch_format="numpy").take_all()

    killer.join()
    check(origin, mapper, results)
    ray.shutdown()


def test_dask(origin: str, mapper: NotedMapper) -> None:
    import dask
    import dask.dataframe as dd
    import pandas as pd
    from dask.distributed import Client, LocalCluster

    dask.config.set({"dataframe.convert-string": False})
    frame = pd.DataFrame({"id": range(ROWS), "n": range(ROWS)})
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        killer = kill_midway(origin, mapper)
        data = dd.from_pandas(frame, npartitions=ROWS // 100)
        meta = {"id": int, "n": int, "output": object, "files": object, "error": object}

        results = data.map_partitions(mapper, meta=meta).compute()

        killer.join()
    check(origin, mapper, results.to_dict("records"))
