"""Event streams of the sandbox."""

import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from types import GenericAlias, SimpleNamespace

import httpx
import pytest
from PIL import Image
from support.clients import make_client
from support.clock import VirtualClock
from support.sandboxes import (
    HELLO,
    STORY,
    Local,
    create,
    fetch,
    finish,
    output,
    png,
    until,
)

from replicate_ext.sandbox import Fault, File, Sandbox
from replicate_ext.sandbox._resources import predictions
from replicate_ext.sandbox._runs import events

FAREWELL = ":408: 408 Request Timeout\n\n"
DONE = f"event: done\ndata: {{}}\n\n{FAREWELL}"


class Gate:
    """A model that yields one piece at each step of the test."""

    def __init__(self, local: Local, *, stream_ids: bool = True) -> None:
        self._may_go_on = threading.Semaphore(0)

        @local.sandbox.model("me/gate", stream_ids=stream_ids)
        def gate(number: int = 3) -> Iterator[str]:
            for index in range(number):
                assert self._may_go_on.acquire(timeout=5)
                yield f"piece {index}"

    def open(self, times: int = 1) -> None:
        self._may_go_on.release(times)


def start(local: Local, version: str, /, **values: object) -> str:
    """Create a prediction and return the URL of its stream."""
    return str(create(local.client, version, **values).json()["urls"]["stream"])


def whole(local: Local, *pieces: str, stream_ids: bool = True) -> tuple[str, str]:
    """Run a model that yields pieces, and return the URL and the text of its stream."""

    @local.sandbox.model("me/pieces", stream_ids=stream_ids)
    async def give() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    url = start(local, "me/pieces")
    return url, fetch(url).text


def event(name: str, *data: str) -> str:
    return "".join([f"event: {name}\n", *(f"data: {line}\n" for line in data), "\n"])


def done(reason: str) -> str:
    return event("done", f'{{"reason": "{reason}"}}') + FAREWELL


def without_ids(text: str) -> str:
    return re.sub("(?m)^id: .*\n", "", text)


def ids(text: str) -> list[tuple[int, int]]:
    found = re.findall(r"(?m)^id: (\d+):(\d+)$", text)
    return [(int(second), int(number)) for second, number in found]


def story(*pieces: str) -> str:
    """Return the text of a stream of pieces, without ids."""
    return "".join(
        [": hi\n\n", *(event("output", *each.split("\n")) for each in ("", *pieces)), DONE]
    )


def is_id(line: str) -> bool:
    return line.startswith("id: ")


