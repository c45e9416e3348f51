"""A file at a URL, and what is known about it. No I/O."""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING

from replicate_ext._files import media_types
from replicate_ext._files.data_uris import data_content, data_type
from replicate_ext._files.download import MAX_RESUMES
from replicate_ext._files.file_name import has_ending, name_from_url

if TYPE_CHECKING:
    from replicate_api.client import AsyncClient, SyncClient

    from replicate_ext._files.download import Download
    from replicate_ext._http.settings import Clock

_NAMED_ENDING = re.compile(
    r'filename\*?\s*=\s*(?:"[^"]*?|[^";]*?)(\.[a-z0-9]{1,10})"?\s*(?:;|$)', re.IGNORECASE
)


class RemoteFile:
    """A file at an http(s) URL or in a data URI.

    ``download`` is the latest download of the file; its response shows the type and size.

    Args:
        url: The http(s) URL or data URI.
        download_client: Client to download with; None creates a client for each download.
        clock: Source of time and random numbers.
        max_download_size: Limit for reading the file into memory, in bytes.
        max_resumes: Consecutive requests without new bytes after which a download fails.
    """

    def __init__(
        self,
        url: str,
        download_client: SyncClient | AsyncClient | None,
        clock: Clock,
        max_download_size: int,
        *,
        max_resumes: int = MAX_RESUMES,
    ) -> None:
        self.url = url
        self.download_client = download_client
        self.clock = clock
        self.max_download_size = max_download_size
        self.max_resumes = max_resumes
        self.download: Download | None = None

    @property
    def is_data(self) -> bool:
        """Whether the file is in a data URI."""
        return self.url[:5].lower() == "data:"

    @property
    def name(self) -> str:
        """File name from the URL, with an ending for its media type if it has none."""
        name = "output" if self.is_data else name_from_url(self.url)
        return name if has_ending(name) else name + self.ending

    @property
    def ending(self) -> str:
        """Ending of a file name for the media type; empty while that is unknown."""
        if self.is_data:
            return media_types.ending_of(self.content_type or "")
        if self.download is None:
            return ""
        named = _NAMED_ENDING.search(self.download.disposition or "")
        kind = media_types.essence(self.download.content_type)
        return named[1].lower() if named else media_types.ending_of(kind or "")

    @property
    def content_type(self) -> str | None:
        """Media type from the server's response; before a response, guessed from the name."""
        if self.is_data:
            return data_type(self.url)
        if self.download is not None and self.download.content_type:
            return self.download.content_type
        return mimetypes.guess_type(name_from_url(self.url))[0]

    @property
    def size(self) -> int | None:
        """Size in bytes; None until the server has announced it."""
        if self.is_data:
            return len(data_content(self.url))
        return self.announced_size

    @property
    def announced_size(self) -> int | None:
        """Size in bytes that the server announced; None if unknown, and for a data URI."""
        return None if self.download is None else self.download.size
