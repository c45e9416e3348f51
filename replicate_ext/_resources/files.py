# Printed from async_files.py by `make generate`; changes made here are lost.
"""``client.files``: uploaded files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_api.resources.files import FilesResource

from replicate_ext._files.encoding import check_sizes, upload
from replicate_ext._files.file_source import source_of
from replicate_ext._files.output import FileOutput
from replicate_ext._http.flow import Flow, work
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_api.models import File

    from replicate_ext._files.file_source import FileInput
    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._http.send import Settings


def create(
    settings: Settings,
    file: FileInput | str,
    filename: str | None,
    content_type: str | None,
    metadata: dict[str, Any] | None,
) -> Flow[File]:
    """Upload a file and return what the API knows of it."""
    from replicate_api.models import File

    if isinstance(file, FileOutput):
        raise InvalidInputError(
            "file: a FileOutput is at a URL already, which can be given to a model; to upload a "
            "copy, pass output.open()"
        )
    given = Path(file) if isinstance(file, str) else file
    source = yield from work(
        lambda: source_of(given, "file", name=filename, content_type=content_type)
    )
    check_sizes([source])
    uploaded = yield from upload(settings, source, metadata)
    return File.from_dict(uploaded)


def signed(settings: Settings, file_id: str, owner: str, expiry: int, signature: str) -> FileOutput:
    """Return the file behind a signed link."""
    from replicate_api.api.files import download

    arguments = download.request(file_id, owner=owner, expiry=expiry, signature=signature)
    url = httpx.URL(settings.base_url + arguments["url"], params=arguments.get("params"))
    return FileOutput(str(url), settings.lender, settings.clock, settings.max_download_size)


class Files(FilesResource):
    """Uploaded files. They expire after a day.

    Args:
        driver: Runs the requests.
    """

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    def create(
        self,
        file: FileInput | str,
        *,
        filename: str | None = None,
        content_type: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> File:
        """Upload a file of up to 100 MB, which is read while it is sent.

        Args:
            file: A path (a string is a path too), an open binary file, or bytes.
            filename: Name of the file. Default: the file's own name.
            content_type: Media type. Default: derived from the name, else from the first bytes.
            metadata: A JSON object to store with the file.

        Raises:
            InvalidInputError: The file cannot be read or is too large; nothing was sent.
            APIError: A request failed.
        """
        flow = uploads.create(self._driver.settings, file, filename, content_type, metadata)
        return self._driver.run(flow)

    def download(self, file_id: str, *, owner: str, expiry: int, signature: str) -> FileOutput:
        """Return the file behind a signed link; nothing is sent until it is read or saved.

        Args:
            file_id: ID of the file.
            owner: User or organization that owns the file.
            expiry: Time when the link expires, in seconds since 1970.
            signature: Signature of the link.
        """
        return uploads.signed(self._driver.settings, file_id, owner, expiry, signature)