class TestEvents:
    def test_a_story_is_streamed_as_output_events(self, local: Local) -> None:
        body = create(local.client, STORY, prompt="x", max_tokens=3, delay=0).json()
        url = body["urls"]["stream"]
        response = fetch(url)
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache"
        assert without_ids(response.text) == story("Once", " upon", " a")
        shown = finish(local.client, body["id"])
        assert shown["urls"] == body["urls"]
        assert shown["output"] == ["Once", " upon", " a"]

    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            (":\n\nWhy", [":", "", "Why"]),
            ("a\r\nb\rc", ["a", "b", "c"]),
            ("\n", ["", ""]),
            ("a\u2028b\x85c\x0bd", ["a\u2028b\x85c\x0bd"]),
            (" two  ", [" two  "]),
            ("ü☃", ["ü☃"]),
        ],
    )
    def test_each_line_of_text_is_a_data_line(
        self, local: Local, text: str, lines: list[str]
    ) -> None:
        _, seen = whole(local, text)
        assert without_ids(seen) == f": hi\n\n{event('output', '')}{event('output', *lines)}{DONE}"

    def test_a_model_that_returns_text_has_one_output(self, local: Local) -> None:
        assert without_ids(fetch(start(local, HELLO, text="you")).text) == story("hello you")

    def test_a_model_that_yields_nothing_sends_only_done(self, local: Local) -> None:
        assert without_ids(whole(local)[1]) == f": hi\n\n{DONE}"

    def test_other_values_are_sent_as_json(self, local: Local) -> None:
        @local.sandbox.model("me/numbers")
        def numbers() -> Iterator[dict[str, int]]:
            yield {"a": 1}

        assert without_ids(fetch(start(local, "me/numbers")).text) == story('{"a": 1}')

    @pytest.mark.parametrize(
        ("kind", "make"),
        [(Image.Image, Image.open), (Path, Path), (File, File), (bytes, Path.read_bytes)],
    )
    def test_streams_of_files_have_a_path_of_their_own(
        self, local: Local, kind: type, make: Callable[[Path], object], tmp_path: Path
    ) -> None:
        path = tmp_path / "a.png"
        path.write_bytes(png((1, 2, 3)))

        def give() -> Iterator[object]:
            yield make(path)
            yield make(path)

        give.__annotations__["return"] = GenericAlias(Iterator, (kind,))
        local.sandbox.model("me/files")(give)
        url = start(local, "me/files")
        assert re.fullmatch("/v1/files/[a-z]{4}-[a-z2-7]{52}", httpx.URL(url).path)
        text = fetch(url).text
        urls = re.findall("(?m)^data: (http.*)$", text)
        expected = "".join([": hi\n\n", *(event("output", each) for each in urls), DONE])
        assert without_ids(text) == expected
        assert [fetch(each).content[:4] for each in urls] == [b"\x89PNG"] * 2

    def test_other_models_have_no_stream(self, local: Local) -> None:
        @local.sandbox.model("me/number")
        def number() -> int:
            return 1

        local.sandbox.script("me/script", ["succeeded"], output="x")
        for name in ("me/number", "me/script"):
            assert "stream" not in create(local.client, name).json()["urls"]

    def test_ids_increase_even_if_the_clock_goes_back(
        self, local: Local, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = iter([100.0, 100.9, 101.0, 101.1, 99.0, 103.0])
        monkeypatch.setattr(events, "time", SimpleNamespace(time=lambda: next(clock)))
        _, text = whole(local, *"abcde")
        assert ids(text) == [(100, 0), (100, 1), (101, 0), (101, 1), (101, 2), (103, 0)]

    def test_ids_can_be_omitted(self, local: Local) -> None:
        url, text = whole(local, "a", "b", stream_ids=False)
        assert text == story("a", "b")
        assert fetch(url, **{"Last-Event-ID": "9999999999:0"}).text == text

    def test_no_other_url_serves_the_stream(self, local: Local) -> None:
        url, _ = whole(local, "a")
        key = url.rpartition("/")[2]
        for path in ("/streams/x", f"/v1/files/strm-{key}", f"/streams/{key}/", "/streams/"):
            assert fetch(str(httpx.URL(url, path=path))).status_code == 404
        assert fetch(f"{local.sandbox.base_url}/files/{key}").status_code == 401


class TestEnds:
    def test_a_failed_prediction_sends_error_and_done(self, local: Local) -> None:
        @local.sandbox.model("me/broken")
        def broken() -> Iterator[str]:
            yield "one"
            raise ValueError('too "bad"\nfor words')

        text = without_ids(fetch(start(local, "me/broken")).text)
        begin = story("one").removesuffix(DONE)
        error = event("error", r'{"detail": "too \"bad\"\nfor words"}')
        assert text == begin + error + done("error")

    def test_a_canceled_prediction_sends_done_with_a_reason(self, local: Local) -> None:
        gate = Gate(local)
        urls = create(local.client, "me/gate").json()["urls"]
        gate.open()
        until(lambda: local.client.get(urls["get"]).json()["output"])
        local.client.post(urls["cancel"])
        begin = story("piece 0").removesuffix(DONE)
        text = without_ids(fetch(urls["stream"]).text)
        assert text == begin + done("canceled")
        gate.open()

    def test_an_aborted_prediction_sends_done_with_a_reason(
        self, local: Local, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(predictions, "lifetime", lambda _: 0.01)

        @local.sandbox.model("me/cold", boot_time=60)
        def cold() -> str:
            return "never"

        body = create(local.client, "me/cold").json()
        text = without_ids(fetch(body["urls"]["stream"]).text)
        assert text == ": hi\n\n" + done("canceled")
        assert finish(local.client, body["id"])["status"] == "aborted"

    def test_the_shutdown_of_the_server_ends_the_stream(self, local: Local) -> None:
        Gate(local)
        url = start(local, "me/gate")
        texts: list[str] = []
        reading = threading.Thread(target=lambda: texts.append(without_ids(fetch(url).text)))
        reading.start()
        until(lambda: local.sandbox.open_streams or None)
        local.sandbox.__exit__(None, None, None)
        reading.join(5)
        assert texts == [": hi\n\n" + done("canceled")]
        assert local.sandbox.open_streams == 0


class TestReading:
    @pytest.mark.parametrize("stream_ids", [True, False])
    def test_all_readers_get_events_as_they_happen(self, local: Local, stream_ids: bool) -> None:
        gate = Gate(local, stream_ids=stream_ids)
        url = start(local, "me/gate")
        with local.client.stream("GET", url) as early:
            lines = (line for line in early.iter_lines() if line.startswith("data: piece"))
            gate.open()
            assert next(lines) == "data: piece 0"
            with local.client.stream("GET", url) as late:
                late_lines = (line for line in late.iter_lines() if line.startswith("data: "))
                assert [next(late_lines), next(late_lines)] == ["data: ", "data: piece 0"]
                gate.open(2)
                assert list(lines) == ["data: piece 1", "data: piece 2"]
                assert list(late_lines) == ["data: piece 1", "data: piece 2", "data: {}"]

    @pytest.mark.parametrize("last", ["", "0:0"])
    def test_a_stream_is_empty_after_the_data_was_removed(self, local: Local, last: str) -> None:
        url, text = whole(local, "a")
        local.sandbox.advance(minutes=59)
        assert fetch(url).text == text
        local.sandbox.advance(minutes=1)
        assert fetch(url, **{"Last-Event-ID": last}).text == f": hi\n\n{FAREWELL}"

    def test_a_stream_can_be_read_again(self, local: Local) -> None:
        url, text = whole(local, "a", "b")
        assert [fetch(url).text for _ in range(2)] == [text, text]

    def test_reading_resumes_after_any_id(self, local: Local) -> None:
        url, text = whole(local, *"abcdef")
        blocks = text.removeprefix(": hi\n\n").split("\n\n")
        assert len(ids(text)) == 8
        for index, (second, number) in enumerate(ids(text), start=1):
            rest = fetch(url, **{"Last-Event-ID": f"{second}:{number}"}).text
            assert rest == ": hi\n\n" + "\n\n".join(blocks[index:])

    @pytest.mark.parametrize("last", ["", "0:0", "x", "1:2:3", "-1:0", "9" * 400 + ":0"])
    def test_an_unknown_id_starts_at_the_first_event(self, local: Local, last: str) -> None:
        url, text = whole(local, "a")
        assert fetch(url, **{"Last-Event-ID": last}).text == text

    def test_a_running_stream_can_be_resumed(self, local: Local) -> None:
        gate = Gate(local)
        url = start(local, "me/gate")
        gate.open()
        with local.client.stream("GET", url) as response:
            [_, last] = islice(filter(is_id, response.iter_lines()), 2)
        gate.open(2)
        headers = {"Last-Event-ID": last.removeprefix("id: ")}
        rest = fetch(url, **headers).text
        pieces = event("output", "piece 1") + event("output", "piece 2")
        assert without_ids(rest) == f": hi\n\n{pieces}{DONE}"


class TestConnections:
    def test_open_connections_are_counted(self, local: Local) -> None:
        gate = Gate(local)
        url = start(local, "me/gate")
        counts = [local.sandbox.open_streams]
        with local.client.stream("GET", url), local.client.stream("GET", url):
            counts.append(local.sandbox.open_streams)
            with local.client.stream("GET", url):
                counts.append(local.sandbox.open_streams)
            until(lambda: local.sandbox.open_streams == 2 or None, 1)
        until(lambda: local.sandbox.open_streams == 0 or None, 1)
        assert counts == [0, 2, 3]
        gate.open(3)
        assert without_ids(fetch(url).text) == story("piece 0", "piece 1", "piece 2")
        until(lambda: local.sandbox.open_streams == 0 or None, 1)

    def test_cut_and_stalled_connections_are_counted_until_they_end(self, local: Local) -> None:
        url, _ = whole(local, "a")
        local.sandbox.faults.add(Fault.cut(20), on="GET /streams/*")
        local.sandbox.faults.add(Fault.stall(20), on="GET /streams/*")
        with pytest.raises(httpx.RemoteProtocolError):
            local.client.get(url)
        until(lambda: local.sandbox.open_streams == 0 or None, 1)
        with pytest.raises(httpx.ReadTimeout):
            local.client.get(url, timeout=0.05)
        until(lambda: local.sandbox.open_streams == 0 or None, 1)

    def test_a_stopped_sandbox_has_no_connections(self) -> None:
        assert Sandbox().open_streams == 0

    def test_a_stream_can_be_cut_at_any_byte(self, local: Local) -> None:
        url, text = whole(local, "a\nb", "ü")
        for after in range(len(text.encode())):
            local.sandbox.faults.add(Fault.cut(after), on="GET /streams/**")
            seen = b""
            with (  # noqa: PT012 - the data arrives in chunks
                pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
                local.client.stream("GET", url) as response,
            ):
                for chunk in response.iter_bytes():
                    seen += chunk
            assert seen == text.encode()[:after]

    def test_the_client_resumes_a_cut_stream(self, local: Local) -> None:
        client = make_client(
            "sync",
            clock=VirtualClock().clock,
            base_url=local.sandbox.base_url,
            api_token=local.sandbox.api_token,
        )
        for after in (300, 150, 0, 60):
            local.sandbox.faults.add(Fault.cut(after), on="GET /streams/**")
        values = {"prompt": "x", "max_tokens": 20, "delay": 0}
        text = client.stream(STORY, input=values).text()
        assert text == "".join(output(local.client, STORY, **values))
        assert local.sandbox.faults.pending == []
        requests = [each for each in local.sandbox.requests if each.path.startswith("/streams/")]
        resumed = [each.headers.get("last-event-id") for each in requests]
        assert resumed[0] is None
        assert None not in resumed[1:]
