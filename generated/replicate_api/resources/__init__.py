# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The API as objects, one method for each operation, for a client to offer."""
