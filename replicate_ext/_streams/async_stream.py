"""Shim until the stream is printed."""

from replicate_ext._streams.stream import AsyncStream

__all__ = ["AsyncStream"]
