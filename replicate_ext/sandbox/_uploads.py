"""`/files`: what users upload, for a day at most.

https://replicate.com/docs/topics/predictions/input-files
"""

import hmac
import json
import shutil
import time
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from anyio import to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._account import USERNAME
from replicate_ext.sandbox._answers import JSONAnswer
from replicate_ext.sandbox._files import UNKNOWN_TYPE, File, digest
from replicate_ext.sandbox._pages import PAGE_SIZE, Pages, next_sequence
from replicate_ext.sandbox._problems import (
    InvalidField,
    file_not_found,
    file_too_large,
    invalid_input,
)
from replicate_ext.sandbox._stamps import NANOSECONDS, milliseconds

MAX_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded file.

    Args:
        id: what the API calls it.
        url: where the API shows it, and what users put into an input.
        file: the stored file.
        size: its length in bytes.
        md5: its MD5 digest, hexadecimal.
        sha256: its SHA-256 digest, hexadecimal.
        metadata: what the user attached to it.
        lifetime: nanoseconds for which it lasts.
    """

    id: str
    url: str
    file: File
    size: int
    md5: str
    sha256: str
    metadata: object
    lifetime: int
    sequence: int = field(default_factory=next_sequence)
    created_at: int = field(default_factory=time.time_ns)

    @property
    def expires_at(self) -> int:
        """When it is gone, in nanoseconds since 1970."""
        return self.created_at + self.lifetime

    def to_dict(self) -> dict[str, object]:
        """Return the file as the API shows it."""
        return {
            "id": self.id,
            "name": self.file.name,
            "content_type": self.file.content_type,
            "size": self.size,
            "etag": self.md5,
            "checksums": {"sha256": self.sha256, "md5": self.md5},
            "metadata": self.metadata,
            "created_at": milliseconds(self.created_at),
            "expires_at": milliseconds(self.expires_at),
            "urls": {"get": self.url},
        }


class Uploads:
    """Stores uploaded files and serves `/files`.

    Args:
        folder: an empty folder to keep the files in.
        base_url: the API's own URL, with its `/v1`.
        secret: what signs links to download files.
        seconds: for how long files last.
        max_size: the size of the largest file, in bytes.
    """

    def __init__(
        self, folder: Path, base_url: str, *, secret: str, seconds: float, max_size: int
    ) -> None:
        self._folder = folder
        self._secret = secret.encode()
        self._lifetime = int(seconds * NANOSECONDS)
        self._max_size = max_size
        self._url = f"{base_url}/files/"
        self._pages = Pages(PAGE_SIZE, f"{base_url}/files", Upload.to_dict)
        self._uploads: dict[str, Upload] = {}

    def find(self, url: str) -> File | None:
        """Return the uploaded file that has this URL and has not expired."""
        upload = self._current(url.removeprefix(self._url)) if url.startswith(self._url) else None
        return None if upload is None else upload.file

    def expire(self) -> None:
        """Let the time of all files be over; may be called in any thread."""
        self._uploads = {}

    def routes(self) -> list[BaseRoute]:
        """List the routes, below `/v1`."""
        return [
            Route("/files", self._list),
            Route("/files", self._create, methods=["POST"]),
            Route("/files/{id}", self._get),
            Route("/files/{id}", self._delete, methods=["DELETE"]),
            Route("/files/{id}/download", self._download),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.answer(request, filter(None, map(self._current, self._uploads)))

    async def _create(self, request: Request) -> Response:
        # Starlette writes the parts to temporary files as they arrive.
        async with request.form() as form:
            content = form.get("content")
            if not isinstance(content, UploadFile):
                raise invalid_input([InvalidField("required", "", "content is required")])
            if (content.size or 0) > self._max_size:
                raise file_too_large()
            name = await _text(form, "filename") or content.filename or ""
            if len(name.encode()) > MAX_NAME:
                description = f"String length must be less than or equal to {MAX_NAME}"
                raise invalid_input([InvalidField("string_lte", "filename", description)])
            kind = await _text(form, "type") or content.content_type or UNKNOWN_TYPE
            metadata = _metadata(await _text(form, "metadata"))
            upload = await to_thread.run_sync(self._store, content.file, name, kind, metadata)
        self._uploads[upload.id] = upload
        return JSONAnswer(upload.to_dict(), 201)

    async def _get(self, request: Request) -> Response:
        return JSONAnswer(self._find(request).to_dict())

    async def _delete(self, request: Request) -> Response:
        upload = self._find(request)
        self._uploads.pop(upload.id, None)
        await to_thread.run_sync(shutil.rmtree, upload.file.path.parent)
        return PlainTextResponse(status_code=204)

    async def _download(self, request: Request) -> Response:
        upload = self._find(request)
        query = request.query_params
        expiry = query.get("expiry", "")
        signed = hmac.digest(self._secret, f"{USERNAME} {upload.id} {expiry}".encode(), "sha256")
        given = query.get("signature", "").encode()
        is_signed = hmac.compare_digest(b64encode(signed), given) and expiry.isdecimal()
        if not is_signed or query.get("owner") != USERNAME or int(expiry) < time.time():
            raise file_not_found()
        file = upload.file
        return FileResponse(file.path, media_type=UNKNOWN_TYPE, filename=file.name)

    def _current(self, id_: str) -> Upload | None:
        upload = self._uploads.get(id_)
        return upload if upload is not None and upload.expires_at > time.time_ns() else None

    def _find(self, request: Request) -> Upload:
        upload = self._current(request.path_params["id"])
        if upload is None:
            raise file_not_found()
        return upload

    def _store(self, content: BinaryIO, name: str, kind: str, metadata: object) -> Upload:
        id_ = b64encode(str(uuid.uuid4()).encode()).decode()
        folder = self._folder / id_
        folder.mkdir()
        file = File(folder / File(folder, name).name, content_type=kind)
        with file.path.open("wb") as target:
            shutil.copyfileobj(content, target)
        return Upload(
            id=id_,
            url=f"{self._url}{id_}",
            file=file,
            size=file.path.stat().st_size,
            md5=digest(file.path, "md5"),
            sha256=digest(file.path, "sha256"),
            metadata=metadata,
            lifetime=self._lifetime,
        )


async def _text(form: FormData, name: str) -> str | None:
    """Read a small part, which some clients send with a file name and others without."""
    part = form.get(name)
    if isinstance(part, UploadFile):
        return (await part.read()).decode()
    return part


def _metadata(text: str | None) -> object:
    try:
        metadata: object = json.loads(text or "{}")
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict):
        description = "Must be a JSON object"
        raise invalid_input([InvalidField("invalid_type", "metadata", description)])
    return cast("object", metadata)
