"""The root command: common options, errors and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Cli

import replicate_ext
from replicate_ext.cli import _errors
from replicate_ext.cli.app import COMMANDS
from replicate_ext.sandbox import Fault

ACCOUNT = "GET /v1/account"


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").stdout == f"replicate-ext {replicate_ext.__version__}\n"


def test_without_arguments_help_is_printed(cli: Cli) -> None:
    result = cli()

    assert "Usage: replicate-ext" in result.output
    assert result.exit_code == 2
    assert "Error" not in result.output


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_begins_its_own_help(cli: Cli, name: str) -> None:
    for option in ("--help", "-h"):
        result = cli(name, option)
        assert result.exit_code == 0
        assert COMMANDS[name] in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("accuont",), "No such command 'accuont'. Did you mean 'account'?"),
        (("predictions", "lst"), "No such command 'lst'. Did you mean 'list'?"),
        (("account", "--jsn"), "No such option: --jsn"),
        (("account", "--color", "blue"), "'blue' is not one of auto, always, never."),
        (("account", "--color"), "Option '--color' requires an argument."),
        (("models", "show"), "Missing argument 'MODEL'."),
        (("models", "show", "flux"), "Error: 'flux' does not have the form owner/name"),
        (("run", "flux"), "invalid model reference 'flux'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    cli: Cli, arguments: tuple[str, ...], message: str
) -> None:
    result = cli(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert message in line


def test_no_token_is_exit_code_4(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN")

    result = cli("account")

    assert result.exit_code == 4
    assert result.stderr.startswith("Error: No API token is set. Set the environment variable")


def test_a_wrong_token_is_exit_code_4(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_wrong")

    assert cli("account").exit_code == 4


def test_a_malformed_token_is_exit_code_4_and_not_shown(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", "'r8_quoted'")

    result = cli("--debug", "account")

    assert result.exit_code == 4
    assert "r8_quoted" not in result.output


def test_an_error_of_the_api_is_one_line_and_exit_code_3(cli: Cli) -> None:
    result = cli("models", "show", "not/there")

    assert result.exit_code == 3
    [line] = result.stderr.splitlines()
    assert "GET /v1/models/not/there: 404 Not Found" in line


def test_a_request_that_fails_is_exit_code_3(cli: Cli) -> None:
    cli.sandbox.faults.add(Fault.drop(taken=True), on="POST **/predictions")

    result = cli("run", "replicate/hello-world", "text=Ada")

    cli.sandbox.faults.clear()
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 1
    assert "may have succeeded" in result.stderr


def test_debug_prints_the_traceback_without_the_token(cli: Cli) -> None:
    token = os.environ["REPLICATE_API_TOKEN"]
    cli.sandbox.faults.add(Fault.error(400), on=ACCOUNT)

    result = cli("account", "--debug")

    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: GET /v1/account: 400")
    assert token not in result.output


def test_the_token_is_replaced_in_any_message(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    token = os.environ["REPLICATE_API_TOKEN"]

    def fail(_: object) -> None:
        raise RuntimeError(f"bad {token}\x1b[2J")

    monkeypatch.setattr("replicate_ext.cli._session.Session.client", property(fail))

    result = cli("account", "--debug")

    assert result.exit_code == _errors.ExitCode.FAILED
    assert token not in result.output
    assert "\x1b" not in result.stderr.splitlines()[-1]
    assert "unexpected RuntimeError: bad [token]" in result.stderr


def test_json_on_a_terminal(cli: Cli) -> None:
    for arguments in (("--json", "account"), ("account", "--json")):
        result = cli(*arguments, terminal=True)
        assert result.stdout == '{"type": "user", "username": "sandbox", "name": "Sandbox"}\n'


@pytest.mark.parametrize(
    ("options", "environment", "terminal", "has_color"),
    [
        ((), {}, True, True),
        ((), {}, False, False),
        ((), {"NO_COLOR": "1"}, True, False),
        ((), {"TERM": "dumb"}, True, False),
        (("--color", "never"), {}, True, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True, True),
        (("--color", "always"), {}, False, True),
    ],
)
@pytest.mark.parametrize("arguments", [("account",), ("models", "show", "flux")])
def test_colors(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    environment: dict[str, str],
    terminal: bool,
    has_color: bool,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.delenv("NO_COLOR")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    result = cli(*options, *arguments, terminal=terminal)

    assert ("\x1b[" in result.output) is has_color


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("models", "--help"),
        ("run",),
        ("run", "--wrong"),
        ("wrong",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("where", ["before", "after", "joined"])
def test_colors_of_help_and_of_wrong_arguments(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], where: str
) -> None:
    monkeypatch.delenv("NO_COLOR")

    def output(color: str) -> str:
        option = (f"--color={color}",) if where == "joined" else ("--color", color)
        given = (*option, *arguments) if where == "before" else (*arguments, *option)
        result = cli(*given, terminal=color == "never")
        return result.output

    assert "\x1b[" in output("always")
    assert "\x1b[" not in output("never")


@pytest.mark.usefixtures("cli")
class TestProcess:
    """The command in its own process."""

    @pytest.mark.parametrize(
        "command",
        [
            [sys.executable, "-m", "replicate_ext"],
            [str(Path(sys.executable).with_name("replicate-ext"))],
        ],
    )
    def test_runs(self, command: list[str]) -> None:
        done = subprocess.run([*command, "account"], capture_output=True, text=True, check=True)

        assert '"username": "sandbox"' in done.stdout
        assert done.stderr == ""

    @pytest.mark.skipif(os.name != "posix", reason="runs a POSIX shell")
    def test_a_reader_that_closes_the_pipe_is_no_error(self) -> None:
        command = f"{sys.executable} -m replicate_ext hardware | head -c 1"
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, check=True
        )

        assert done.stdout == "{"
        assert "Error" not in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_missing_dependency_names_the_extra(self) -> None:
        code = "import sys; sys.modules['typer'] = None; from replicate_ext.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

        assert done.returncode == 1
        assert done.stderr == ("The command line needs typer: pip install 'replicate-ext[cli]'\n")

    def test_the_client_does_not_import_it(self) -> None:
        code = (
            "import sys, replicate_ext; replicate_ext.Replicate(); "
            "print(*[name for name in sys.modules if 'cli' in name.split('.') or name == 'typer'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        assert done.stdout.strip() == ""
