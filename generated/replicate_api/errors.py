# Copied from scripts/runtime/errors.py by `make generate`; changes made here are lost.
"""Errors that the endpoint functions raise."""

from __future__ import annotations


class UnexpectedStatus(Exception):
    """The status of a response is not 2xx.

    Args:
        status_code: HTTP status of the response.
        content: Response body.
    """

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(status_code, content)
        self.status_code = status_code
        self.content = content

    def __str__(self) -> str:
        body = self.content[:1000].decode(errors="replace")
        return f"the API responded with status {self.status_code}: {body}"
