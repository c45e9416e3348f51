"""``client.files``: uploaded files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_api.resources.files import AsyncFilesResource

from replicate_ext._resources import uploads

if TYPE_CHECKING:
    from replicate_api.models import File

    from replicate_ext._files.output import FileOutput
    from replicate_ext._http.async_driver import AsyncDriver
    from replicate_ext.types import FileInput, OnTransfer


class AsyncFiles(AsyncFilesResource):
    """Uploaded files. They expire after a day.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    async def create(
        self,
        file: FileInput | str,
        *,
        filename: str | None = None,
        content_type: str | None = None,
        metadata: dict[str, Any] | None = None,
        on_progress: OnTransfer | None = None,
    ) -> File:
        """Upload a file of up to 100 MB, which is read while it is sent.

        Args:
            file: A path (a string is a path too), an open binary file, or bytes.
            filename: Name of the file. Default: the file's own name.
            content_type: Media type. Default: derived from the name, else from the first bytes.
            metadata: A JSON object to store with the file.
            on_progress: Plain function called with the number of bytes sent so far and the total
                number of bytes. ``replicate_ext.progress_bar()`` returns one.

        Raises:
            InvalidInputError: The file cannot be read or is too large; nothing was sent.
            APIError: A request failed.
        """
        flow = uploads.create(
            self._driver.settings, file, filename, content_type, metadata, on_progress
        )
        return await self._driver.run(flow)

    def download(self, file_id: str, *, owner: str, expiry: int, signature: str) -> FileOutput:
        """Return the file behind a signed link; nothing is sent until it is read or saved.

        Args:
            file_id: ID of the file.
            owner: User or organization that owns the file.
            expiry: Time when the link expires, in seconds since 1970.
            signature: Signature of the link.
        """
        return uploads.signed(self._driver.settings, file_id, owner, expiry, signature)
