"""``replicate-ext batch``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._errors import ExitCode
from replicate_ext.cli._model import find_model
from replicate_ext.cli._options import Inputs, Reference
from replicate_ext.cli._rows import Row, read_rows, write_rows
from replicate_ext.cli._session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replicate_ext.batch import Batch, Record, Result, Results

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)

Journal = Annotated[
    Path,
    typer.Argument(
        metavar="JOURNAL", help="Journal of the batch.", dir_okay=False, show_default=False
    ),
]


@app.command(cls=Command, epilog=examples("batch run black-forest-labs/flux-schnell a.csv -o out"))
def run(
    ctx: typer.Context,
    reference: Reference,
    rows: Annotated[
        Path,
        typer.Argument(
            metavar="ROWS",
            help="File with the inputs of each row: .csv with names in its first line, or .jsonl.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    inputs: Inputs = None,
    *,
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Journal file that records each row. Default: ROWS with the extension .db.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Column that identifies a row. Default: the input identifies it.",
            show_default=False,
        ),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Directory for the files of the outputs. Default: files are not saved.",
            file_okay=False,
            show_default=False,
        ),
    ] = None,
    concurrency: Annotated[
        int,
        typer.Option(
            metavar="NUMBER", help="Maximum number of predictions at the same time.", min=1
        ),
    ] = 50,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Also run rows that failed earlier.")
    ] = False,
) -> None:
    """Run a model for each row of a file.

    A journal on disk records each row. After Ctrl-C or a crash, run the same command again:
    finished rows are not run or charged again, and running predictions are waited for.

    NAME=VALUE sets an input of all rows, unless a row has its own value. In a pipe, each finished
    row is one line of JSON: key, state, output, files and error.
    """
    from replicate_ext.batch import Batch

    session = Session.of(ctx)
    model = find_model(session.client, reference)
    found = read_rows(rows, key, inputs or (), model.schema.inputs)
    with Batch(journal or rows.with_suffix(".db"), session.client) as batch:
        results = batch.map(
            model.reference,
            found,
            key=None if key is None else _key,
            input=_input,
            concurrency=concurrency,
            save_to=directory,
            retry_failed=retry_failed,
        )
        failed = _print_results(session, batch, results, len(found))
    if failed:
        raise typer.Exit(ExitCode.FAILED)


@app.command(cls=Command, epilog=examples("batch status rows.db"))
def status(ctx: typer.Context, journal: Journal) -> None:
    """Show the counts, times and errors of a batch, which may be running."""
    from replicate_ext.batch import report_of

    session = Session.of(ctx)
    report = report_of(journal)
    if session.out.is_json:
        session.out.json(report.to_dict())
    else:
        session.out.text(str(report))


@app.command(cls=Command, epilog=examples("batch export rows.db results.csv"))
def export(
    ctx: typer.Context,
    journal: Journal,
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="File to write: .csv or .jsonl. Default: standard output, as JSON lines.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the results of a batch: key, state, prediction, output, files and error."""
    from replicate_ext.batch import read_journal

    session = Session.of(ctx)
    exported = map(_of_record, read_journal(journal))
    if target is None:
        for row in exported:
            session.out.json(row)
    else:
        count = write_rows(target, exported)
        session.out.done(f"Wrote {count} rows to {target}", {"rows": count, "file": str(target)})


def _print_results(session: Session, batch: "Batch", results: "Results", total: int) -> int:
    """Print the results as they complete, and return the number of rows that failed."""
    failed = 0
    try:
        for number, result in enumerate(_watched(session, results, total), start=1):
            failed += result.error is not None
            if session.out.is_json:
                session.out.json(_of_result(result))
            elif result.error is not None:
                session.out.note(f"Row {number}, {result.key}: {result.error}", style="red")
    except KeyboardInterrupt:
        session.out.note(
            "Interrupted. Predictions that were created keep running; run the same command again "
            "to get their results.",
            style="yellow",
        )
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if not session.out.is_json:
        session.out.text(str(batch.report()))
    return failed


def _watched(session: Session, results: "Results", total: int) -> "Iterator[Result]":
    """Yield the results, with a progress bar if standard error is a terminal."""
    if not session.out.has_live_notes:
        yield from results
        return
    from rich.progress import BarColumn as Bar
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (Bar(), MofNCompleteColumn(), TextColumn("{task.fields[failed]} failed"))
    with Progress(
        *columns, TimeRemainingColumn(), console=session.out.notes, transient=True
    ) as progress:
        task, failed = progress.add_task("", total=total, failed=0), 0
        for result in results:
            failed += result.error is not None
            progress.update(task, advance=1, failed=failed)
            yield result


def _key(row: Row) -> object:
    return row.key


def _input(row: Row) -> dict[str, Any]:
    return row.input


def _of_result(result: "Result") -> dict[str, Any]:
    prediction = result.prediction
    source = {} if prediction is None else prediction.to_dict()
    return {
        "key": result.key,
        "state": str(source.get("status") or "failed") if result.error else "done",
        "prediction": source.get("id"),
        "output": source.get("output"),
        "files": [str(path) for path in result.files],
        "error": None if result.error is None else str(result.error),
    }


def _of_record(record: "Record") -> dict[str, Any]:
    return {
        "key": record.key,
        "state": str(record.state),
        "prediction": record.prediction_id,
        "output": (record.prediction or {}).get("output"),
        "files": [file.path for file in record.files],
        "error": record.error,
    }
