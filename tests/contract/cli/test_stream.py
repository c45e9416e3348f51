"""`replicate-ext stream`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import Cli

STORY = ("stream", "sandbox/storyteller", "prompt=x", "max_tokens=3", "delay=0")


def test_a_terminal_gets_the_text_and_the_metrics(cli: Cli) -> None:
    result = cli(*STORY, terminal=True)

    assert result.stdout == "Once upon a\n"
    assert "succeeded: " in result.stderr
    assert "predict time" in result.stderr


def test_a_pipe_gets_the_events(cli: Cli) -> None:
    events = cli.lines(*STORY)

    assert "".join(one["data"] for one in events if one["event"] == "output") == "Once upon a"
    assert events[-1]["event"] == "done"


def test_raw_text(cli: Cli) -> None:
    for terminal in (False, True):
        result = cli(*STORY, "--raw", terminal=terminal)
        assert (result.stdout, result.stderr) == ("Once upon a", "")


def test_raw_cannot_be_combined_with_json(cli: Cli) -> None:
    assert cli(*STORY, "--raw", "--json").exit_code == 2


def test_a_model_without_a_stream_prints_its_output(cli: Cli, tmp_path: Path) -> None:
    assert cli.shown("stream", "replicate/hello-world", "text=a") == "hello a\n"
    assert "Saved made/pictures.png" in cli.shown("stream", "me/pictures", "-o", "made")
    assert (tmp_path / "made" / "pictures-1.png").is_file()


def test_a_wrong_input_is_an_error_and_nothing_is_sent(cli: Cli) -> None:
    before = len(cli.sandbox.requests)

    result = cli("stream", "sandbox/storyteller", "promt=x")

    assert result.exit_code == 2
    assert "did you mean prompt?" in result.stderr
    assert all(one.method == "GET" for one in cli.sandbox.requests[before:])


def test_a_failed_prediction_is_exit_code_1(cli: Cli) -> None:
    assert cli("stream", "me/failing").exit_code == 1


def test_a_timeout_is_exit_code_5_and_cancels(cli: Cli) -> None:
    result = cli("stream", "me/endless-text", "--timeout", "0.5", terminal=True)

    assert result.exit_code == 5
    assert result.stdout == "begin\n"
    assert cli.lines("predictions", "list")[0]["status"] == "canceled"


def test_an_interrupt_cancels_and_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("replicate_ext.cli._streaming._print_event", interrupt)

    result = cli("stream", "me/endless-text", terminal=True)

    [latest] = cli.lines("predictions", "list", "--limit", "1")
    assert result.exit_code == 130
    assert result.stdout == "\n"
    assert result.stderr == f"Interrupted. Canceled prediction {latest['id']}.\n"
