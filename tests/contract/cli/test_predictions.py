"""`replicate-ext predictions`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from dateutil import parser
from support.commands import Cli

from replicate_ext.cli._times import read_time

UNKNOWN = "nothere00000000000000000000"


@pytest.fixture
def running(cli: Cli) -> Iterator[str]:
    """The ID of a prediction that goes on until the test ends."""
    [made] = cli.lines("run", "me/endless", "--no-wait")
    yield made["id"]
    cli("predictions", "cancel", made["id"])


@pytest.fixture
def done(cli: Cli) -> str:
    """The ID of a prediction that succeeded."""
    return str(cli.lines("run", "me/pictures")[0]["id"])


def test_list(cli: Cli, done: str) -> None:
    shown = cli.shown("predictions", "list").splitlines()
    latest = cli.lines("predictions", "list", "--limit", "1")

    assert shown[0].split() == ["ID", "Status", "Created", "Model"]
    assert shown[1].startswith(f"{done}  succeeded")
    assert [one["id"] for one in latest] == [done]


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("2 days ago", timedelta(days=2)),
        ("1 week", timedelta(weeks=1)),
        ("90m", timedelta(minutes=90)),
        ("3 Hours", timedelta(hours=3)),
        ("30sec", timedelta(seconds=30)),
    ],
)
def test_since(cli: Cli, done: str, text: str, ago: timedelta) -> None:
    assert done in cli.shown("predictions", "list", "--since", text)

    sent = cli.sandbox.requests[-1].query["created_after"]
    assert abs(datetime.now(UTC) - ago - parser.isoparse(sent)) < timedelta(seconds=20)


def test_since_a_date(cli: Cli) -> None:
    assert read_time("2026-11-03") == "2026-11-03"
    cli("predictions", "list", "--since", "2026-11-03 17:00 UTC")

    assert cli.sandbox.requests[-1].query["created_after"].startswith("2026-11-03T17:00:00")


@pytest.mark.parametrize("text", ["some day", "2 moons ago", "03/04/2026"])
def test_since_an_unknown_time_is_an_error(cli: Cli, text: str) -> None:
    result = cli("predictions", "list", "--since", text)

    assert result.exit_code == 2
    assert f"Error: --since: '{text}' is not a time" in result.stderr


@pytest.mark.parametrize("limit", ["0", "x"])
def test_a_wrong_limit_is_an_error(cli: Cli, limit: str) -> None:
    assert cli("predictions", "list", "--limit", limit).exit_code == 2


def test_get(cli: Cli, done: str) -> None:
    shown = cli.shown("predictions", "get", done)

    assert f"ID       {done}" in shown
    assert "Status   succeeded" in shown
    assert [one["id"] for one in cli.lines("predictions", "get", done)] == [done]


def test_long_values_are_shortened_for_people(cli: Cli) -> None:
    [made] = cli.lines("run", "replicate/hello-world", f"text={'x' * 9999}")

    assert len(cli.shown("predictions", "get", made["id"])) < 3000


def test_cancel(cli: Cli, running: str) -> None:
    assert "canceled" in cli.shown("predictions", "cancel", running)
    assert cli.lines("predictions", "cancel", running)[0]["status"] == "canceled"


def test_wait_prints_and_saves_the_output(cli: Cli, done: str, tmp_path: Path) -> None:
    assert "Saved pictures.png" in cli.shown("predictions", "wait", done)
    [waited] = cli.lines("predictions", "wait", done, "-o", "made")

    assert waited["files"] == ["made/pictures.png", "made/pictures-1.png"]
    assert (tmp_path / "pictures-1.png").is_file()


def test_wait_until_it_is_canceled(cli: Cli, running: str) -> None:
    def cancel() -> None:
        time.sleep(0.3)
        with cli.sandbox_client() as client:
            client.predictions.cancel(running)

    thread = threading.Thread(target=cancel)
    thread.start()
    result = cli("predictions", "wait", running, terminal=True)
    thread.join()

    assert result.exit_code == 1
    assert "was canceled" in result.stderr


def test_the_timeout_of_wait_cancels_nothing(cli: Cli, running: str) -> None:
    assert cli("predictions", "wait", running, "--timeout", "0.2").exit_code == 5
    assert cli.lines("predictions", "get", running)[0]["status"] == "processing"


def test_an_interrupt_of_wait_cancels_nothing(
    cli: Cli, running: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("replicate_ext.cli._live.Watched.update", interrupt)

    result = cli("predictions", "wait", running)

    assert result.exit_code == 130
    assert result.stderr == f"Interrupted. The prediction {running} was not canceled.\n"
    assert cli.lines("predictions", "get", running)[0]["status"] == "processing"


def test_open(cli: Cli, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    url = f"https://replicate.com/p/{done}"

    assert cli.shown("predictions", "open", done) == f"{url}\n"
    assert cli.lines("predictions", "open", done) == [{"url": url}]
    assert opened == [url, url]


@pytest.mark.parametrize("command", ["get", "cancel", "wait", "open"])
def test_an_unknown_prediction_is_exit_code_3(cli: Cli, command: str) -> None:
    result = cli("predictions", command, UNKNOWN)

    assert result.exit_code == 3
    assert "404" in result.stderr
