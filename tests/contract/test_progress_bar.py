"""Progress bars of runs, downloads and uploads, for every kind of client."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tqdm.auto
from replicate_api.models import Prediction, Training
from support.clients import Kind, Script, answer, created, looked, make_client
from support.clock import VirtualClock
from support.files import Hosted, output_of, save_all
from support.server import Api, serving

from replicate_ext import APIError, FileOutput, NotFoundError, PredictionFailed, progress_bar
from replicate_ext._runs.progress_bar import ProgressBar

UPLOADED = answer(201, {"id": "f1", "urls": {"get": "https://a.b/c"}})
CONTENT = bytes(range(256)) * 10_000


def logs(done: int, total: int = 4) -> str:
    return f"Using seed: 42\r{done * 100 // total}%|██   | {done}/{total} [00:01<00:01]"


class Bars:
    """Creates bars that draw each update to a text, and keeps them."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.made: list[Any] = []
        self.closed = 0

    def __call__(self, **options: Any) -> Any:
        bar: Any = tqdm.auto.tqdm(
            file=self.text, mininterval=0, miniters=0, ncols=80, ascii=True, **options
        )
        close = bar.close

        def counted() -> None:
            self.closed += 1
            close()

        bar.close = counted
        self.made.append(bar)
        return bar

    def drawn(self) -> list[str]:
        """The states of the bars, without the times."""
        lines = re.split(r"[\r\n]+", self.text.getvalue())
        return [re.sub(r" ?\[.*\]", "", line).strip() for line in lines if line.strip()]


@pytest.fixture
def bars() -> Bars:
    return Bars()


def callback(bars: Bars, description: str | None = None) -> ProgressBar:
    return ProgressBar(bars, description)  # type: ignore[arg-type] # it creates what the class does


def test_a_run_is_drawn_by_its_steps(kind: Kind, clock: VirtualClock, bars: Bars) -> None:
    script = Script(
        created("starting"),
        looked("processing", logs="loading"),
        looked("processing", logs=logs(1)),
        looked("processing", logs=logs(3)),
        looked("succeeded", logs=logs(3), output="done"),
    )
    client = make_client(kind, clock=clock.clock, transport=script.transport)

    client.run("owner/name", {}, on_progress=callback(bars))

    [bar] = bars.made
    assert (bar.n, bar.total, bars.closed) == (4, 4, 1)
    drawn = bars.drawn()
    for text in ("starting:", "processing:", "processing:  25%|", "processing:  75%|"):
        assert any(line.startswith(text) for line in drawn), (text, drawn)
    assert drawn[-1].startswith("succeeded: 100%|")
    assert bars.text.getvalue().endswith("\n")


@pytest.mark.parametrize("method", ["predictions.run", "wait", "predictions.wait"])
def test_every_way_to_wait_takes_a_bar(
    kind: Kind, clock: VirtualClock, bars: Bars, method: str
) -> None:
    done = looked("succeeded", logs=logs(4), output="done")
    script = Script(*([created("starting")] if method == "predictions.run" else []), done)
    client = make_client(kind, clock=clock.clock, transport=script.transport)
    bar = callback(bars, "cats")

    if method == "predictions.run":
        client.predictions.run("owner/name", {}, on_progress=bar)
    elif method == "wait":
        client.wait("p1", on_progress=bar)
    else:
        client.predictions.wait("p1", on_progress=bar)

    assert bars.drawn()[-1].startswith("cats: 100%|")
    assert bars.closed == len(bars.made) == 1


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (looked("failed", error="no memory", logs=logs(2)), PredictionFailed),
        (answer(401, {}), APIError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=["failed", "an error", "an interrupt"],
)
def test_a_bar_is_closed_when_a_run_ends_with_an_error(
    kind: Kind, clock: VirtualClock, bars: Bars, end: Any, error: type[BaseException]
) -> None:
    def respond(_: Any) -> Any:
        if isinstance(end, BaseException):
            raise end
        return end

    script = Script(
        created("starting"), looked("processing", logs=logs(1)), respond, looked("canceled")
    )
    client = make_client(kind, clock=clock.clock, transport=script.transport)

    with pytest.raises(error):
        client.run("owner/name", {}, on_progress=callback(bars))

    assert bars.closed == len(bars.made) == 1
    assert bars.text.getvalue().endswith("\n")


def test_one_callback_draws_a_bar_for_each_run(kind: Kind, clock: VirtualClock, bars: Bars) -> None:
    done = looked("succeeded", logs=logs(4), output="done")
    script = Script(created("starting"), done, created("starting"), done)
    client = make_client(kind, clock=clock.clock, transport=script.transport)
    bar = callback(bars)

    for _ in range(2):
        client.run("owner/name", {}, on_progress=bar)

    assert bars.closed == len(bars.made) == 2


