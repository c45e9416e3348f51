"""Print a stream as it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext.cli._ending import print_files, print_metrics, reporting_interrupts

if TYPE_CHECKING:
    from pathlib import Path

    from replicate_ext import ServerSentEvent
    from replicate_ext.cli._model import FoundModel
    from replicate_ext.cli._output import Output
    from replicate_ext.cli._session import Session


def print_stream(
    session: Session,
    model: FoundModel,
    given: dict[str, Any],
    *,
    timeout: float | None,
    webhook: str | None,
    raw: bool = False,
    directory: Path | None = None,
) -> None:
    """Run a model, and print its output as it arrives. Ctrl-C cancels the prediction.

    Args:
        session: The session.
        model: The model.
        given: Its inputs.
        timeout: Seconds for the whole stream; None for no limit.
        webhook: URL that receives the prediction's events.
        raw: Print only the output, without events and notes.
        directory: Directory for the files of the output.
    """
    out = session.out
    stream = session.client.stream(model.reference, given, timeout=timeout, webhook=webhook)
    is_plain = raw or out.is_json
    with reporting_interrupts(session, lambda: stream.prediction), stream:
        try:
            for event in stream:
                _print_event(out, event, model.name, raw=raw, directory=directory)
        finally:
            if not is_plain:
                out.text("")  # ends the line of the output
    prediction = stream.prediction
    if not is_plain and prediction is not None:
        print_metrics(out, prediction if prediction.metrics else prediction.reload())


def _print_event(
    out: Output, event: ServerSentEvent, name: str, *, raw: bool, directory: Path | None
) -> None:
    is_text = isinstance(event.data, str)
    if out.is_json and not raw:
        out.json({"event": event.event, "data": str(event.data), "id": event.id})
    elif event.event != "output":
        return
    elif raw:
        out.raw(str(event).encode() if is_text else b"".join(event.data))
    elif is_text:
        out.text(str(event), end="")
    else:
        print_files(out, event.data, name, directory)
