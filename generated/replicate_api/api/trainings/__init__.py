# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The operations of this part of the API, one module each."""
