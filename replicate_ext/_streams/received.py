"""The ids and the text that a stream has received, in bounded memory. No I/O."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_IDS = 1 << 17
"""Number of ids that are kept; a stream with more is not resumed, but polled."""

MAX_TEXT = 1 << 17
"""Number of the latest bytes of text that are kept for errors."""

_CONTINUATION = bytes(range(0x80, 0xC0))
"""Bytes that do not begin a character in UTF-8."""


class ReceivedIds:
    """Ids of received events, to recognize events that a later connection repeats.

    Each id is kept as its 64-bit hash, which takes 8 bytes: a new id among 100,000 is taken for a
    known one with a probability below 1 in 10**13. No id is forgotten, because a server may repeat
    its events from any point; a stream with more than MAX_IDS is full, and keeps no more.
    """

    def __init__(self) -> None:
        self._is_full = False
        self._earlier = array("q")
        self._current = array("q")
        self._latest: list[str] = []
        # An attribute, because calling a method takes longer than the rest of an event.
        self.add: Callable[[str], None] = self._latest.append

    def is_full(self) -> bool:
        """Return whether there were more ids than are kept."""
        self.fold()
        return self._is_full

    def begin_connection(self) -> None:
        """Treat events with the ids so far as repeated. Within one connection, ids may repeat."""
        self.fold()
        if self._current:
            self._earlier = array("q", sorted({*self._earlier, *self._current}))
            self._current = array("q")

    def is_repeated(self, id: str) -> bool:
        """Return whether an earlier connection had an event with this id."""
        if not self._earlier:
            return False
        key = hash(id)
        place = bisect_left(self._earlier, key)
        return place < len(self._earlier) and self._earlier[place] == key

    def fold(self) -> None:
        """Add the latest ids to the compact form, all at once, which is faster."""
        number = len(self._earlier) + len(self._current) + len(self._latest)
        self._is_full = self._is_full or number > MAX_IDS
        if not self._is_full:
            self._current.extend(map(hash, self._latest))
        self._latest.clear()


class ReceivedText:
    """Text of the outputs of a stream.

    Its length and its SHA-256 show whether the output of a prediction continues the text: as many
    characters of the output must have the same hash. The text itself is only needed for errors, so
    only its end is kept.
    """

    def __init__(self) -> None:
        # The end of earlier texts, and the latest texts. One tuple is replaced at once, so that
        # Ctrl-C can neither lose nor repeat a text.
        self._kept: tuple[bytes, list[str]] = (b"", [])
        self.add: Callable[[str], None] = self._kept[1].append
        self._length = 0
        self._hash = hashlib.sha256(usedforsecurity=False)

    def text(self, undelivered: int = 0) -> str:
        """Return the text, or its end if it is long.

        Args:
            undelivered: Number of latest outputs, all of one chunk, to leave out.
        """
        tail, latest = self._kept
        begin = tail.lstrip(_CONTINUATION).decode("utf-8", "surrogatepass")
        return begin + "".join(latest[: len(latest) - undelivered])

    def is_longer_than(self, text: str) -> bool:
        """Return whether the received text is longer than another."""
        self.fold()
        return self._length > len(text)

    def rest_of(self, items: list[str]) -> list[str] | None:
        """Return the items after the received text; None if they do not begin with that text.

        The items are compared as one text, because events may split it differently.

        Args:
            items: Items of an output.
        """
        self.fold()
        begin = "".join(items)[: self._length]
        if len(begin) < self._length or _sha256(begin) != self._hash.digest():
            return None
        left = self._length
        for index, item in enumerate(items):
            if left < len(item):
                return [item[left:], *items[index + 1 :]]
            left -= len(item)
        return []

    def fold(self) -> None:
        """Add the latest texts, which the reader has received, to the compact form."""
        tail, latest = self._kept
        text = "".join(latest)
        encoded = text.encode("utf-8", "surrogatepass")
        self._kept = ((tail + encoded[-MAX_TEXT:])[-MAX_TEXT:], [])
        self.add = self._kept[1].append
        self._length += len(text)
        self._hash.update(encoded)


def _sha256(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(encoded, usedforsecurity=False).digest()