def test_a_training_is_drawn_too(bars: Bars) -> None:
    bar = callback(bars)

    for done in (1, 2):
        bar(Training.from_dict({"status": "processing", "logs": logs(done)}))

    assert bars.drawn()[-1].startswith("processing:  50%|")
    bar.close()
    bar.close()
    assert bars.closed == 1


def test_a_second_bar_in_the_logs_has_its_own_total(bars: Bars) -> None:
    bar = callback(bars)

    for text in (logs(7, 7), logs(7, 7) + "\n" + logs(1, 50)):
        bar(Prediction.from_dict({"status": "processing", "logs": text}))

    assert (bars.made[0].n, bars.made[0].total) == (1, 50)
    bar.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        running.answer = Hosted(CONTENT, cuts=(100_000,), ETag='"v1"')
        yield running


def test_downloads_are_drawn_by_their_bytes(
    kind: Kind, api: Api, bars: Bars, tmp_path: Path
) -> None:
    client = make_client(kind, clock=VirtualClock().clock)
    output = [output_of(client, f"{api.url}/{n}.png") for n in range(2)]

    save_all(kind, [*output, FileOutput("data:,x")], tmp_path, on_progress=callback(bars))

    [bar] = bars.made
    assert (bar.n, bar.total, bars.closed) == (2 * len(CONTENT) + 1,) * 2 + (1,)
    assert "100%|" in bars.drawn()[-1]
    assert "4.88M/4.88M" in bars.drawn()[-1]


@pytest.mark.parametrize(
    "make", [lambda: CONTENT, lambda: io.BytesIO(CONTENT)], ids=["bytes", "a file"]
)
def test_uploads_are_drawn_by_their_bytes(
    kind: Kind, clock: VirtualClock, bars: Bars, make: Callable[[], Any]
) -> None:
    script = Script(UPLOADED)
    client = make_client(kind, clock=clock.clock, transport=script.transport)

    client.files.create(make(), filename="a.bin", on_progress=callback(bars))

    size = len(script.requests[0].content)
    assert int(script.requests[0].headers["Content-Length"]) == size > len(CONTENT)
    [bar] = bars.made
    assert (bar.n, bar.total, bars.closed) == (size, size, 1)


def test_an_upload_calls_its_callback_for_each_chunk(kind: Kind, clock: VirtualClock) -> None:
    client = make_client(kind, clock=clock.clock, transport=Script(UPLOADED).transport)
    seen: list[tuple[int, int | None]] = []

    client.files.create(CONTENT, on_progress=lambda done, total: seen.append((done, total)))

    done = [done for done, _ in seen]
    size = done[-1]
    assert done == sorted(set(done))
    assert len(done) > 4
    assert {total for _, total in seen} == {size}


def test_an_upload_that_is_sent_again_starts_again(kind: Kind, clock: VirtualClock) -> None:
    script = Script(answer(429), UPLOADED)
    client = make_client(kind, clock=clock.clock, transport=script.transport)
    seen: list[int] = []

    client.files.create(b"abc", on_progress=lambda done, _: seen.append(done))

    first, second = seen[: len(seen) // 2], seen[len(seen) // 2 :]
    assert first == second


def test_the_bar_of_an_upload_is_closed_after_an_error(
    kind: Kind, clock: VirtualClock, bars: Bars
) -> None:
    client = make_client(kind, clock=clock.clock, transport=Script(answer(404)).transport)

    with pytest.raises(NotFoundError):
        client.files.create(CONTENT, on_progress=callback(bars))

    assert bars.closed == len(bars.made) == 1


def test_an_error_in_the_callback_of_an_upload_is_raised(kind: Kind, clock: VirtualClock) -> None:
    script = Script(UPLOADED, UPLOADED)
    client = make_client(kind, clock=clock.clock, transport=script.transport)

    def fail(_done: int, _total: int | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.files.create(CONTENT, on_progress=fail)


@pytest.mark.parametrize("value", [1, "print"])
def test_an_invalid_callback_of_an_upload_is_an_error(
    kind: Kind, clock: VirtualClock, value: Any
) -> None:
    client = make_client(kind, clock=clock.clock, transport=Script().transport)

    with pytest.raises(
        ValueError, match=f"on_progress must be a plain function or None, got {value!r}"
    ):
        client.files.create(CONTENT, on_progress=value)


def test_a_bar_is_drawn_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bar = progress_bar("upload")

    bar(0, None)
    bar(512, 1024)
    bar(1024, 1024)
    bar.close()

    drawn = capsys.readouterr().err
    assert "upload: 100%|" in drawn
    assert "1.00k/1.00k" in drawn
    assert drawn.endswith("\n")


def test_without_tqdm_an_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)

    with pytest.raises(ImportError) as caught:
        progress_bar()

    assert str(caught.value) == "progress_bar needs tqdm: pip install 'replicate-ext[progress]'"
