# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The HTTP API of Replicate, one typed function for each operation.

The distribution ``replicate-ext`` installs this package in addition to ``replicate_ext``. All of it
is generated from the API's OpenAPI document. It does not need ``replicate_ext`` at run time, and
can be used alone, with its ``AuthenticatedClient``. Most programs need only ``replicate_ext``,
which adds waiting, retries, streams and files.

The annotations follow the API's documentation. Responses may differ from it: an unknown status is
a string, a missing field is None, and a string that is not a timestamp stays a string. The
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
