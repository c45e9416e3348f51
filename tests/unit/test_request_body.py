"""Bodies that are read while they are sent: their lengths, and the parts that a server reads."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import threading
from collections.abc import Generator
from contextlib import aclosing
from typing import Any, TypeAlias

import anyio
import anyio.to_thread
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.files import ShortReads, from_uri, parts_of

from replicate_ext._files import file_source as _file_source
from replicate_ext._files.file_source import CHUNK, Source, source_of
from replicate_ext._files.json_values import leaves, mapped
from replicate_ext._files.request_body import Body, DataUri, json_body, multipart_body
from replicate_ext._http.threads import in_threads

Tree: TypeAlias = Any
MEDIA_TYPES = st.from_regex(
    r"[a-z]{1,9}/[a-z0-9.+-]{1,9}(;[a-z]{1,5}=[a-z0-9]{1,5})?", fullmatch=True
)
# Python's UTF-8 has no surrogates, nor has JSON on the wire.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
FILES = st.builds(
    lambda content, longest, kind: source_of(
        ShortReads(content, longest), "input", content_type=kind
    ),
    st.binary(max_size=50),
    st.integers(1, 60),
    MEDIA_TYPES,
)
TREES = st.recursive(
    PLAIN | TEXT | FILES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def content_of(source: Source) -> bytes:
    return b"".join(source.chunks())


def plainly(source: Source) -> str:
    encoded = base64.b64encode(content_of(source)).decode()
    return f"data:{source.media_type};base64,{encoded}"


def with_uris(tree: Tree) -> Tree:
    return mapped(tree, lambda leaf: DataUri(leaf) if isinstance(leaf, Source) else leaf)


async def gathered(body: Body) -> bytes:
    return b"".join([chunk async for chunk in body])


@given(TREES)
def test_json_with_files_equals_json_with_their_data_uris(tree: Tree) -> None:
    plain = mapped(tree, lambda leaf: plainly(leaf) if isinstance(leaf, Source) else leaf)
    expected = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()

    body = json_body(with_uris(tree))

    assert (b"".join(body), len(body)) == (expected, len(expected))
    assert b"".join(body) == expected  # it can be sent again


@given(TREES)
def test_any_bytes_types_and_nesting_come_back_in_their_order(tree: Tree) -> None:
    read = json.loads(b"".join(json_body(with_uris(tree))))

    assert mapped(read, lambda _: None) == mapped(tree, lambda _: None)
    assert keys(read) == keys(tree)
    for before, after in zip(leaves(tree), leaves(read), strict=True):
        if isinstance(before, Source):
            assert from_uri(after) == (before.media_type, content_of(before))
        else:
            assert after == before


def keys(tree: Tree) -> list[object]:
    if isinstance(tree, dict):
        return [(key, keys(item)) for key, item in tree.items()]
    return [keys(item) for item in tree] if isinstance(tree, list) else []


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=20).filter(lambda content: len(content) % 3 == 0), PLAIN | TEXT)
def test_async_iteration_yields_the_same_bytes(content: bytes, beside: object) -> None:
    tree = [beside, DataUri(source_of(content, "input")), beside]
    body = json_body(tree)

    assert asyncio.run(gathered(body)) == b"".join(body)


@pytest.mark.parametrize("size", [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 2])
def test_base64_continues_across_chunks(size: int) -> None:
    content = os.urandom(size)
    uri = DataUri(source_of(content, "input"))

    text = b"".join(uri.chunks())

    assert len(uri) == len(text)
    assert from_uri(text.decode()) == ("application/octet-stream", content)


@pytest.mark.parametrize("chunk", range(1, 8))
def test_base64_takes_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(_file_source, "CHUNK", chunk)
    content = os.urandom(31)

    text = b"".join(DataUri(source_of(io.BytesIO(content), "input")).chunks())

    assert from_uri(text.decode())[1] == content


def test_no_base64_passes_through_the_json_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = 0
    dumps = json.dumps

    def watched(*args: Any, **options: Any) -> str:
        nonlocal longest
        text = dumps(*args, **options)
        longest = max(longest, len(text))
        return text

    monkeypatch.setattr(json, "dumps", watched)
    body = json_body({"a": DataUri(source_of(bytes(CHUNK), "input"))})

    assert len(body) > CHUNK
    assert 0 < longest < 100


def test_a_value_that_is_not_json_is_refused() -> None:
    with pytest.raises(TypeError, match="a set cannot be sent as JSON"):
        json_body([{1}])
    with pytest.raises(ValueError, match="JSON"):
        json_body([float("nan")])


class Slow:
    """A file of two chunks that waits while it is read, and says when it is closed."""

    def __init__(self) -> None:
        self.is_read, self.go_on, self.is_closed = (threading.Event() for _ in range(3))

    def source(self) -> Source:
        return Source("a", "text/plain", 6, "input", self._chunks)

    def _chunks(self) -> Generator[bytes, None, None]:
        try:
            yield b"abc"
            self.is_read.set()
            assert self.go_on.wait(10)
            yield b"def"
        finally:
            self.is_closed.set()


def test_a_canceled_read_ends_canceled_and_the_file_is_closed_after_it() -> None:
    slow = Slow()

    async def main() -> None:
        reading = asyncio.create_task(gathered(Body([slow.source()])))
        await asyncio.to_thread(slow.is_read.wait, 10)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert reading.cancelled()
        assert not slow.is_closed.is_set()  # a thread is still at work in it
        slow.go_on.set()

    asyncio.run(main())

    assert slow.is_closed.wait(10)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_canceled_scope_waits_for_the_read_and_closes_the_file(backend: str) -> None:
    slow = Slow()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(gathered, Body([slow.source()]))
            await anyio.to_thread.run_sync(slow.is_read.wait, 10)
            group.cancel_scope.cancel()
            slow.go_on.set()
        assert slow.is_closed.is_set()

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_body_that_is_left_early_closes_its_file_at_once(backend: str) -> None:
    slow = Slow()
    chunks = DataUri(slow.source()).chunks()  # kept here, so that it is not closed by collection

    async def main() -> None:
        async with aclosing(in_threads(chunks)) as sent:
            assert await anext(sent) == b"data:text/plain;base64,"
            assert await anext(sent) == b"YWJj"
            assert not slow.is_closed.is_set()
        assert slow.is_closed.is_set()

    anyio.run(main, backend=backend)


NAMES = [
    "boat.png",
    'a "quoted" name.png',
    '"; name="x',
    '"; filename="b.exe',
    "two\nlines",
    "two\r\nlines\r\n\r\n",
    "größe 画像 🛶.png",
    "semi;colon=1.png",
    "%22.png",
    "",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("metadata", [None, {}, {"album": {"größe": ["\n--", '"', None]}}])
def test_a_server_reads_the_file_and_nothing_else(
    name: str, metadata: dict[str, Any] | None
) -> None:
    content = b"\r\n--boundary\r\n\x00\xff"
    source = source_of(content, "file", name=name, content_type="image/png")

    body, content_type = multipart_body(source, metadata)

    sent = b"".join(body)
    assert len(body) == len(sent)
    assert asyncio.run(gathered(body)) == sent
    parts = parts_of(content_type, sent)
    assert parts[0] == ("content", on_the_wire(name or "file"), "image/png", content)
    assert [part[:3] for part in parts[1:]] == (
        [] if metadata is None else [("metadata", None, "application/json")]
    )
    assert metadata is None or json.loads(parts[1].content) == metadata


def on_the_wire(name: str) -> str:
    """A name as the HTML standard has browsers write it."""
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


@given(TEXT, TEXT, st.binary(max_size=50))
def test_no_name_and_no_type_breaks_out_of_its_header(
    name: str, media_type: str, content: bytes
) -> None:
    # Control characters and backslashes are left as they are; parsers differ on them.
    assume(not any((ord(c) < 32 and c not in "\r\n") or c in "\\\x7f" for c in name + media_type))
    source = Source(name, media_type, len(content), "file", lambda: (part for part in [content]))

    body, content_type = multipart_body(source, {"a": 1})

    first, second = parts_of(content_type, b"".join(body))
    assert (first.name, first.filename, first.content) == (
        "content",
        on_the_wire(name or "file"),
        content,
    )
    assert (second.name, second.content) == ("metadata", b'{"a": 1}')


def test_each_body_has_a_boundary_of_its_own() -> None:
    source = source_of(b"", "file")

    assert multipart_body(source, None)[1] != multipart_body(source, None)[1]


@pytest.mark.parametrize("size", [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 2])
def test_async_iteration_of_a_body_has_every_byte_of_its_data_uris(size: int) -> None:
    body = Body([b"<", DataUri(source_of(bytes(size), "key")), b">"])

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in body])

    assert anyio.run(collect) == b"".join(body)
    assert len(b"".join(body)) == len(body)


def test_small_pieces_are_joined() -> None:
    files = [source_of(b"x" * 100, f"key{n}") for n in range(3_000)]
    body = Body([part for file in files for part in (b'"', DataUri(file), b'",')])

    pieces = list(body)

    assert sum(map(len, pieces)) == len(body)
    assert all(len(piece) >= 1 << 16 for piece in pieces[:-1])
    assert len(pieces) <= (len(body) >> 16) + 1
    assert asyncio.run(gathered(body)) == b"".join(pieces)
