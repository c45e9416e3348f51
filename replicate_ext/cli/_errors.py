"""Exit codes, and error messages of one line."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from replicate_ext.cli._output import has_color, plain

if TYPE_CHECKING:
    from replicate_ext.cli._session import Session

_MISSING = (
    "No API token is set. Set the environment variable REPLICATE_API_TOKEN; create a token at "
    "https://replicate.com/account/api-tokens"
)


class ExitCode(IntEnum):
    """Exit codes of the command."""

    SUCCEEDED = 0
    FAILED = 1
    USAGE = 2
    API = 3
    AUTHENTICATION = 4
    TIMEOUT = 5
    INTERRUPTED = 130


class UsageError(typer.TyperException):
    """The arguments of the command are invalid, or cannot be carried out; nothing was sent."""

    exit_code = ExitCode.USAGE


def exit_code(error: Exception) -> int:
    """Return the exit code for an error."""
    if isinstance(error, typer.TyperException):
        return error.exit_code
    from replicate_ext import errors

    for code, classes in (
        (ExitCode.TIMEOUT, errors.PredictionTimeout | errors.APITimeoutError),
        (ExitCode.USAGE, errors.InvalidInputError | errors.InvalidReferenceError),
        (
            ExitCode.AUTHENTICATION,
            errors.MissingTokenError | errors.InvalidTokenError | errors.AuthenticationError,
        ),
        (ExitCode.API, errors.APIError | errors.StreamError | errors.PaginationError),
    ):
        if isinstance(error, classes):
            return code
    return ExitCode.FAILED


def report(error: Exception, session: Session) -> None:
    """Print an error in one line, and its traceback with ``--debug``."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return  # typer has printed the help
    if session.debug:
        import traceback

        sys.stderr.write(_without_token("".join(traceback.format_exception(error))))
    begin = typer.style("Error:", fg="red", bold=True)
    begin = begin if has_color(sys.stderr, session.color) else "Error:"
    sys.stderr.write(f"{begin} {_without_token(_message(error))}\n")


def _message(error: Exception) -> str:
    from replicate_ext.errors import MissingTokenError, ReplicateError

    if isinstance(error, typer.TyperException):
        text = f"{error.format_message()}{_advice(error)}"
    elif isinstance(error, typer.Abort):
        text = "stopped; nothing was changed"
    elif isinstance(error, MissingTokenError):
        text = _MISSING
    elif isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    elif isinstance(error, ReplicateError | OSError | ImportError):
        text = str(error) or type(error).__name__
    else:
        text = f"unexpected {type(error).__name__}: {error}. Run the command with --debug"
    return _one_line(text)


def _advice(error: typer.TyperException) -> str:
    """Return a hint to read the help of the command; empty for errors of this package."""
    context = getattr(error, "ctx", None)
    if context is None:
        return ""
    end = "" if error.format_message().endswith((".", "?")) else "."
    return f"{end} See '{context.command_path} --help'."


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return plain("; ".join(lines))


def _without_token(text: str) -> str:
    token = os.environ.get("REPLICATE_API_TOKEN", "").strip()
    return text.replace(token, "[token]") if token else text
