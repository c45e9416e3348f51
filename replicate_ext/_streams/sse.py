"""Decoding server-sent events according to the standard. No I/O.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, with one
addition: ``done`` and ``error`` events may have no data, as the API may send them so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._defaults import MAX_EVENT_SIZE
from replicate_ext.errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BARE = frozenset({"done", "error"})


class ServerSentEvent(NamedTuple):
    """One event of a stream. ``str(event)`` is the output of the model.

    Args:
        event: Type of the event: "output", "logs", "error", "done", or any other.
        data: Data of the event: a string, or a FileOutput in streams of files.
        id: Latest id in the stream; empty before the first id.
        retry: Milliseconds to wait before reconnecting; None if the event has no such field.
    """

    event: str
    data: Any
    id: str
    retry: int | None

    def __str__(self) -> str:
        return str(self.data) if self.event == "output" else ""


_new = tuple.__new__
_SHORT = 1 << 12
_RETRY_DIGITS = 12
# The form of nearly all events of the API; the others are decoded line by line.
_USUAL = re.compile(r"event: ?([^\n]*)\nid: ?([^\n\0]*)\ndata: ?([^\n]*)")


class Decoder:
    """Decodes bytes into events. Chunks may end anywhere.

    Args:
        max_event_size: Maximum size of an event, in bytes.
        last_id: Latest id of the previous connection.
    """

    def __init__(self, max_event_size: int = MAX_EVENT_SIZE, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: int | None = None
        self.has_own_id = False
        self._max = max_event_size
        self._pending: list[bytes] = []
        self._lines: list[str] = []
        self._size = 0
        self._is_first = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that end in a chunk.

        Args:
            chunk: The next bytes of the stream.

        Raises:
            StreamError: An event is too large.
        """
        for block in self._blocks(chunk):
            if not isinstance(block, str):  # never joined: it may be large
                if sum(map(len, block)) > self._max:
                    raise self._too_large()
                lines = [line for piece in block for line in piece.split("\n")]
                if (event := self._event(lines)) is not None:
                    yield event
                continue
            if len(block) > self._max:
                raise self._too_large()
            usual = _USUAL.fullmatch(block) if len(block) < _SHORT else None
            if usual is not None:
                kind, self.last_id, data = usual.groups()
                self.has_own_id = True
                # Faster than calling the class.
                yield _new(ServerSentEvent, (kind or "message", data, self.last_id, None))
            elif (event := self._event(block.split("\n"))) is not None:
                yield event
        if self._size > self._max:
            raise self._too_large()

    def _too_large(self) -> StreamError:
        return StreamError(f"an event of the stream has more than {self._max:,} bytes")

    def _blocks(self, chunk: bytes) -> Sequence[list[str] | str]:
        """Return the lines of each event that ends in the chunk."""
        is_clean = not (self._size or self._is_first or self._after_cr)
        if is_clean and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            return chunk[:-2].decode("utf-8", "replace").split("\n\n")
        self._size += len(chunk)
        self._pending.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        return self._split(self._complete_lines())

    def _complete_lines(self) -> str:
        """Remove and return the complete lines. A line is decoded once all its bytes are there."""
        buffer = b"".join(self._pending)
        end = max(buffer.rfind(b"\n"), buffer.rfind(b"\r")) + 1
        rest = buffer[end:]
        self._pending = [rest] if rest else []
        text = str(memoryview(buffer)[:end], "utf-8", "replace")
        if self._is_first:
            self._is_first = False
            text = text.removeprefix("\ufeff")
        # A line feed after a carriage return is the same line end, even in the next chunk.
        if self._after_cr:
            text = text.removeprefix("\n")
        self._after_cr = not rest and text.endswith("\r")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def _split(self, text: str) -> list[list[str] | str]:
        """Return each event that ends with a blank line, and keep the lines of the last one.

        An event that began in earlier chunks is returned as a list of its pieces.
        """
        blocks: list[list[str] | str] = []
        if self._lines:
            blank = 0 if text.startswith("\n") else text.find("\n\n") + 1
            if blank == 0 and not text.startswith("\n"):
                self._lines.append(text[:-1])
                return []
            begun, self._lines = self._lines, []
            blocks.append([*begun, text[: blank - 1]] if blank else begun)
            text = text[blank + 1 :]
        *whole, rest = text.split("\n\n")
        self._lines = [rest.removesuffix("\n")] if rest else []
        self._size = len(rest) + sum(map(len, self._pending))
        return [*blocks, *whole]

    def _event(self, lines: list[str]) -> ServerSentEvent | None:
        kind = ""
        data: list[str] = []
        own_id = False
        retry: int | None = None
        for line in lines:
            if line.startswith("data: "):  # without copies: it may be large
                data.append(line[6:])
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "event":
                kind = value
            elif name == "id" and "\0" not in value:
                self.last_id = value
                own_id = True
            elif name == "retry" and value.isascii() and value.isdigit():
                self.retry = retry = int(value.lstrip("0")[:_RETRY_DIGITS] or "0")
        if not data and kind not in _BARE:
            return None
        self.has_own_id = own_id
        text = data[0] if len(data) == 1 else "\n".join(data)
        return ServerSentEvent(kind or "message", text, self.last_id, retry)
