"""`/files`: uploaded files, which expire.

https://replicate.com/docs/topics/predictions/input-files
"""

import hmac
import io
import shutil
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

from replicate_ext.sandbox._http.bodies import limited
from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.json import parse
from replicate_ext.sandbox._http.pages import PAGE_SIZE, Pages, next_sequence
from replicate_ext.sandbox._http.problems import (
    InvalidField,
    file_not_found,
    file_too_large,
    invalid_input,
    malformed,
)
from replicate_ext.sandbox._http.responses import APIResponse
from replicate_ext.sandbox._http.timestamps import NANOSECONDS, milliseconds
from replicate_ext.sandbox._models.file import UNKNOWN_TYPE, File, digest
from replicate_ext.sandbox._resources.account import USERNAME
from replicate_ext.sandbox._runs.storage import Storage

MAX_NAME = 255
MAX_FIELDS = 1024**2
"""Largest size in bytes of all form fields apart from the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded file.

    Args:
        id: id in the API.
        url: URL in the API, which users put into an input.
        file: stored file.
        size: size in bytes.
        md5: MD5 digest, hexadecimal.
        sha256: SHA-256 digest, hexadecimal.
        metadata: metadata from the user.
        created_at: time of the upload, in nanoseconds since 1970.
        lifetime: nanoseconds after which it expires.
    """

    id: str
    url: str
    file: File
    size: int
    md5: str
    sha256: str
    metadata: object
    created_at: int
    lifetime: int
    sequence: int = field(default_factory=next_sequence)

    @property
    def expires_at(self) -> int:
        """Time of expiry, in nanoseconds since 1970."""
        return self.created_at + self.lifetime

    def to_dict(self) -> dict[str, object]:
        """Return the file as JSON."""
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
    """The store of uploaded files, with its routes.

    Args:
        folder: empty folder for the files.
        base_url: URL of the API, with `/v1`.
        storage: limits the disk space of files.
        clock: the time.
        secret: signing secret of download links.
        seconds: seconds after which a file expires.
        max_size: largest file in bytes.
    """

    def __init__(
        self,
        folder: Path,
        base_url: str,
        storage: Storage,
        clock: Clock,
        *,
        secret: str,
        seconds: float,
        max_size: int,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._folder = folder
        self._secret = secret.encode()
        self._lifetime = int(seconds * NANOSECONDS)
        self._max_size = max_size
        self._url = f"{base_url}/files/"
        self._pages = Pages(PAGE_SIZE, f"{base_url}/files", Upload.to_dict)
        self._uploads: dict[str, Upload] = {}

    def find(self, url: str) -> File | None:
        """Return the file with this URL, or None if there is none or it has expired."""
        upload = self._current(url.removeprefix(self._url)) if url.startswith(self._url) else None
        return None if upload is None else upload.file

    def expire(self) -> None:
        """Let all files expire; thread-safe."""
        self._uploads = {}

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to `/v1`."""
        return [
            Route("/files", self._list),
            Route("/files", self._create, methods=["POST"]),
            Route("/files/{id}", self._get),
            Route("/files/{id}", self._delete, methods=["DELETE"]),
            Route("/files/{id}/download", self._download),
        ]

    async def _list(self, request: Request) -> Response:
        return self._pages.response(request, filter(None, map(self._current, self._uploads)))

    async def _create(self, request: Request) -> Response:
        # Starlette writes the parts to temporary files as they arrive.
        bounded = limited(request, self._max_size + MAX_FIELDS, file_too_large())
        form = await _form(bounded)
        try:
            upload = await self._upload(form)
        finally:
            await form.close()
        return APIResponse(upload.to_dict(), 201)

    async def _upload(self, form: FormData) -> Upload:
        content = form.get("content")
        if isinstance(content, str):  # a part without a file name
            text = content.encode(errors="replace")  # some character sets allow lone surrogates
            content = UploadFile(io.BytesIO(text), size=len(text))
        if content is None:
            raise invalid_input([InvalidField("required", "", "content is required")])
        if (content.size or 0) > self._max_size:
            raise file_too_large()
        name = _name(await _text(form, "filename") or content.filename or "")
        kind = await _text(form, "type") or content.content_type or UNKNOWN_TYPE
        metadata = _metadata(await _text(form, "metadata"))
        return await to_thread.run_sync(self._store, content.file, name, kind, metadata)

    async def _get(self, request: Request) -> Response:
        return APIResponse(self._find(request).to_dict())

    async def _delete(self, request: Request) -> Response:
        upload = self._find(request)
        self._uploads.pop(upload.id, None)
        await to_thread.run_sync(self._storage.remove, upload.file.path)
        return PlainTextResponse(status_code=204)

    async def _download(self, request: Request) -> Response:
        upload = self._find(request)
        query = request.query_params
        expiry = query.get("expiry", "")
        signed = hmac.digest(self._secret, f"{USERNAME} {upload.id} {expiry}".encode(), "sha256")
        given = query.get("signature", "").encode()
        is_signed = hmac.compare_digest(b64encode(signed), given) and expiry.isdecimal()
        if (
            not is_signed
            or query.get("owner") != USERNAME
            or int(expiry) * NANOSECONDS < self._clock.now()
        ):
            raise file_not_found()
        file = upload.file
        return FileResponse(file.path, media_type=UNKNOWN_TYPE, filename=file.name)

    def _current(self, id_: str) -> Upload | None:
        upload = self._uploads.get(id_)
        return upload if upload is not None and upload.expires_at > self._clock.now() else None

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
        upload = Upload(
            id=id_,
            url=f"{self._url}{id_}",
            file=file,
            size=file.path.stat().st_size,
            md5=digest(file.path, "md5"),
            sha256=digest(file.path, "sha256"),
            metadata=metadata,
            created_at=self._clock.now(),
            lifetime=self._lifetime,
        )
        self._uploads[id_] = upload
        self._storage.keep(file.path, lambda: self._uploads.pop(id_, None))
        return upload


async def _form(request: Request) -> FormData:
    """Return the form; Starlette raises LookupError for an unknown character set."""
    try:
        return await request.form()
    except (LookupError, ValueError) as error:
        raise malformed(f"The form cannot be read: {error}") from None


async def _text(form: FormData, name: str) -> str | None:
    """Return a text field; some clients send it with a file name."""
    part = form.get(name)
    if not isinstance(part, UploadFile):
        return part
    try:
        return (await part.read(MAX_FIELDS)).decode()
    except UnicodeDecodeError:
        raise invalid_input([InvalidField("format", name, "Must be UTF-8 text")]) from None


def _name(text: str) -> str:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:  # some character sets allow lone surrogates
        raise invalid_input([InvalidField("format", "filename", "Must be Unicode text")]) from None
    if size > MAX_NAME:
        description = f"String length must be less than or equal to {MAX_NAME}"
        raise invalid_input([InvalidField("string_lte", "filename", description)])
    return text


def _metadata(text: str | None) -> object:
    try:
        metadata = parse(text or "{}")
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict):
        description = "Must be a JSON object"
        raise invalid_input([InvalidField("invalid_type", "metadata", description)])
    return cast("object", metadata)
