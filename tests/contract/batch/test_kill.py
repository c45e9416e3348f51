"""A batch process is killed at random moments and started again: nothing is paid twice.

``make test-kill`` sets KILL_ROWS and KILL_TIMES to larger numbers.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import batch_api, batch_process
from support.batch_api import Behavior, output_of
from support.clients import TOKEN
from support.sandboxes import NO_TLS

from replicate_ext import Replicate
from replicate_ext.batch import Batch, JournalInUseError, State, read_journal

ROWS = int(os.environ.get("KILL_ROWS", "100"))
TIMES = int(os.environ.get("KILL_TIMES", "6"))
SEED = int(os.environ.get("KILL_SEED", "1"))

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
    pytest.mark.timeout(60 + 5 * TIMES + ROWS),
]

UNRELIABLE = Behavior(
    throttled=0.05,
    failing=0.02,
    dropped_before=0.02,
    dropped_after=0.02,
    failed_models=0.01,
    seconds=1.0,
    answer_delay=0.03,
    files=True,
)


@contextmanager
def api_process(behavior: Behavior) -> Iterator[str]:
    """The API as a process of its own, which outlives the batch."""
    command = [sys.executable, batch_api.__file__, json.dumps(asdict(behavior)), str(SEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def mapping(options: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """A process that maps the rows, from the moment at which it has the journal."""
    command = [sys.executable, batch_process.__file__, json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process


def kept_by(origin: str) -> Any:
    """Return what the API remembers."""
    return httpx.get(f"{origin}/journal", trust_env=False, verify=NO_TLS).json()


BOTH = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])


@BOTH
def test_nothing_is_paid_twice(tmp_path: Path, is_async: bool) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a failure is to be repeatable
    with api_process(UNRELIABLE) as origin:
        options = {
            "url": f"{origin}/v1",
            "journal": str(tmp_path / "runs.db"),
            "save_to": str(tmp_path / "out"),
            "rows": ROWS,
            "is_async": is_async,
        }
        kills = 0
        for _ in range(TIMES):
            with mapping(options) as process:
                time.sleep(chance.uniform(0.02, 1.6))
                kills += process.poll() is None
                process.send_signal(signal.SIGKILL)
        with mapping(options) as process:
            assert process.wait() == 0
        kept = kept_by(origin)

    check(kept, tmp_path)
    assert kills >= TIMES / 2


@BOTH
def test_a_create_that_is_cut_off_by_a_kill_is_found(tmp_path: Path, is_async: bool) -> None:
    with api_process(Behavior(answer_delay=1.5)) as origin:
        options = {
            "url": f"{origin}/v1",
            "journal": str(tmp_path / "runs.db"),
            "save_to": None,
            "rows": 10,
            "is_async": is_async,
        }
        with mapping(options) as process:
            while len(kept_by(origin)["runs"]) < 9:  # two of the ten rows are equal
                time.sleep(0.02)
            process.kill()
        assert {record.state for record in read_journal(tmp_path / "runs.db")} == {State.CREATING}
        with mapping(options) as process:
            assert process.wait() == 0
        kept = kept_by(origin)

    assert len(kept["runs"]) == kept["creates"] == 10
    records = list(read_journal(tmp_path / "runs.db"))
    assert {record.state for record in records} == {State.DONE}
    assert {record.prediction_id for record in records} == kept["runs"].keys()


@BOTH
def test_ctrl_c_leaves_predictions_to_the_next_map(tmp_path: Path, is_async: bool) -> None:
    with api_process(Behavior(seconds=3.0)) as origin:
        options = {
            "url": f"{origin}/v1",
            "journal": str(tmp_path / "runs.db"),
            "save_to": None,
            "rows": 20,
            "is_async": is_async,
        }
        with mapping(options) as process:
            while len(kept_by(origin)["runs"]) < 9:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=8) != 0
        created = len(kept_by(origin)["runs"])
        assert created < 20
        with mapping(options) as process:
            assert process.wait() == 0
        kept = kept_by(origin)

    assert len(kept["runs"]) == kept["creates"] == 20
    assert not any(run["canceled"] for run in kept["runs"].values())


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with api_process(Behavior(seconds=10.0)) as origin:
        options: dict[str, Any] = {
            "url": f"{origin}/v1",
            "journal": str(tmp_path / "runs.db"),
            "save_to": None,
            "rows": 5,
            "is_async": False,
        }
        with mapping(options) as process:
            second = Batch(tmp_path / "runs.db", Replicate(TOKEN, options["url"]))
            with pytest.raises(JournalInUseError), second:
                pass
            process.kill()
        with second:  # the lock has ended with the process
            pass


def check(kept: dict[str, Any], folder: Path) -> None:
    """Compare the journal of the batch with that of the API."""
    records = list(read_journal(folder / "runs.db"))
    runs = kept["runs"]
    inputs = {row["id"]: row["input"] for row in batch_process.rows(ROWS)}

    assert {record.key for record in records} == inputs.keys()
    assert {record.state for record in records} <= {State.DONE, State.FAILED}
    # Each prediction belongs to one row, and none was forgotten.
    assert Counter(record.prediction_id for record in records) == Counter(runs.keys())
    assert len(runs) == ROWS
    assert kept["creates"] == ROWS + kept["refused"]
    for record in records:
        assert record.prediction_id is not None
        run = runs[record.prediction_id]
        assert run["input"] == inputs[record.key]
        assert (record.state is State.FAILED) == run["fails"]
        if record.state is State.DONE:
            (file,) = record.files
            assert Path(file.path).read_bytes() == output_of(f"{record.prediction_id}.png")
    saved = {path.name for path in (folder / "out").glob("*.png")}
    assert saved == {f"{record.key}.png" for record in records if record.state is State.DONE}
