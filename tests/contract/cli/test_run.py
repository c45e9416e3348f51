"""`replicate-ext run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.commands import Cli

from replicate_ext import Replicate
from replicate_ext.cli import _streaming
from replicate_ext.cli._live import Watched

HELLO = ("run", "replicate/hello-world", "text=Ada")


def created(cli: Cli, since: int) -> list[str]:
    """Return the requests that created predictions."""
    return [
        one.path
        for one in cli.sandbox.requests[since:]
        if one.method == "POST" and "/predictions" in one.path
    ]


class TestOutput:
    def test_a_terminal_gets_the_text_and_the_metrics(self, cli: Cli) -> None:
        result = cli(*HELLO, terminal=True)

        assert result.stdout == "hello Ada\n"
        assert "succeeded: " in result.stderr
        assert "predict time 0.0" in result.stderr

    def test_a_pipe_gets_the_prediction(self, cli: Cli) -> None:
        [prediction] = cli.lines(*HELLO)

        assert prediction["output"] == "hello Ada"
        assert prediction["status"] == "succeeded"

    def test_text_cannot_change_the_terminal(self, cli: Cli) -> None:
        shown = cli.shown("run", "replicate/hello-world", "text=a\x1b[2J\r\nb")

        assert shown == "hello a\N{REPLACEMENT CHARACTER}[2J\nb\n"

    def test_raw_text(self, cli: Cli) -> None:
        assert cli(*HELLO, "--raw").stdout_bytes == b"hello Ada"

    def test_text_that_streams(self, cli: Cli) -> None:
        arguments = ("run", "sandbox/storyteller", "prompt=x", "max_tokens=3")

        assert cli.shown(*arguments) == "Once upon a\n"
        assert cli(*arguments, "--raw").stdout == "Once upon a"
        assert cli.lines(*arguments)[0]["output"] == ["Once", " upon", " a"]

    def test_other_values_are_json(self, cli: Cli) -> None:
        assert '"number": 2.5' in cli.shown("run", "me/typed", "number=2.5")
        assert json.loads(cli("run", "me/typed", "--raw").stdout)["number"] == 0.5

    def test_files_are_saved_in_the_current_directory(self, cli: Cli, tmp_path: Path) -> None:
        first, again = cli.shown("run", "me/pictures"), cli.shown("run", "me/pictures", "count=1")

        assert "Saved pictures.png" in first
        assert "Saved pictures-1.png" in first
        assert "Saved pictures-2.png" in again
        assert sorted(one.name for one in tmp_path.iterdir()) == [
            "pictures-1.png",
            "pictures-2.png",
            "pictures.png",
        ]

    def test_files_are_saved_in_another_directory(self, cli: Cli, tmp_path: Path) -> None:
        assert "Saved made/pictures.png" in cli.shown("run", "me/pictures", "-o", "made")
        [prediction] = cli.lines("run", "me/pictures", "--output", "more")

        assert prediction["files"] == ["more/pictures.png", "more/pictures-1.png"]
        assert all((tmp_path / name).is_file() for name in prediction["files"])

    def test_in_a_pipe_files_are_not_saved(self, cli: Cli, tmp_path: Path) -> None:
        [prediction] = cli.lines("run", "me/pictures")

        assert prediction["output"][0].startswith("http")
        assert "files" not in prediction
        assert list(tmp_path.iterdir()) == []

    # textual-image uses a method that Pillow removes in 2027.
    @pytest.mark.filterwarnings("ignore:.*getdata is deprecated:DeprecationWarning")
    def test_pictures_are_shown_where_there_is_color(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "▀" not in cli.shown("run", "me/pictures")
        monkeypatch.setenv("NO_COLOR", "")
        monkeypatch.setenv("COLORTERM", "truecolor")
        from textual_image import renderable

        monkeypatch.setattr(renderable, "Image", renderable.HalfcellImage)

        assert "▀" in cli.shown("run", "me/pictures", "-o", "new")

    def test_raw_bytes_of_a_file(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "made.png").write_bytes(
            cli("run", "me/pictures", "count=1", "--raw").stdout_bytes
        )

        with Image.open(tmp_path / "made.png") as picture:
            assert picture.size == (16, 8)

    def test_raw_bytes_of_several_files_are_refused(self, cli: Cli) -> None:
        result = cli("run", "me/pictures", "--raw")

        assert result.exit_code == 2
        assert "the output has 2 files, which --raw cannot print; to save them" in result.stderr

    def test_a_directory_that_cannot_be_written_is_an_error(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        assert cli("run", "me/pictures", "-o", "file").exit_code == 2
        result = cli("run", "me/pictures", "-o", "file/below")
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1


class TestInputs:
    def given(self, cli: Cli, *inputs: str | Path, stdin: bytes | None = None) -> Any:
        [prediction] = cli.lines("run", "me/typed", *inputs, stdin=stdin)
        return prediction["input"]

    def test_values_get_the_types_of_the_schema(self, cli: Cli) -> None:
        assert self.given(
            cli, "text=7", "number=0.25", "count=3", "flag=yes", "size=large", "words=one"
        ) == {
            "text": "7",
            "number": 0.25,
            "count": 3,
            "flag": True,
            "size": "large",
            "words": ["one"],
        }

    def test_lists(self, cli: Cli) -> None:
        assert self.given(cli, "numbers=1", "numbers=2")["numbers"] == [1, 2]
        assert self.given(cli, "numbers=[3, 4]")["numbers"] == [3, 4]
        assert self.given(cli, 'words:=["a", "b"]')["words"] == ["a", "b"]

    def test_text_may_have_anything(self, cli: Cli) -> None:
        assert self.given(cli, "text=a=b:=c @d\n[e]")["text"] == "a=b:=c @d\n[e]"
        assert self.given(cli, "text=")["text"] == ""
        assert self.given(cli, 'text:="@ada"')["text"] == "@ada"

    def test_text_from_files_and_standard_input(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "text.txt").write_text("naïve\n", "utf-8")

        assert self.given(cli, "text=@text.txt")["text"] == "naïve\n"
        assert self.given(cli, "text=@-", stdin="ö".encode())["text"] == "ö"

    def test_files(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "a.bin").write_bytes(b"12345")
        arguments = ("run", "me/lengths", "file=@a.bin", "files=@a.bin", "files=@-")

        [prediction] = cli.lines(*arguments, stdin=b"\xff\xfe")

        assert prediction["output"] == [5, 5, 2]

    @pytest.mark.parametrize(
        ("argument", "message"),
        [
            ("txt=7", "txt: the model has no such input; did you mean text?"),
            ("count=10", "count: 10 is above the maximum of 9"),
            ("count=two", "count: 'two' is not an integer"),
            ("size=huge", "size: 'huge' is not one of 'small', 'large'"),
            ("number:={", "number: invalid JSON"),
            ("numbers=[1", "numbers: invalid JSON"),
            ("text", "invalid argument 'text': expected name=text, name=@file or name:=json"),
            ("text=@no.txt", "text: no file 'no.txt'"),
            ("text=@bytes.bin", "text: 'bytes.bin' is not UTF-8 text"),
        ],
    )
    def test_an_input_that_the_model_would_refuse_is_an_error_and_nothing_is_sent(
        self, cli: Cli, tmp_path: Path, argument: str, message: str
    ) -> None:
        (tmp_path / "bytes.bin").write_bytes(b"\xff")
        before = len(cli.sandbox.requests)

        result = cli("run", "me/typed", argument)

        assert result.exit_code == 2
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert created(cli, before) == []

    def test_a_name_that_is_no_list_is_given_once(self, cli: Cli) -> None:
        result = cli("run", "me/typed", "text=a", "text=b")

        assert result.exit_code == 2
        assert "text takes one value, got 2" in result.stderr

    def test_a_missing_input_is_an_error(self, cli: Cli) -> None:
        result = cli("run", "replicate/hello-world")

        assert result.exit_code == 2
        assert "Error: input text is missing" in result.stderr


class TestReferences:
    def test_a_community_model_runs_in_its_latest_version(self, cli: Cli) -> None:
        assert cli.shown("run", "me/community", "text=well") == "ran well\n"

    def test_a_version(self, cli: Cli) -> None:
        [version] = cli.lines("models", "versions", "me/community")

        assert cli.shown("run", f"me/community:{version['id']}", "text=1") == "ran 1\n"
        # Its schema is not known.
        assert cli.shown("run", version["id"], "text=1") == "ran 1\n"

    def test_a_deployment(self, cli: Cli) -> None:
        [version] = cli.lines("models", "versions", "me/community")
        cli("deployments", "create", "run-it", f"me/community:{version['id']}", "--hardware", "cpu")

        assert cli.shown("run", "deployments/sandbox/run-it", "text=1") == "ran 1\n"
        assert cli("run", "deployments/sandbox/run-it", "txt=1").exit_code == 2


class TestEndings:
    def test_a_failed_prediction_is_exit_code_1(self, cli: Cli) -> None:
        result = cli("run", "me/failing")

        assert result.exit_code == 1
        assert "failed: no luck\N{REPLACEMENT CHARACTER}[31m" in result.stderr
        assert "\x1b" not in result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize("model", ["me/endless", "me/endless-text"])
    def test_a_timeout_is_exit_code_5_and_cancels(self, cli: Cli, model: str) -> None:
        for terminal in (False, True):
            assert cli("run", model, "--timeout", "0.3", terminal=terminal).exit_code == 5

            assert cli.lines("predictions", "list")[0]["status"] == "canceled"

    @pytest.mark.parametrize("model", ["me/endless", "me/endless-text"])
    def test_an_interrupt_cancels_and_says_so(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch, model: str
    ) -> None:
        keep = Watched.update

        def interrupt(*arguments: Any, **_: Any) -> None:
            if isinstance(arguments[0], Watched):
                keep(*arguments)
            raise KeyboardInterrupt

        monkeypatch.setattr(Watched, "update", interrupt)
        monkeypatch.setattr(_streaming, "_print_event", interrupt)

        result = cli("run", model, terminal=True)

        [latest] = cli.lines("predictions", "list", "--limit", "1")
        assert latest["status"] == "canceled"
        assert result.exit_code == 130
        assert f"Interrupted. Canceled prediction {latest['id']}." in result.stderr

    def test_an_interrupt_while_the_prediction_is_created(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("replicate_ext._resources.predictions.Predictions.run", interrupt)

        result = cli(*HELLO)

        assert result.exit_code == 130
        start = "Interrupted while the prediction was created. It may be running"
        assert result.stderr.startswith(start)

    def test_no_wait(self, cli: Cli) -> None:
        shown = cli.shown("run", "me/endless", "--no-wait")
        [prediction] = cli.lines("run", "me/endless", "--no-wait")

        assert "Status  starting" in shown
        assert prediction["status"] in ("starting", "processing")
        cli("predictions", "cancel", prediction["id"])

    def test_a_webhook_is_passed_on(self, cli: Cli) -> None:
        url = "https://example.com/hook"
        cli("run", "me/endless", "--webhook", url, "--timeout", "0.2")

        [create] = [one for one in cli.sandbox.requests if b"example.com" in one.body]
        assert json.loads(create.body)["webhook"] == url

    @pytest.mark.parametrize("option", ["--json", "--no-wait"])
    def test_raw_cannot_be_combined(self, cli: Cli, option: str) -> None:
        result = cli(*HELLO, "--raw", option)

        assert result.exit_code == 2
        assert "--raw cannot be combined" in result.stderr


def test_the_client_is_closed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Replicate] = []
    close = Replicate.close

    def noted(client: Replicate) -> None:
        closed.append(client)
        close(client)

    monkeypatch.setattr(Replicate, "close", noted)

    cli(*HELLO)
    cli("run", "me/failing")

    assert len(closed) == 2
