"""Bounded memory of streams: ids and text that were received. Guarantee 12."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clients import make_client, prediction
from support.streams import STREAM_URL, sse

from replicate_ext import StreamInterrupted
from replicate_ext._streams import received
from replicate_ext._streams.received import ReceivedIds, ReceivedText
from replicate_ext._streams.state import StreamState

TEXTS = st.lists(st.text(st.characters(codec=None), max_size=5))


def begin() -> StreamState:
    client = make_client("sync")
    state = StreamState(
        client._settings,  # noqa: SLF001 - the client has no other use for it
        prediction(urls={"stream": STREAM_URL}),
        use_file_output=True,
        max_event_size=1 << 20,
    )
    state.headers()
    return state


def kept(texts: list[str], *, folded: int = 0) -> ReceivedText:
    """Texts that were received, the first of them in compact form."""
    text = ReceivedText()
    for number, each in enumerate(texts):
        if number == folded:
            text.fold()
        text.add(each)
    return text


def test_a_long_stream_takes_less_than_2_mb() -> None:
    events = b"".join(sse(f"token{number}", f"1690212292:{number}") for number in range(100_000))
    chunks = [events[start : start + (1 << 16)] for start in range(0, len(events), 1 << 16)]
    state = begin()

    tracemalloc.start()
    try:
        for chunk in chunks:
            state.feed(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000


def test_a_long_stream_resumes_without_repeated_events() -> None:
    events = [sse(f"t{number}", number) for number in range(20_000)]
    state = begin()
    for event in events[:15_000]:
        state.feed(event)
    state.reconnect(None)
    state.headers()

    new = state.feed(b"".join(events))

    assert [event.data for event in new] == [f"t{number}" for number in range(15_000, 20_000)]


def test_a_long_text_is_continued_after_its_last_character() -> None:
    words = [f"tök€n{number} " for number in range(50_000)]
    state = begin()
    for word in words:
        state.feed(sse(word))

    rest = state.catch_up(prediction("succeeded", output=[*words, "and ", "more"]))
    assert [event.data for event in rest] == ["and ", "more", "{}"]


def test_a_difference_at_the_start_of_a_long_text_is_found() -> None:
    words = [f"tök€n{number} " for number in range(50_000)]
    state = begin()
    for word in words:
        state.feed(sse(word))

    with pytest.raises(StreamInterrupted) as caught:
        state.catch_up(prediction("succeeded", output=["T" + words[0][1:], *words[1:]]))
    whole = "".join(words)
    assert whole.endswith(caught.value.text)
    assert received.MAX_TEXT - 4 < len(caught.value.text.encode()) <= received.MAX_TEXT


def test_a_stream_with_too_many_ids_is_not_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "MAX_IDS", 10)
    state = begin()
    for number in range(10):
        state.feed(sse("x", number))
    assert state.reconnect(None) is not None
    state.headers()
    state.feed(sse("x", 10))

    assert state.reconnect(None) is None


def test_ids_mark_repeated_events_from_the_next_connection_on() -> None:
    ids = ReceivedIds()
    ids.add("a")
    assert not ids.is_repeated("a")

    ids.begin_connection()
    ids.add("b")

    assert ids.is_repeated("a")
    assert not ids.is_repeated("b")
    assert not ids.is_repeated("c")


@given(TEXTS, TEXTS, st.integers(0, 5))
def test_the_rest_is_what_a_comparison_of_whole_texts_gives(
    texts: list[str], more: list[str], folded: int
) -> None:
    whole, output = "".join(texts), [*texts, *more]

    rest = kept(texts, folded=folded).rest_of(output)
    assert rest is not None
    assert "".join(rest) == "".join(more)
    assert (kept(texts).rest_of(more) is not None) == "".join(more).startswith(whole)


@given(TEXTS, st.integers(0, 5), st.integers(0, 3))
def test_the_text_leaves_out_what_did_not_reach_the_reader(
    texts: list[str], folded: int, undelivered: int
) -> None:
    left = max(len(texts) - undelivered, min(folded, len(texts)))

    text = kept(texts, folded=folded).text(len(texts) - left)

    assert text == "".join(texts[:left])
