"""Reading successful responses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from replicate_ext._problem import describe
from replicate_ext.errors import InvalidResponseError

if TYPE_CHECKING:
    import httpx


def read_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a successful response.

    Args:
        response: The response.

    Raises:
        InvalidResponseError: The body is not a JSON object.
    """
    try:
        value = response.json()
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    raise not_the_api(response)


def not_the_api(response: httpx.Response) -> InvalidResponseError:
    """Return the error for a successful response that the API cannot have sent.

    Args:
        response: The response.
    """
    description = describe(response)
    with suppress(ValueError, RecursionError):
        response.json()  # JSON of another shape is not shown: it may contain a secret
        description = f"{response.status_code} {response.reason_phrase}"
    message = f"{description}. The response is not JSON from the API. Check base_url and any proxy"
    return InvalidResponseError(message, response.request, response)
