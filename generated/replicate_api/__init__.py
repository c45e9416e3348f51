# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The HTTP API of Replicate, one typed function for each operation.

The annotations are those of the API's documentation. A response may differ from it: an unknown
status is a string, a missing field is None, a string that is not a timestamp stays a string. The
``to_dict`` of an object returns the JSON of the response unchanged.
"""

from typing import TYPE_CHECKING

from .lazy import load

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")


def __getattr__(name: str) -> object:
    return load(__name__, dict.fromkeys(__all__, "client"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
