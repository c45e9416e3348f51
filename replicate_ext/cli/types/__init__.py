"""``replicate-ext types``: write models as modules with typed functions."""
