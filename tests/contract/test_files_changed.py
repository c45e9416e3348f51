"""Downloads that are cut and continued: the result is always one complete file.

Each server breaks off in the middle of a file and then answers what does not continue it.
Guarantee 20.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clients import Kind, Script, make_client
from support.clock import VirtualClock
from support.files import chunks, output_of, read, save, streamed
from support.server import Api, serving

from replicate_ext import APIError, FileOutput
from replicate_ext._files.download import MAX_RESUMES
from replicate_ext._files.download import Download as Begun
from replicate_ext._files.transfer import fetch

OLD = b"".join(b"old line %04d\n" % number for number in range(100))
NEW = b"".join(b"new line %05d\n" % number for number in range(100))
SAME_SIZE = OLD.replace(b"old", b"new")
LONGER = OLD + b"and more\n"
CUT = 500
V1 = {"ETag": '"v1"'}
DATE = {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}


def part(content: bytes, start: int, **changed: str | None) -> dict[str, str]:
    """The headers of a correct part of a file from a place on, some of them changed or left out."""
    headers: dict[str, str | None] = {
        **V1,
        "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}",
        "Content-Length": str(len(content) - start),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


def answer(status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, headers, body


def whole(content: bytes, validator: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    return answer(200, {"Content-Length": str(len(content)), **validator}, content)


def cut(content: bytes, validator: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = whole(content, validator)
    return answer(status, headers, body[:CUT])


def chunked(content: bytes, validator: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    return answer(200, {"Connection": "close", **validator}, content)


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        yield running


@pytest.fixture
def file(kind: Kind, clock: VirtualClock, api: Api) -> FileOutput:
    return output_of(make_client(kind, clock=clock.clock), f"{api.url}/out.txt")


def answering_in_turn(api: Api, *answers: tuple[int, dict[str, str], bytes]) -> None:
    """Send the responses in order, and repeat the last one."""
    waiting = list(answers)

    def in_turn(handler: BaseHTTPRequestHandler) -> None:
        status, headers, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)

    api.answer = in_turn


# The validator of the cut response, the responses after it, and the expected file.
CHANGED: dict[str, tuple[dict[str, str], tuple[int, dict[str, str], bytes], bytes]] = {
    "another size": ({}, whole(NEW, {}), NEW),
    "the same size": ({}, whole(SAME_SIZE, {}), SAME_SIZE),
    "another size at the same second": (DATE, whole(NEW, DATE), NEW),
    "the same size at the same second": (DATE, whole(SAME_SIZE, DATE), SAME_SIZE),
    "a lost ETag": (V1, whole(NEW, {}), NEW),
    "a lost ETag and the same size": (V1, whole(SAME_SIZE, {}), SAME_SIZE),
    "another ETag": (V1, whole(SAME_SIZE, {"ETag": '"v2"'}), SAME_SIZE),
    "a weak ETag that stays": ({"ETag": 'W/"a"'}, whole(SAME_SIZE, {"ETag": 'W/"a"'}), SAME_SIZE),
    "an ETag that becomes weak": (V1, whole(SAME_SIZE, {"ETag": 'W/"v1"'}), SAME_SIZE),
    "without a length": ({}, chunked(SAME_SIZE, {}), SAME_SIZE),
    "encoded": (
        {},
        whole(gzip.compress(NEW), {"Content-Encoding": "gzip"}),
        NEW,
    ),
    "an ETag and another size": (V1, whole(NEW, V1), NEW),
}


@pytest.mark.parametrize(("validator", "then", "right"), CHANGED.values(), ids=CHANGED)
def test_a_file_that_changed_is_read_and_saved_from_its_start(
    kind: Kind,
    api: Api,
    file: FileOutput,
    tmp_path: Path,
    validator: dict[str, str],
    then: tuple[int, dict[str, str], bytes],
    right: bytes,
) -> None:
    answering_in_turn(api, cut(OLD, validator), then)
    assert read(kind, file) == right

    answering_in_turn(api, cut(OLD, validator), then)
    assert save(kind, file, tmp_path).read_bytes() == right


@pytest.mark.parametrize(("validator", "then", "_right"), CHANGED.values(), ids=CHANGED)
def test_iterating_over_a_file_that_changed_is_an_error(
    kind: Kind,
    api: Api,
    file: FileOutput,
    validator: dict[str, str],
    then: tuple[int, dict[str, str], bytes],
    _right: bytes,
) -> None:
    answering_in_turn(api, cut(OLD, validator), then)

    with pytest.raises(APIError, match="the file changed while it was downloaded"):
        chunks(kind, file)


@pytest.mark.parametrize("validator", [{}, DATE, {"ETag": 'W/"a"'}], ids=["none", "date", "weak"])
def test_a_restarted_download_with_the_same_beginning_continues(
    kind: Kind, api: Api, file: FileOutput, validator: dict[str, str]
) -> None:
    answering_in_turn(api, cut(OLD, validator), whole(OLD, validator))

    assert b"".join(chunks(kind, file)) == OLD


def test_a_file_that_changes_all_the_time_is_an_error(
    kind: Kind, api: Api, file: FileOutput, tmp_path: Path
) -> None:
    number = 0

    def changing(handler: BaseHTTPRequestHandler) -> None:
        nonlocal number
        number += 1
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"%d" % (number % 10) * CUT)
        handler.close_connection = True

    api.answer = changing

    with pytest.raises(APIError, match="the file changed while it was downloaded"):
        save(kind, file, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert number < 20


HUGE = "9" * 5_000
MISFITS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "no Content-Range": (206, part(OLD, CUT, Content_Range=None), OLD[CUT:]),
    "several parts": (
        206,
        part(OLD, CUT, Content_Range=None, Content_Type="multipart/byteranges; boundary=x"),
        OLD[CUT:],
    ),
    "another start": (206, part(OLD, CUT + 7, Content_Range="bytes 507-1399/1400"), OLD[CUT + 7 :]),
    "an earlier start": (206, part(OLD, 0), OLD),
    "another total": (206, part(OLD, CUT, Content_Range="bytes 500-1399/1500"), OLD[CUT:]),
    "an end behind the total": (
        206,
        part(OLD, CUT, Content_Range="bytes 500-1500/1400", Content_Length="1001"),
        OLD[CUT:] + bytes(101),
    ),
    "an end before the start": (
        206,
        part(OLD, CUT, Content_Range="bytes 500-400/1400", Content_Length="0"),
        b"",
    ),
    "another length": (206, part(OLD, CUT, Content_Length="5"), OLD[CUT : CUT + 5]),
    "another unit": (206, part(OLD, CUT, Content_Range="lines 500-1399/1400"), OLD[CUT:]),
    "no ETag": (206, part(OLD, CUT, ETag=None), OLD[CUT:]),
    "another ETag": (206, part(OLD, CUT, ETag='"v2"'), OLD[CUT:]),
    "a number nobody can read": (
        206,
        part(OLD, CUT, Content_Range=f"bytes 500-1399/{HUGE}"),
        OLD[CUT:],
    ),
    "a range nobody can read": (206, part(OLD, CUT, Content_Range=HUGE), OLD[CUT:]),
    "an encoding": (206, part(OLD, CUT, Content_Encoding="gzip"), OLD[CUT:]),
    "not satisfiable": (416, {"Content-Range": "bytes */1400", "Content-Length": "0"}, b""),
}


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS)
def test_a_part_that_does_not_match_the_request_is_not_used(
    kind: Kind, api: Api, file: FileOutput, misfit: tuple[int, dict[str, str], bytes]
) -> None:
    answering_in_turn(api, cut(OLD, V1), misfit, whole(OLD, V1))

    assert b"".join(chunks(kind, file)) == OLD

    assert [sent.headers.get("range") for sent in api.received] == [None, "bytes=500-", None]


@pytest.mark.parametrize(
    "headers",
    [
        part(OLD, 0, Content_Range="bytes 0-499/1400", Content_Length="500"),
        part(OLD, 0, Content_Range=None, Content_Length="500"),
    ],
    ids=["with a Content-Range", "without one"],
)
@pytest.mark.parametrize("status", [206, 204, 202, 226])
def test_a_request_for_a_whole_file_accepts_no_other_status(
    kind: Kind, api: Api, file: FileOutput, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    body = b"" if status == 204 else OLD[:500]
    answering_in_turn(api, answer(status, headers | {"Content-Length": str(len(body))}, body))

    with pytest.raises(APIError, match=f"expected status 200 for a download, got {status}"):
        save(kind, file, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_size_is_read_from_a_part_if_the_whole_response_had_none(
    kind: Kind, api: Api, file: FileOutput
) -> None:
    encoded = b"%x\r\n%b\r\n" % (CUT, OLD[:CUT])  # and no last chunk
    answering_in_turn(
        api,
        answer(200, {"Transfer-Encoding": "chunked", **V1}, encoded),
        answer(206, part(OLD, CUT), OLD[CUT:]),
    )

    assert read(kind, file) == OLD
    assert file.size == len(OLD)


@pytest.mark.parametrize("length", [HUGE, "-1", "0x10", "٣", "1,1"])
def test_an_invalid_content_length_is_an_api_error(
    kind: Kind, clock: VirtualClock, length: str
) -> None:
    # httpx's own connections refuse most of these; other transports hand them over.
    class Transport(httpx.MockTransport):
        pass

    headers = [(b"Content-Length", length.encode())]
    script = Script(lambda _: httpx.Response(200, headers=headers, content=OLD))
    client = make_client(kind, clock=clock.clock, transport=streamed(script))

    with pytest.raises(APIError, match="invalid Content-Length"):
        read(kind, output_of(client, "https://files.test/a"))


@given(st.lists(st.integers(0, 1_400), max_size=8), st.sampled_from([V1, {}, DATE]), st.data())
def test_any_server_leads_to_one_complete_file_or_an_error(
    cuts: list[int], validator: dict[str, str], data: st.DataObject
) -> None:
    sent: list[bytes] = [OLD]

    def answered(request: httpx.Request) -> httpx.Response:
        content = data.draw(st.sampled_from([OLD, SAME_SIZE, LONGER, NEW]))
        etag = (
            {"ETag": f'"{len(content)}{content[:3].decode()}"'}
            if "ETag" in validator
            else validator
        )
        length = cuts.pop() if cuts else len(content)
        start = 0
        if (
            "Range" in request.headers
            and request.headers["If-Range"] == etag.get("ETag")
            and data.draw(st.booleans())
        ):
            start = int(request.headers["Range"][6:-1])
        sent.append(content)
        headers = {**etag, "Content-Length": str(len(content) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = httpx.ByteStream(content[start:][:length])
        return httpx.Response(206 if start else 200, headers=headers, stream=body)

    download = Begun("https://files.test/a")
    with httpx.Client(transport=httpx.MockTransport(answered)) as client:
        try:
            given_ = b"".join(fetch(client, download, VirtualClock().clock))
        except APIError:
            return
    assert given_ in (OLD, SAME_SIZE, LONGER, NEW)
    assert given_ == sent[-1]


def test_an_encoded_file_is_not_resumed_by_ranges(kind: Kind, api: Api, file: FileOutput) -> None:
    encoded = whole(gzip.compress(OLD), {"Content-Encoding": "gzip", **V1})
    status, headers, body = encoded
    answering_in_turn(api, answer(status, headers, body[: len(body) // 2]), encoded)

    assert read(kind, file) == OLD

    assert [sent.headers.get("range") for sent in api.received] == [None, None]


def test_a_server_whose_parts_never_match_is_an_error(
    kind: Kind, api: Api, file: FileOutput
) -> None:
    answering_in_turn(api, cut(OLD, V1), answer(*MISFITS["no ETag"]), answer(503, {}, b""))

    with pytest.raises(APIError):
        read(kind, file)

    assert len(api.received) == 1 + MAX_RESUMES


def test_the_body_of_an_error_is_read_to_a_limit(
    kind: Kind, clock: VirtualClock, api: Api, file: FileOutput
) -> None:
    bomb = gzip.compress(gzip.compress(bytes(100 << 20)))
    answering_in_turn(
        api,
        answer(404, {"Content-Encoding": "gzip, gzip", "Content-Length": str(len(bomb))}, bomb),
    )

    with pytest.raises(APIError, match="404") as caught:
        read(kind, file)

    assert 0 < len(caught.value.body) <= 1 << 16
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("encoding", "body", "message"),
    [
        ("br", b"any", "unsupported Content-Encoding 'br'"),
        ("gzip", b"not gzip", "the body is corrupt"),
        ("gzip", gzip.compress(OLD)[:-9], "the encoded body is truncated"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_an_error(
    kind: Kind, api: Api, file: FileOutput, encoding: str, body: bytes, message: str
) -> None:
    headers: dict[str, Any] = {"Content-Encoding": encoding, "Content-Length": str(len(body))}
    answering_in_turn(api, answer(200, headers, body))

    with pytest.raises(APIError, match=message):
        read(kind, file)
