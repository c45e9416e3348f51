"""Files in outputs: guarantee 11, rows 63 to 66, for every kind of client."""

from __future__ import annotations

import gzip
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from support.clients import TOKEN, Kind, Script, answer, created, looked, make_client
from support.clock import VirtualClock
from support.files import Hosted, chunks, output_of, read, save, streamed
from support.server import Answer, Api, answering, serving

from replicate_ext import APIConnectionError, APIError, FileOutput, NotFoundError, ServerError
from replicate_ext._files.download import MAX_RESUMES

CONTENT = bytes(range(256)) * 1_000
SIZE = len(CONTENT)
ETAG = '"v1"'


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def file(kind: Kind, clock: VirtualClock, api: Api) -> FileOutput:
    """A file on a host that is not the API's."""
    waits = clock.clock if kind == "sync" else clock.clock._replace(sleep=blocked)
    return output_of(make_client(kind, clock=waits), f"{api.url}/out-0.png")


def blocked(_: float) -> None:
    raise AssertionError("the event loop was blocked")


def ranges(api: Api) -> list[tuple[str | None, str | None]]:
    return [(sent.headers.get("range"), sent.headers.get("if-range")) for sent in api.received]


@pytest.mark.parametrize(
    ("output", "content"),
    [
        pytest.param("https://example.com", b"hello world", id="rows 63 and 64"),
        pytest.param(["https://example.com"], b"hello world", id="row 65"),
        pytest.param("data:text/plain;base64,SGVsbG8sIHdvcmxkIQ==", b"Hello, world!", id="row 66"),
    ],
)
def test_the_files_of_a_polled_run(
    kind: Kind, clock: VirtualClock, output: Any, content: bytes
) -> None:
    script = Script(
        created("starting"),
        looked("processing"),
        looked("processing"),
        looked("succeeded", output=output),
        answer(200, "hello world", Content_Type="text/plain"),
    )
    client = make_client(kind, clock=clock.clock, transport=streamed(script))

    made = client.run("owner/name", {"text": "Hello, world!"}, wait=False)

    assert len(script.seen) == 4  # nothing is fetched before it is read
    [file] = made if isinstance(output, list) else [made]
    assert isinstance(file, FileOutput)
    assert file.url == str(file) == (output[0] if isinstance(output, list) else output)
    assert read(kind, file) == content
    assert (file.content_type, file.size) == ("text/plain", len(content))
    assert script.seen[4:] == ([] if file.url.startswith("data:") else ["GET /"])


def test_without_files_an_output_is_plain_text(kind: Kind, clock: VirtualClock) -> None:
    output = ["https://example.com/a.png", "data:,x", "https: is a protocol"]
    script = Script(created("succeeded", output=output))
    client = make_client(kind, clock=clock.clock, transport=script.transport)

    plain = client.run("owner/name", {}, use_file_output=False)

    assert plain == output
    assert {type(item) for item in plain} == {str}


def test_a_file_can_be_read_and_iterated_over_repeatedly(
    kind: Kind, api: Api, file: FileOutput
) -> None:
    api.answer = Hosted(CONTENT, Content_Type="image/webp")
    assert (file.name, file.content_type, file.size) == ("out-0.png", "image/png", None)

    assert read(kind, file) == CONTENT

    assert (file.name, file.content_type, file.size) == ("out-0.png", "image/webp", SIZE)
    given = chunks(kind, file)
    assert b"".join(given) == CONTENT
    assert len(given) > 1
    assert len(api.received) == 2


def test_a_file_without_a_client_can_be_downloaded(kind: Kind, api: Api) -> None:
    api.answer = Hosted(CONTENT)
    file = pickle.loads(pickle.dumps(output_of(make_client(kind), f"{api.url}/a")))  # noqa: S301 - our own

    assert read(kind, file) == CONTENT


