"""State of one process: the client, the output and the common options."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from replicate_ext import Replicate
    from replicate_ext.cli._output import Output

COLORS = ("auto", "always", "never")


class Session:
    """State that the commands of one process share."""

    def __init__(self) -> None:
        self.json = False
        self.debug = False
        self.color = COLORS[0]

    @classmethod
    def of(cls, ctx: Any) -> Session:
        """Return the session of a command's context."""
        session: Session = ctx.find_root().obj
        return session

    def set(self, name: str, value: Any) -> None:
        """Set one of the common options.

        Raises:
            BadParameter: The value is not allowed.
        """
        if name == "color" and value not in COLORS:
            raise typer.BadParameter(f"'{value}' is not one of {', '.join(COLORS)}.")
        setattr(self, name, value)

    @cached_property
    def client(self) -> Replicate:
        """The client, configured by environment variables."""
        from replicate_ext import Replicate

        return Replicate()

    @cached_property
    def out(self) -> Output:
        """The output: for people on a terminal, otherwise JSON."""
        from replicate_ext.cli._output import Output

        return Output(is_json=self.json, color=self.color)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before something is deleted.

        Args:
            question: The question.
            yes: Whether ``--yes`` was given, so that no question is asked.

        Raises:
            Abort: The answer is no.
            UsageError: Standard input is not a terminal, so nobody can answer.
        """
        from replicate_ext.cli._errors import UsageError
        from replicate_ext.cli._output import is_terminal

        if yes:
            return
        if not is_terminal(sys.stdin):
            raise UsageError("cannot ask for confirmation without a terminal; use --yes")
        typer.confirm(question, abort=True, err=True)

    def close(self) -> None:
        """Close the client, if there is one."""
        if "client" in self.__dict__:
            self.client.close()
