"""Whether values are what most are: plain JSON. Then nothing else is imported for them."""

from __future__ import annotations

import math

_SCALARS = frozenset({str, int, bool, type(None)})


def is_plain(value: object) -> bool:
    """Say whether JSON has an input as it is.

    Args:
        value: Anything.
    """
    if isinstance(value, dict):
        for name, item in value.items():
            if type(name) is not str or not (type(item) in _SCALARS or is_plain(item)):
                return False
        return True
    if isinstance(value, list):
        return all(type(item) in _SCALARS or is_plain(item) for item in value)
    return isinstance(value, str | int | None) or (
        isinstance(value, float) and math.isfinite(value)
    )


def may_have_files(output: object) -> bool:
    """Say whether an output has a text that starts like the URL of a file.

    Args:
        output: JSON.
    """
    if isinstance(output, str):
        return output[:5].lower() in ("http:", "https", "data:")
    if isinstance(output, dict):
        return any(may_have_files(item) for item in output.values())
    return isinstance(output, list) and any(may_have_files(item) for item in output)
