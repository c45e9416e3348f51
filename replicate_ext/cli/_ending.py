"""The end of a run: print and save its output, or report that it was interrupted."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from replicate_ext.cli._errors import ExitCode, UsageError
from replicate_ext.cli._output import show
from replicate_ext.cli._pictures import show_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from replicate_ext import FileOutput, Prediction, Training
    from replicate_ext.cli._output import Output
    from replicate_ext.cli._session import Session

_MOST_PICTURES = 4


@contextmanager
def leaving_on_interrupt(
    session: Session, run: Prediction | Training
) -> Generator[None, None, None]:
    """When Ctrl-C interrupts the block, print that the run was not canceled.

    Raises:
        Exit: The block was interrupted.
    """
    try:
        yield
    except KeyboardInterrupt:
        note = f"Interrupted. The {_kind(run)} {run.id} was not canceled."
        session.out.note(note, style="yellow")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def reporting_interrupts(
    session: Session, latest: Callable[[], Prediction | Training | None]
) -> Generator[None, None, None]:
    """When Ctrl-C interrupts the block, print whether that canceled the run.

    Args:
        session: The session.
        latest: Returns the run; None if it may not exist.

    Raises:
        Exit: The block was interrupted.
    """
    try:
        yield
    except KeyboardInterrupt:
        session.out.note(_interrupted(latest()), style="yellow")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _interrupted(run: Prediction | Training | None) -> str:
    from replicate_ext import ReplicateError

    if run is None:
        return (
            "Interrupted while the prediction was created. It may be running: check "
            "'replicate-ext predictions list'."
        )
    kind = _kind(run)
    try:
        status = str(run.reload().status)
    except ReplicateError:
        return f"Interrupted. Could not check whether {kind} {run.id} was canceled."
    if status in ("canceled", "aborted"):
        return f"Interrupted. Canceled {kind} {run.id}."
    if status in ("succeeded", "failed"):
        return f"Interrupted. The {kind} {run.id} had already {status}."
    return f"Interrupted. Requested to cancel {kind} {run.id}; its status is {status}."


def _kind(run: Prediction | Training) -> str:
    from replicate_ext import Training

    return "training" if isinstance(run, Training) else "prediction"


def print_prediction(
    out: Output, prediction: Prediction, name: str, directory: Path | None
) -> None:
    """Print a finished prediction, and save the files of its output.

    On a terminal, files are saved in the current directory by default, and pictures are shown. With
    JSON, files are saved only if a directory is given, and their paths are added to the JSON.
    """
    if out.is_json:
        saved = [] if directory is None else _saved(prediction.output, name, directory)
        files = {} if directory is None else {"files": [str(path) for path in saved]}
        out.json({**prediction.to_dict(), **files})
        return
    output = prediction.output
    text = _text(output)
    if text is not None:
        out.text(text)
    elif not _is_files(output) and output is not None:
        out.text(json.dumps(prediction.to_dict()["output"], indent=2, ensure_ascii=False))
    print_files(out, output, name, directory)
    print_metrics(out, prediction)


def print_raw(out: Output, prediction: Prediction) -> None:
    """Print only the output of a prediction: text, the bytes of a file, or JSON.

    Raises:
        UsageError: The output has several files.
    """
    output = prediction.output
    text = _text(output)
    if text is not None:
        out.raw(text.encode())
        return
    files = list(_files(output))
    if len(files) == 1 and _is_files(output):
        for piece in files[0]:
            out.raw(piece)
    elif files:
        raise UsageError(
            f"the output has {len(files)} files, which --raw cannot print; to save them, use: "
            f"replicate-ext predictions wait {prediction.id} --output DIR"
        )
    else:
        out.raw(f"{json.dumps(output, ensure_ascii=False)}\n".encode())


def print_files(out: Output, output: Any, name: str, directory: Path | None) -> None:
    """Save the files of an output, and print their paths; show the pictures among them."""
    from pathlib import Path

    paths = _saved(output, name, directory or Path())
    for number, path in enumerate(dict.fromkeys(paths)):
        if number < _MOST_PICTURES:
            show_picture(out.console, path)
        out.text(f"Saved {path}")


def print_metrics(out: Output, run: Prediction | Training) -> None:
    """Print the ID, the status and the metrics of a run."""
    metrics = [
        f"{name.replace('_', ' ')} {_number(name, value)}"
        for name, value in (run.metrics or {}).items()
        if isinstance(value, int | float)
    ]
    out.note(" · ".join([f"{show(run.status)}: {run.id}", *metrics]))


def _number(name: str, value: float) -> str:
    return f"{value:.2f} s" if name.endswith(("_time", "_to_first_token")) else f"{value:g}"


def _saved(output: Any, name: str, directory: Path) -> list[Path]:
    if not any(_files(output)):
        return []
    from replicate_ext import save_outputs

    # save_outputs would read a dot in the name as the start of the file extension.
    template = name.replace(".", "-").replace("{", "").replace("}", "")
    return save_outputs(output, directory, name=f"{template}{{ext}}")


def _files(output: Any) -> Iterator[FileOutput]:
    from replicate_ext import FileOutput

    if isinstance(output, FileOutput):
        yield output
    elif isinstance(output, dict | list):
        for one in output.values() if isinstance(output, dict) else output:
            yield from _files(one)


def _is_files(output: Any) -> bool:
    """Return whether an output is a file, or a list of files only."""
    from replicate_ext import FileOutput

    items = output if isinstance(output, list) else [output]
    return bool(items) and all(isinstance(one, FileOutput) for one in items)


def _text(output: Any) -> str | None:
    """Return an output that is text, joined if it has parts; None for other outputs."""
    if isinstance(output, str):
        return output
    is_parts = isinstance(output, list) and output and all(isinstance(one, str) for one in output)
    return "".join(output) if is_parts else None
