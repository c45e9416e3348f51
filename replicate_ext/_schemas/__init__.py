"""Schemas of models: read them, convert inputs to their types, check inputs. No I/O."""
