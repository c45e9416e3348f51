"""Texts for messages: values and words of others, cut to a length that can be printed."""

from __future__ import annotations


def shown(value: object, longest: int = 100) -> str:
    """Return a value as a message may show it: its repr, cut where it is long.

    Args:
        value: Anything except a secret.
        longest: The most characters.
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a repr of the caller's own may do anything
        text = object.__repr__(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def brief(text: str, longest: int = 1000) -> str:
    """Return a text that can be printed: not too long, and without halves of surrogate pairs."""
    printable = text.strip()[:longest].encode("utf-8", "replace").decode()
    return printable if len(text.strip()) <= longest else f"{printable}..."
