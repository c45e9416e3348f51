# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Resources of the API: classes with a method for each operation."""
