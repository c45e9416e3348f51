"""``replicate-ext types``: write models as modules with typed functions."""

from replicate_ext.cli.types.commands import app

__all__ = ["app"]
