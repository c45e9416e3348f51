"""The exception class for each status of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicate_ext._problem import describe, invalid_fields, read_problem
from replicate_ext.errors import (
    APIError,
    AuthenticationError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
    ValidationError,
)

if TYPE_CHECKING:
    import httpx

_BY_STATUS: dict[int, type[APIError]] = {
    401: AuthenticationError,
    402: PaymentRequiredError,
    404: NotFoundError,
    422: ValidationError,
    429: RateLimitError,
}


def error_for(response: httpx.Response, hint: str = "") -> APIError:
    """Return the error for an unsuccessful response.

    Args:
        response: The response, already read.
        hint: Advice for the caller, added after the API's message.
    """
    status = response.status_code
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else APIError)
    if status == 400 and invalid_fields(read_problem(response.content)):
        kind = ValidationError
    message = f"{describe(response)}. {hint}" if hint else describe(response)
    return kind(message, response.request, response)