def test_a_cut_download_continues_at_the_same_place(
    kind: Kind, clock: VirtualClock, api: Api, file: FileOutput
) -> None:
    api.answer = Hosted(CONTENT, cuts=(1_000, 0, 50_000), ETag=ETAG)

    assert read(kind, file) == CONTENT

    assert ranges(api) == [
        (None, None),
        ("bytes=1000-", ETAG),
        ("bytes=1000-", ETAG),
        ("bytes=51000-", ETAG),
    ]
    assert len(clock.sleeps) == 3
    assert file.size == SIZE


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        (Hosted(CONTENT, cuts=(9_000, 5_000, 20_000), ranges=False, ETag=ETAG), True),
        (Hosted(CONTENT, cuts=(9_000, 5_000, 20_000)), False),
        (Hosted(CONTENT, cuts=(9_000, 5_000, 20_000), Last_Modified=formatdate(0)), False),
        (Hosted(CONTENT, cuts=(9_000, 5_000, 20_000), ETag='W/"v1"'), False),
    ],
    ids=["no ranges", "no validator", "a date", "a weak ETag"],
)
def test_no_bytes_are_yielded_twice_with_any_server(
    kind: Kind, clock: VirtualClock, api: Api, host: Hosted, asked: bool
) -> None:
    api.answer = pickle.loads(pickle.dumps(host))  # noqa: S301 - our own; each test cuts anew
    file = output_of(make_client(kind, clock=clock.clock), f"{api.url}/a")

    given = chunks(kind, file)

    assert b"".join(given) == CONTENT
    assert len(api.received) == 4
    assert all((sent is not None) is asked for sent, _ in ranges(api)[1:])


def test_the_rest_of_a_partial_range_is_requested(kind: Kind, api: Api, file: FileOutput) -> None:
    def in_pieces(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        if asked is None:
            Hosted(CONTENT, cuts=(1_000,), ETag=ETAG)(handler)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        piece = CONTENT[start : start + 100_000]
        place = f"bytes {start}-{start + len(piece) - 1}/{SIZE}"
        answering(206, piece, ETag=ETAG, Content_Range=place)(handler)

    api.answer = in_pieces

    assert read(kind, file) == CONTENT

    assert [sent for sent, _ in ranges(api)] == [
        None,
        "bytes=1000-",
        "bytes=101000-",
        "bytes=201000-",
    ]


def test_a_download_that_is_always_cut_is_an_error(
    kind: Kind, clock: VirtualClock, api: Api, file: FileOutput, tmp_path: Path
) -> None:
    api.answer = Hosted(CONTENT, cuts=(10, 10, *[0] * 99), ETag=ETAG)

    with pytest.raises(APIConnectionError, match="the download was interrupted after 20 of 256,0"):
        save(kind, file, tmp_path)

    assert len(api.received) == 2 + MAX_RESUMES == 7
    assert len(clock.sleeps) == 1 + MAX_RESUMES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host",
    [
        lambda: Hosted(CONTENT, cuts=(1_000,) * 20, ETag=ETAG),
        lambda: Hosted(CONTENT, cuts=tuple(range(1_000, 21_000, 1_000))),
    ],
    ids=["by ranges", "from the start"],
)
def test_a_download_is_retried_as_long_as_it_progresses(
    kind: Kind, api: Api, file: FileOutput, host: Callable[[], Hosted]
) -> None:
    api.answer = host()

    assert read(kind, file) == CONTENT

    assert len(api.received) == 21


@pytest.mark.parametrize("stated", [SIZE + 5, 2 * SIZE])
def test_fewer_bytes_than_announced_are_an_error(
    kind: Kind, api: Api, file: FileOutput, tmp_path: Path, stated: int
) -> None:
    api.answer = Hosted(CONTENT, ETag=ETAG, Content_Length=str(stated))

    with pytest.raises(APIError):
        save(kind, file, tmp_path)

    assert len(api.received) > 1
    assert list(tmp_path.iterdir()) == []


