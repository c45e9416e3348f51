"""Change the local time zone for a test."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def local_time(zone: str) -> Iterator[None]:
    """Set the local time zone until the context ends.

    Args:
        zone: Value for TZ, such as a POSIX rule, which needs no time zone data on the system.
    """
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
