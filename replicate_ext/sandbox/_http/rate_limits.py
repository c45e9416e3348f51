"""The rate limits of the API.

https://replicate.com/docs/topics/predictions/rate-limits
"""

import re
import time
from collections.abc import Callable

_CREATE = re.compile(r"/(?:models/[^/]+/[^/]+/|deployments/[^/]+/[^/]+/)?predictions")
_GET = re.compile(r"/predictions/[^/]+")
_CREATES, _POLLS, _OTHERS = 600, 60_000, 3_000
_MINUTE = 60


def creates_prediction(method: str, path: str) -> bool:
    """Return whether a request creates a prediction.

    Args:
        method: in upper case.
        path: without `/v1`.
    """
    return method == "POST" and _CREATE.fullmatch(path) is not None


class RateLimits:
    """Three limits, in requests per minute: of creates, of polls, and of all other requests.

    Args:
        now: returns the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: dict[int, tuple[float, float]] = {}

    def take(self, method: str, path: str) -> int:
        """Count a request, and return how many more are allowed; -1 if this one is too many.

        Args:
            method: in upper case.
            path: without `/v1`.
        """
        if creates_prediction(method, path):
            limit = _CREATES
        else:
            limit = _POLLS if method == "GET" and _GET.fullmatch(path) else _OTHERS
        now = self._now()
        left, before = self._left.get(limit, (float(limit), now))
        left = min(limit, left + (now - before) * limit / _MINUTE) - 1
        self._left[limit] = max(0, left), now
        return int(left) if left >= 0 else -1
