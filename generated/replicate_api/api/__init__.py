# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""One package for each part of the API, one module for each operation."""
