"""Format values and texts for messages: short, and always printable."""

from __future__ import annotations


def shown(value: object, longest: int = 100) -> str:
    """Return a value for a message: its repr, shortened if it is long.

    Args:
        value: Any value except a secret.
        longest: Maximum number of characters.
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a user's __repr__ can raise anything
        text = object.__repr__(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def brief(text: str, longest: int = 1000) -> str:
    """Return a text shortened to a length, with lone surrogates replaced so that it prints.

    Args:
        text: Any text.
        longest: Maximum number of characters.
    """
    printable = text.strip()[:longest].encode("utf-8", "replace").decode()
    return printable if len(text.strip()) <= longest else f"{printable}..."
