"""Types of requests and responses."""

from __future__ import annotations

from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    Generic,
    NamedTuple,
    Protocol,
    Required,
    TypeAlias,
    TypedDict,
    TypeVar,
)

from .paths import as_segment, joined_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    import httpx

__all__ = (
    "FileContent",
    "FilePart",
    "RequestArguments",
    "Response",
    "Upload",
    "as_segment",
    "joined_path",
)

T = TypeVar("T")

FileContent: TypeAlias = IO[bytes] | bytes
FilePart: TypeAlias = tuple[str | None, FileContent | str, str | None]


class Identified(Protocol):
    """An object of the API that has an ID."""

    @property
    def id(self) -> str:
        """ID of the object."""
        ...


class Upload(NamedTuple):
    """A file to upload.

    Args:
        payload: An open binary file, which is streamed, or bytes.
        file_name: Name to send. Default: the name of the open file.
        mime_type: Media type to send. Default: guessed from the name.
    """

    payload: FileContent
    file_name: str | None = None
    mime_type: str | None = None


class RequestArguments(TypedDict, total=False):
    """Arguments for ``httpx.Client.request``."""

    method: Required[str]
    url: Required[str]
    params: dict[str, str | list[str]]
    headers: dict[str, str]
    json: Any
    content: str | bytes | Iterable[bytes] | AsyncIterable[bytes]
    files: list[tuple[str, FilePart]]
    timeout: httpx.Timeout | float


class Response(NamedTuple, Generic[T]):
    """A response with the object that was read from it.

    Args:
        status_code: HTTP status code.
        content: Response body.
        headers: Response headers.
        parsed: The object, or None if the status is not 2xx.
    """

    status_code: int
    content: bytes
    headers: httpx.Headers
    parsed: T | None
