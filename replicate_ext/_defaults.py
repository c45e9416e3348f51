"""Default values of options."""

from __future__ import annotations

from typing import Final

import httpx

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0, pool=None)
"""Seconds for each step of one request. Waiting for a free connection has no limit of its own."""

MAX_RESPONSE_SIZE: Final = 160 * 1024 * 1024
"""Largest JSON response in bytes: a prediction repeats its input, with up to 100 MB as base64."""

MAX_DOWNLOAD_SIZE: Final = 1 << 30
"""Largest file in bytes that is read into memory."""

IDLE_SECONDS: Final = 60.0
"""Seconds without data after which a stream reconnects."""

MAX_EVENT_SIZE: Final = 256 * 1024 * 1024
"""Largest number of bytes in one event, so that an endless event does not fill the memory."""
