"""Streams of events: guarantee 12, for every kind of client from one body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anyio
import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, answer, created, looked, make_client, prediction
from support.clock import VirtualClock
from support.server import serving
from support.streams import (
    CANCEL,
    CONNECT,
    CREATE,
    KIND,
    LOOK,
    STREAM_URL,
    Body,
    Connection,
    Live,
    Read,
    Scene,
    Step,
    all_texts,
    done,
    read,
    sse,
    whole_text,
)

from replicate_ext import (
    NotFoundError,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
    StreamError,
    StreamInterrupted,
)

BROKEN = httpx.ReadError("broken")
RUNNING = looked("processing")


def play(kind: Kind, scene: Scene, leave_after: int | None = None, **options: Any) -> Read:
    return read(kind, scene.client(kind).stream("owner/name", {}, **options), leave_after)


def passing(clock: VirtualClock, seconds: float) -> Callable[[], object]:
    return lambda: clock.sleep(seconds)


def test_the_request_accepts_an_unencoded_event_stream(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene(done(), clock=clock)

    play(kind, scene)

    assert scene.seen == [CREATE, CONNECT]
    headers = scene.connects[0].headers
    assert headers["Accept"] == "text/event-stream"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Cache-Control"] == "no-store"
    assert "Last-Event-ID" not in headers
    assert scene.connects[0].extensions["timeout"]["read"] == 60
    assert "Prefer" not in scene.requests[0].headers


@pytest.mark.parametrize(
    ("url", "token"), [(STREAM_URL, None), (f"{BASE_URL}/streams/p1", f"Bearer {TOKEN}")]
)
def test_the_token_goes_to_the_base_origin_only(
    kind: Kind, clock: VirtualClock, url: str, token: str | None
) -> None:
    scene = Scene([sse("a", 1), BROKEN], done(), clock=clock, url=url)

    play(kind, scene)

    assert [each.headers.get("Authorization") for each in scene.connects] == [token, token]


def test_text_and_texts_are_those_of_outputs(kind: Kind, clock: VirtualClock) -> None:
    events = sse("", 1) + sse("x", 2, "logs") + sse("Once", 3) + sse(" upon\n", 4) + done()
    stream = [Scene(events, clock=clock).client(kind).stream("owner/name") for _ in range(2)]

    assert whole_text(kind, stream[0]) == "Once upon\n"
    assert all_texts(kind, stream[1]) == ["", "Once", " upon\n"]


def test_events_of_a_body_that_was_read_before_are_yielded(kind: Kind, clock: VirtualClock) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return created(urls={**prediction()["urls"], "stream": STREAM_URL})
        headers = {"Content-Type": "Text/Event-Stream"}
        return httpx.Response(200, headers=headers, content=sse("a", 1) + done())

    client = make_client(kind, clock=clock.clock, transport=httpx.MockTransport(respond))

    assert whole_text(kind, client.stream("owner/name")) == "a"


@pytest.mark.parametrize(
    "ending", [BROKEN, httpx.ReadTimeout("idle"), httpx.RemoteProtocolError("")]
)
def test_a_cut_stream_resumes_after_the_last_complete_event(
    kind: Kind, clock: VirtualClock, ending: Exception
) -> None:
    scene = Scene(
        [sse("a", 1), sse("b", 2) + sse("cut", 3)[:-1], ending],
        httpx.ConnectError("refused"),
        [sse("b", 2), sse("c", 3), ending],
        sse("d", 4) + done(),
        clock=clock,
    )

    got = play(kind, scene)

    assert (got.texts(), got.error) == (["a", "b", "c", "d"], None)
    assert scene.last_ids == [None, "2", "2", "3"]
    assert clock.sleeps == [0.375, 0.75, 0.375]
    assert all(body.is_closed for body in scene.bodies)


def test_a_stalled_stream_reconnects(kind: Kind) -> None:
    bodies = [(sse("a", 1), "stay"), (sse("b", 2) + done(), "stay")]
    live = Live(lambda _id, _last: bodies.pop(0))
    with serving() as api:
        api.answer = live
        client = make_client(kind, clock=VirtualClock().clock, base_url=api.url)
        got = read(kind, client.stream("owner/name", {}, idle_timeout=0.1))
        assert live.left.wait(5)

    assert (got.texts(), got.error, bodies) == (["a", "b"], None, [])


def test_the_retry_field_sets_the_delay(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene(b"retry: 9000\n\n", b": hi\n\n", sse("a", 1), done(), clock=clock)

    assert play(kind, scene).text == "a"

    assert scene.times == [0, 0, 9, 18, 27]


@pytest.mark.parametrize("greeting", [b": hi\n\n", b"event: hello\ndata: x\n\n", sse("a", 1)])
def test_a_stream_without_new_events_is_replaced_by_polling(
    kind: Kind, clock: VirtualClock, greeting: bytes
) -> None:
    scene = Scene(*[greeting] * 6, looks=[looked("succeeded", output=["a", "b"])], clock=clock)

    got = play(kind, scene)

    assert (got.text, got.names[-1], got.error) == ("ab", "done", None)
    assert len(scene.connects) == 6  # the first one, and five more


@pytest.mark.parametrize(
    "connection",
    [
        [sse("a"), sse("b"), BROKEN],
        [sse("a") + sse("b"), httpx.ReadTimeout("idle")],
        sse("ab"),
        sse("a", 1) + sse("b"),
    ],
)
def test_without_ids_the_stream_continues_by_polling(
    kind: Kind, clock: VirtualClock, connection: Connection
) -> None:
    looks = [
        looked("processing", output=["a"]),
        looked("processing", output=["a", "b", "c"]),
        answer(503, {}),
        looked("succeeded", output=["a", "b", "c", "d"]),
    ]
    scene = Scene(connection, looks=looks, clock=clock)

    got = play(kind, scene)

    assert (got.text, got.texts()[-2:], got.names[-1]) == ("abcd", ["c", "d"], "done")
    assert scene.seen == [CREATE, CONNECT, LOOK, LOOK, LOOK, LOOK]
    assert scene.times[2] == 0  # the first poll comes at once


@pytest.mark.parametrize(
    ("status", "error"), [("failed", PredictionFailed), ("canceled", PredictionCanceled)]
)
@pytest.mark.parametrize("url", [STREAM_URL, None])
def test_a_failed_run_yields_its_rest_and_raises(
    kind: Kind, clock: VirtualClock, status: str, error: type[Exception], url: str | None
) -> None:
    looks = [looked(status, output=["a", "b"], error="out of memory")]
    scene = Scene(sse("a"), looks=looks, clock=clock, url=url)

    got = play(kind, scene)

    assert got.text == "ab"
    assert isinstance(got.error, error)
    assert "out of memory" in str(got.error)
    assert CANCEL not in scene.seen


def test_an_output_that_does_not_continue_the_text_is_an_error(
    kind: Kind, clock: VirtualClock
) -> None:
    scene = Scene(sse("a"), looks=[looked("succeeded", output=["x"])], clock=clock)

    got = play(kind, scene)

    assert isinstance(got.error, StreamInterrupted)
    assert (got.text, got.error.text) == ("a", "a")
    assert got.error.prediction is not None
    assert got.error.prediction.output == ["x"]
    assert CANCEL not in scene.seen


@pytest.mark.parametrize(
    ("outputs", "texts"),
    [
        ([None, ["a"], ["a", "b"], ["a", "b", "c"]], ["a", "b", "c"]),
        ([None, "Once", "Once upon"], ["Once", " upon"]),
        ([None, 5], ["5"]),
        ([{"a": 1}], ['{"a": 1}']),
        ([None, []], []),
    ],
)
def test_a_model_without_a_stream_is_polled_from_the_first_item(
    kind: Kind, clock: VirtualClock, outputs: Sequence[Any], texts: list[str]
) -> None:
    looks = [*(looked("processing", output=output) for output in outputs)]
    scene = Scene(clock=clock, url=None, looks=[*looks, looked("succeeded", output=outputs[-1])])

    got = play(kind, scene)

    assert (got.texts(), got.names[-1], got.error) == (texts, "done", None)


@pytest.mark.parametrize("url", [5, "", "not a url", "http://[", "ftp://x/y", ["x"]])
def test_an_invalid_stream_url_is_replaced_by_polling(
    kind: Kind, clock: VirtualClock, url: object
) -> None:
    scene = Scene(clock=clock, url=url, looks=[looked("succeeded", output=["a"])])

    assert play(kind, scene)[1] is None


@pytest.mark.parametrize(
    "refusal",
    [
        answer(200, {"html": "no"}),
        answer(200, "", Content_Type="text/html"),
        answer(204, ""),
        answer(307, "", Location="https://elsewhere.test/"),
        answer(401, {}),
        answer(404, {}),
        answer(404, sse("x", 1), Content_Type=KIND),
    ],
)
def test_a_url_without_an_event_stream_is_not_retried(
    kind: Kind, clock: VirtualClock, refusal: httpx.Response
) -> None:
    scene = Scene(refusal, looks=[looked("succeeded", output=["a"])], clock=clock)

    assert play(kind, scene).texts() == ["a"]
    assert scene.seen == [CREATE, CONNECT, LOOK]


# httpx leaves a generator of its own behind, of which trio warns.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_response_that_cannot_be_decoded_counts_as_cut(kind: Kind, clock: VirtualClock) -> None:
    headers = {"Content-Type": KIND, "Content-Encoding": "gzip"}
    garbled = httpx.Response(200, headers=headers, stream=Body([b"no gzip at all"]))

    got = play(kind, Scene(garbled, sse("a", 1) + done(), clock=clock))

    assert (got.text, got.error) == ("a", None)


def test_a_canceled_run_yields_its_done_event_and_raises(kind: Kind, clock: VirtualClock) -> None:
    looks = [looked("canceled", output=["a"])]
    scene = Scene(sse("a", 1) + done(data='{"reason": "canceled"}'), looks=looks, clock=clock)

    got = play(kind, scene)

    assert got.names == ["output", "done"]
    assert isinstance(got.error, PredictionCanceled)
    assert scene.seen == [CREATE, CONNECT, LOOK]


def test_an_event_larger_than_allowed_is_an_error(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene([sse("a", 1), b"data: ", *[b"x" * 1000] * 9], clock=clock)

    got = play(kind, scene, max_event_size=5000)

    assert isinstance(got.error, StreamError)
    assert "5,000" in str(got.error)
    assert got.text == "a"
    assert (scene.bodies[0].is_closed, scene.seen[-1]) == (True, CANCEL)


@pytest.mark.parametrize("cancel_on_exit", [None, True, False])
def test_leaving_closes_at_once_and_cancels_what_it_started(
    kind: Kind, clock: VirtualClock, *, cancel_on_exit: bool | None
) -> None:
    scene = Scene([sse("a", 1), sse("b", 2)], clock=clock)
    options = {} if cancel_on_exit is None else {"cancel_on_exit": cancel_on_exit}

    got = play(kind, scene, 1, **options)

    assert (got.text, got.error) == ("a", None)
    assert scene.bodies[0].is_closed
    assert (CANCEL in scene.seen) == (cancel_on_exit is not False)


@pytest.mark.parametrize("cancel_on_exit", [None, True])
def test_leaving_the_stream_of_an_existing_run_does_not_cancel_it(
    kind: Kind, clock: VirtualClock, *, cancel_on_exit: bool | None
) -> None:
    scene = Scene([sse("a", 1), sse("b", 2)], clock=clock)
    options = {} if cancel_on_exit is None else {"cancel_on_exit": cancel_on_exit}

    read(kind, scene.client(kind).predictions.stream("p1", **options), 1)

    assert scene.seen == [LOOK, CONNECT, *([CANCEL] if cancel_on_exit else [])]


def test_a_stream_that_is_not_read_creates_no_prediction(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene(clock=clock)
    stream = scene.client(kind).stream("owner/name")

    stream.close() if kind == "sync" else anyio.run(stream.aclose, backend=kind)

    assert scene.seen == []


def test_a_prediction_that_does_not_exist_is_an_error(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene(clock=clock, looks=[answer(404, {"detail": "gone"})])

    got = read(kind, scene.client(kind).predictions.stream("p1"))

    assert isinstance(got.error, NotFoundError)


def test_ctrl_c_closes_and_cancels(kind: Kind, clock: VirtualClock) -> None:
    scene = Scene([sse("a", 1), KeyboardInterrupt()], clock=clock)

    got = play(kind, scene)

    assert (got.text, type(got.error)) == ("a", KeyboardInterrupt)
    assert (scene.bodies[0].is_closed, scene.seen[-1]) == (True, CANCEL)


@pytest.mark.parametrize("url", [STREAM_URL, None])
@pytest.mark.parametrize("id_", [1, None])
@pytest.mark.parametrize("ending", ["hangs", "chats", "says later"])
def test_the_deadline_ends_a_stream_in_every_state(
    kind: Kind, clock: VirtualClock, ending: str, id_: int | None, url: str | None
) -> None:
    chat = [step for number in range(100) for step in (passing(clock, 1), sse("x", number))]
    steps: dict[str, Sequence[Step]] = {
        "hangs": [sse("a", id_), passing(clock, 10), httpx.ReadTimeout("")],
        "chats": chat,
        "says later": [sse("a", id_, retry=50_000), BROKEN],
    }
    scene = Scene(steps[ending], looks=[RUNNING], clock=clock, url=url)

    got = play(kind, scene, timeout=10)

    assert isinstance(got.error, PredictionTimeout)
    assert isinstance(got.error, TimeoutError)
    assert got.error.prediction.id == "p1"
    assert scene.seen[-1] == CANCEL
    assert clock.elapsed <= 11
    assert scene.requests[0].headers["Cancel-After"] == "11s"
