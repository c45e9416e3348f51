# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The HTTP API of Replicate, one typed function for each operation.

The annotations are those of the API's documentation. A response may differ from it: an unknown
status is a string, a missing field is None, a string that is not a timestamp stays a string. The
``to_dict`` of an object returns the JSON of the response unchanged.
"""

from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")
