"""Defaults of streams."""

from typing import Final

IDLE_SECONDS: Final = 60.0
"""Seconds without data after which a stream reconnects."""

MAX_EVENT_SIZE: Final = 256 * 1024 * 1024
"""Largest number of bytes in one event, so that an endless event does not fill the memory."""
