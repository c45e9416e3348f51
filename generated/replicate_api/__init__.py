# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The HTTP API of Replicate, one typed function for each operation.

Annotations say what the API documents. Should it answer otherwise, the value is kept as it came:
an unknown status stays a string, a missing field is None, a timestamp that is none stays text, and
``to_dict`` gives all of it back.
"""

from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")
