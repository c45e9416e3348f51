"""Errors that the endpoint functions raise."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator


class UnexpectedStatus(Exception):
    """The status of a response is not 2xx.

    Args:
        status_code: HTTP status of the response.
        content: Response body.
        response: The response; None if it is not known.
    """

    def __init__(
        self, status_code: int, content: bytes, response: httpx.Response | None = None
    ) -> None:
        super().__init__(status_code, content)
        self.status_code = status_code
        self.content = content
        self.response = response

    def __str__(self) -> str:
        body = self.content[:1000].decode(errors="replace")
        return f"the API responded with status {self.status_code}: {body}"


class UnreadableResponse(ValueError):
    """A successful response is not the expected JSON.

    Args:
        message: What is wrong.
        response: The response; None if it is not known.
    """

    def __init__(self, message: str, response: httpx.Response | None = None) -> None:
        super().__init__(message)
        self.response = response


@contextmanager
def errors_of(client: object, *, repeatable: bool) -> Generator[None]:
    """Replace the errors of a request if the client defines its own errors.

    Args:
        client: The client that sends the request.
        repeatable: Whether the request is safe to send again.
    """
    make = getattr(client, "_error_of", None)
    try:
        yield
    except httpx.RequestError as error:
        if make is None:
            raise
        made = make(error, repeatable=repeatable)
        raise made from made.__cause__
    except (UnexpectedStatus, UnreadableResponse) as error:
        if make is None or error.response is None:
            raise
        raise make(error.response, repeatable=repeatable) from None
