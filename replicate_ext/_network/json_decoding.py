"""Decoding the JSON of responses: large ones with msgspec, if it is installed."""

from __future__ import annotations

import json
from typing import Any

_LARGE = 1 << 15
"""Minimum size in bytes for msgspec, which takes longer to import than to decode less with json."""


def decoded(content: bytes) -> Any:
    """Return the value of JSON text, the same with and without msgspec.

    Args:
        content: The text, in UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: The text is not JSON.
        RecursionError: The value is nested too deeply.
    """
    if len(content) >= _LARGE:
        try:
            import msgspec

            return msgspec.json.decode(content)
        # The standard library accepts more: NaN, lone surrogates, numbers too large for a float.
        except Exception:  # noqa: BLE001, S110 - the standard library decides, also on the error
            pass
    return json.loads(content)
