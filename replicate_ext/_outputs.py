"""Outputs: the URLs in them that are files."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
from replicate_api.client import AsyncClient, SyncClient

from replicate_ext.errors import error_for

_WEB_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_DATA_URI = re.compile(r"data:(?P<type>[^\s,]*?)(?P<base64>;base64)?,(?P<data>\S*)", re.IGNORECASE)
_EXPIRED = "Outputs are deleted an hour after the run ended"


def with_files(output: Any, lender: SyncClient | AsyncClient | None) -> Any:
    """Return an output with every file URL in it, however deep, as a FileOutput.

    Args:
        output: What a model returned.
        lender: The client that the files are downloaded with.
    """
    if isinstance(output, str):
        return FileOutput(output, lender) if is_file_url(output) else output
    if isinstance(output, list):
        return [with_files(item, lender) for item in output]
    if isinstance(output, dict):
        return {key: with_files(item, lender) for key, item in output.items()}
    return output


def is_file_url(text: str) -> bool:
    """Say whether a text is, as a whole, an http(s) URL or a data URI.

    Args:
        text: Any text; one that only starts like a URL is none.
    """
    pattern = _DATA_URI if text[:5].lower() == "data:" else _WEB_URL
    return pattern.fullmatch(text) is not None


class FileOutput:
    """A file that a model made. Nothing is downloaded until it is read.

    Args:
        url: Where the file is: an http(s) URL or a data URI.
        lender: The client to download with; None uses one of its own.
    """

    def __init__(self, url: str, lender: SyncClient | AsyncClient | None = None) -> None:
        self.url = url
        self._lender = lender

    def __str__(self) -> str:
        return self.url

    def __repr__(self) -> str:
        return f"FileOutput({self.url[:100]!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileOutput) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __reduce__(self) -> tuple[type[FileOutput], tuple[str]]:
        return type(self), (self.url,)

    def read(self) -> bytes:
        """Download the file and return its bytes.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            httpx.TransportError: No answer came.
        """
        if self.url.startswith("data:"):
            return _decode(self.url)
        if isinstance(self._lender, SyncClient):
            return _content(self._lender.get_httpx_client().get(self.url))
        with httpx.Client() as client:
            return _content(client.get(self.url))

    async def aread(self) -> bytes:
        """Download the file and return its bytes, awaiting them.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            httpx.TransportError: No answer came.
        """
        if self.url.startswith("data:"):
            return _decode(self.url)
        if isinstance(self._lender, AsyncClient):
            return _content(await self._lender.get_async_httpx_client().get(self.url))
        async with httpx.AsyncClient() as client:
            return _content(await client.get(self.url))

    def save(self, path: str | Path) -> Path:
        """Download the file to a path and return it.

        Args:
            path: The file to write; an existing one is replaced.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            httpx.TransportError: No answer came.
        """
        target = Path(path)
        target.write_bytes(self.read())
        return target


def _content(response: httpx.Response) -> bytes:
    if not response.is_success:
        raise error_for(response, _EXPIRED if response.status_code == 404 else "")
    return response.content


def _decode(uri: str) -> bytes:
    match = _DATA_URI.fullmatch(uri)
    if match is None:
        raise ValueError(f"not a data URI: {uri[:60]!r}")
    data = unquote_to_bytes(match["data"])
    if not match["base64"]:
        return data
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(f"the data URI {uri[:60]!r} is broken: {error}") from error
