"""Support for `cog.Input`, recognized by its module and attributes, without importing Cog."""

import inspect
from typing import Any

from replicate_ext.sandbox._models.input import Input


def is_field(default: object) -> bool:
    """Return whether the default of a parameter is a call of `cog.Input`."""
    return type(default).__module__.partition(".")[0] == "cog" and hasattr(default, "choices")


def read_field(field: Any) -> tuple[Input, object]:
    """Return the description and bounds of a `cog.Input`, and its default, or `inspect._empty`."""
    described = Input(
        description=field.description,
        ge=field.ge,
        le=field.le,
        min_length=field.min_length,
        max_length=field.max_length,
        regex=field.regex,
        choices=field.choices,
    )
    factory = getattr(field, "default_factory", None)
    default = factory() if factory is not None else field.default
    # In Cog, an input without a default has the default None or `...`.
    return described, inspect.Parameter.empty if default in (None, ...) else default
