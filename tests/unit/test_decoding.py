"""Decode bodies by their Content-Encoding, in chunks of limited size."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replicate_ext._network.decoding import MAX_PIECE, BodyDecodingError, decoder_for


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": lambda content: content,
    "Identity": lambda content: content,
    "GZIP": gzip.compress,
}
CODINGS = st.lists(st.sampled_from(sorted(ENCODERS)), min_size=1, max_size=3)


def decode(coding: str, chunks: Iterable[bytes]) -> bytes:
    decoder = decoder_for(coding)
    if decoder is None:
        return b"".join(chunks)
    content = b"".join(piece for chunk in chunks for piece in decoder.feed(chunk))
    decoder.finish()
    return content


def in_chunks(body: bytes, size: int) -> Iterable[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@given(CODINGS, st.binary(max_size=5_000), st.integers(1, 400))
def test_any_chain_of_codings_is_decoded_whatever_the_chunks(
    codings: list[str], content: bytes, size: int
) -> None:
    body = content
    for coding in codings:
        body = ENCODERS[coding](body)

    decoded = decode(" , ".join(codings), in_chunks(body, size))

    assert decoded == content
    assert (
        decoded
        == httpx.Response(
            200, headers={"Content-Encoding": ",".join(codings).replace("x-", "")}, content=body
        ).content
    )


@given(st.binary(max_size=3_000), st.integers(1, 100))
def test_bare_deflate_is_taken_for_deflate(content: bytes, size: int) -> None:
    assert decode("deflate", in_chunks(raw_deflate(content), size)) == content


@given(
    st.lists(st.binary(max_size=200), min_size=1, max_size=5),
    st.integers(0, 40),
    st.integers(1, 50),
)
def test_gzip_members_and_padding_are_read_as_gzip_reads_them(
    contents: list[bytes], padding: int, size: int
) -> None:
    body = b"".join(map(gzip.compress, contents)) + bytes(padding)

    assert decode("gzip", in_chunks(body, size)) == gzip.decompress(body) == b"".join(contents)


@given(st.sampled_from(["gzip", "deflate"]), st.binary(min_size=1, max_size=500), st.data())
def test_a_body_that_is_cut_is_never_taken_as_whole(
    coding: str, content: bytes, data: st.DataObject
) -> None:
    body = ENCODERS[coding](content)
    cut = data.draw(st.integers(1, len(body) - 1))

    with pytest.raises(BodyDecodingError, match="is truncated"):
        decode(coding, [body[:cut]])


@given(CODINGS, st.binary(min_size=1, max_size=300), st.integers(1, 50))
def test_any_bytes_decode_or_raise_a_decoding_error(
    codings: list[str], body: bytes, size: int
) -> None:
    with suppress(BodyDecodingError):
        decode(",".join(codings), in_chunks(body, size))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("place", [0, 1, 12, -1, -5])
def test_a_corrupt_body_is_an_error(coding: str, place: int) -> None:
    body = bytearray(ENCODERS[coding](b"some content" * 50))
    body[place] ^= 0xFF

    with pytest.raises(BodyDecodingError):
        decode(coding, [bytes(body)])


def test_garbage_behind_a_gzip_member_is_an_error() -> None:
    with pytest.raises(BodyDecodingError, match="corrupt"):
        decode("gzip", [gzip.compress(b"a"), b"garbage"])


def test_a_body_of_no_bytes_is_empty() -> None:
    assert decode("gzip, deflate", []) == b""


@pytest.mark.parametrize("coding", ["", "identity", " Identity , ,identity"])
def test_an_identity_body_needs_no_decoder(coding: str) -> None:
    assert decoder_for(coding) is None


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "x" * 500, "gzip;q=1"])
def test_a_coding_that_was_not_asked_for_is_an_error(coding: str) -> None:
    with pytest.raises(BodyDecodingError, match="unsupported Content-Encoding") as caught:
        decoder_for(coding)

    assert len(str(caught.value)) < 100


def test_more_codings_than_anybody_uses_are_an_error() -> None:
    with pytest.raises(
        BodyDecodingError, match="Content-Encoding has 4 codings; at most 3 are allowed"
    ):
        decoder_for("gzip, gzip, deflate, gzip")


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_body_that_grows_a_thousandfold_comes_in_small_pieces(levels: int) -> None:
    compressor = zlib.compressobj(9, wbits=31)
    body = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(64)) + compressor.flush()
    for _ in range(levels - 1):
        body = gzip.compress(body)
    decoder = decoder_for(", ".join(["gzip"] * levels))
    assert decoder is not None

    tracemalloc.start()
    try:
        sizes = [len(piece) for piece in decoder.feed(body)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert max(sizes) == MAX_PIECE
    assert sum(sizes) == 64 << 20
    assert peak < 16 << 20
