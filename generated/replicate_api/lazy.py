# Copied from scripts/runtime/lazy.py by `make generate`; changes made here are lost.
"""Importing a package's attributes when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def load(package: str, modules: Mapping[str, str], name: str) -> object:
    """Import an attribute of a package and store it there.

    Args:
        package: Name of the package.
        modules: The module that defines each attribute.
        name: The attribute.

    Raises:
        AttributeError: The package has no such attribute.
    """
    if name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value = getattr(import_module(f".{modules[name]}", package), name)
    setattr(sys.modules[package], name, value)
    return value
