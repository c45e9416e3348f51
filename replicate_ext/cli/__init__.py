"""The command ``replicate-ext``: run models from a terminal. It needs the extra ``cli``."""

__all__ = ["main"]

_EXTRA = ("rich", "shellingham", "typer")


def main() -> None:
    """Run the command with the arguments of the process."""
    try:
        from replicate_ext.cli.app import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise SystemExit(
            f"The command line needs {error.name}: pip install 'replicate-ext[cli]'"
        ) from None
    app(prog_name="replicate-ext")