def test_a_transient_error_of_the_server_is_retried(
    kind: Kind, clock: VirtualClock, api: Api, file: FileOutput
) -> None:
    answers: list[Answer] = [
        answering(503),
        answering(429, Retry_After="9"),
        Hosted(CONTENT, cuts=(100,), ETag=ETAG),
        answering(502),
        Hosted(CONTENT, ETag=ETAG),
    ]

    def in_turn(handler: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(handler)

    api.answer = in_turn

    assert read(kind, file) == CONTENT

    assert clock.sleeps[1] == pytest.approx(9, rel=0.1)
    assert [sent for sent, _ in ranges(api)] == [None, None, None, "bytes=100-", "bytes=100-"]


def test_a_server_that_keeps_failing_is_an_error(kind: Kind, api: Api, file: FileOutput) -> None:
    api.answer = answering(503)

    with pytest.raises(ServerError):
        read(kind, file)

    assert len(api.received) == MAX_RESUMES + 1


@pytest.mark.parametrize("status", [404, 410])
def test_the_error_of_a_missing_file_says_that_outputs_expire(
    kind: Kind, clock: VirtualClock, api: Api, file: FileOutput, status: int
) -> None:
    api.answer = answering(status, b"<html>no such object</html>")

    with pytest.raises(APIError, match="The API deletes outputs an hour after") as caught:
        read(kind, file)

    assert isinstance(caught.value, NotFoundError) is (status == 404)
    assert len(api.received) == 1
    assert clock.sleeps == []


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refused_download_is_an_error_at_once(
    kind: Kind, api: Api, file: FileOutput, status: int
) -> None:
    api.answer = answering(status, b"no")

    with pytest.raises(APIError) as caught:
        read(kind, file)

    assert caught.value.status == status
    assert "deletes outputs" not in str(caught.value)
    assert len(api.received) == 1


def test_a_server_that_refuses_connections_is_an_error(kind: Kind, clock: VirtualClock) -> None:
    with serving() as closed:
        url = closed.url
    file = output_of(make_client(kind, clock=clock.clock), url)

    with pytest.raises(APIConnectionError, match="the download was interrupted after 0 bytes"):
        read(kind, file)

    assert len(clock.sleeps) == MAX_RESUMES


def test_the_token_goes_to_the_apis_own_origin_and_to_no_other(
    kind: Kind, api: Api, other: Api
) -> None:
    api.answer = other.answer = Hosted(CONTENT)
    client = make_client(kind, base_url=api.url)

    for url in (f"{api.url}/files/1", f"{other.url}/files/1"):
        assert read(kind, output_of(client, url)) == CONTENT

    assert [sent.headers.get("authorization") for sent in api.received] == [f"Bearer {TOKEN}"]
    assert [sent.headers.get("authorization") for sent in other.received] == [None]


def test_redirects_are_followed_and_the_token_stays(kind: Kind, api: Api, other: Api) -> None:
    api.answer = answering(302, Location=f"{other.url}/signed")
    other.answer = Hosted(CONTENT, cuts=(99,), ETag=ETAG)
    client = make_client(kind, base_url=api.url, clock=VirtualClock().clock)

    assert read(kind, output_of(client, f"{api.url}/files/1")) == CONTENT

    assert [sent.path for sent in api.received] == ["/v1/files/1"] * 2
    assert [sent.headers.get("authorization") for sent in other.received] == [None] * 2
    assert [sent for sent, _ in ranges(other)] == [None, "bytes=99-"]


def test_a_signed_link_is_a_file(kind: Kind, api: Api) -> None:
    api.answer = Hosted(CONTENT)
    client = make_client(kind, base_url=api.url)

    file = client.files.download("F1", owner="acme", expiry=1_700_000_000, signature="a+/=")

    assert read(kind, file) == CONTENT
    [sent] = api.received
    assert sent.path.partition("?")[0] == "/v1/files/F1/download"
    assert sent.query == {"owner": ["acme"], "expiry": ["1700000000"], "signature": ["a+/="]}


def test_a_compressed_response_is_decoded(kind: Kind, api: Api, file: FileOutput) -> None:
    api.answer = Hosted(gzip.compress(CONTENT), Content_Encoding="gzip", ETag=ETAG)

    assert read(kind, file) == CONTENT

    assert api.received[0].headers["accept-encoding"] == "identity"
    assert file.size is None  # what was announced is the compressed one's


def test_a_response_without_a_length_is_accepted(kind: Kind, api: Api, file: FileOutput) -> None:
    def until_closed(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(CONTENT)
        handler.close_connection = True

    api.answer = until_closed

    assert read(kind, file) == CONTENT
    assert file.size is None


def test_an_empty_file_is_a_file(kind: Kind, api: Api, file: FileOutput, tmp_path: Path) -> None:
    api.answer = Hosted(b"")

    assert read(kind, file) == b""
    assert save(kind, file, tmp_path).read_bytes() == b""


def test_a_reader_that_leaves_closes_the_connection(api: Api) -> None:
    gone = threading.Event()

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(CONTENT)
        except OSError:
            gone.set()
            handler.close_connection = True

    api.answer = endless
    with closing(iter(output_of(make_client("sync"), api.url))) as given:
        assert next(given) in CONTENT * 2

    assert gone.wait(10)
