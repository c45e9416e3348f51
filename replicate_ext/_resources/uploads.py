"""Flows that upload files, and FileOutput objects for signed URLs. No I/O."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from replicate_ext._files.encoding import check_sizes, upload
from replicate_ext._files.file_source import source_of
from replicate_ext._files.output import FileOutput
from replicate_ext._http.callbacks import check_plain_callback, close_callback
from replicate_ext._http.flow import Flow, work
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_api.models import File

    from replicate_ext._http.settings import Settings
    from replicate_ext.types import FileInput, OnTransfer


def create(
    settings: Settings,
    file: FileInput | str,
    filename: str | None,
    content_type: str | None,
    metadata: dict[str, Any] | None,
    on_progress: OnTransfer | None,
) -> Flow[File]:
    """Upload a file and return its details."""
    from replicate_api.models import File

    check_plain_callback("on_progress", on_progress)
    if isinstance(file, FileOutput):
        raise InvalidInputError(
            "file: a FileOutput already has a URL, which can be passed to a model. To upload a "
            "copy, pass output.open()"
        )
    given = Path(file) if isinstance(file, str) else file
    source = yield from work(
        lambda: source_of(given, "file", name=filename, content_type=content_type)
    )
    check_sizes([source])
    try:
        uploaded = yield from upload(settings, source, metadata, on_progress=on_progress)
    finally:
        close_callback(on_progress)
    return File.from_dict(uploaded)


def signed(settings: Settings, file_id: str, owner: str, expiry: int, signature: str) -> FileOutput:
    """Return the file at a signed URL, as a FileOutput."""
    from replicate_api.api.files import download

    arguments = download.request(file_id, owner=owner, expiry=expiry, signature=signature)
    url = httpx.URL(settings.base_url + arguments["url"], params=arguments.get("params"))
    return FileOutput(
        str(url), settings.download_client, settings.clock, settings.max_download_size
    )
