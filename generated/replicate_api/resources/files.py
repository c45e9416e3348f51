# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under files, as objects with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import models

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import File, FilePage
    from ..types import FileContent, Upload


class FilesResource:
    """files: create, delete, download, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def create(
        self,
        *,
        content: Upload | FileContent,
        filename: str | None = None,
        metadata: dict[str, Any] | None = None,
        type: str | None = None,
    ) -> File:
        """Upload a file of up to 100 MB; it expires after a day.

        Args:
            content: The file itself.
            filename: Its name, at most 255 bytes.
            metadata: A JSON object of the caller's own.
            type: Its media type.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import create as _operation

        _arguments = _operation.request(
            body=models.FileCreateRequest(
                content=content, filename=filename, metadata=metadata, type=type
            )
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def delete(self, file_id: str) -> None:
        """Delete an uploaded file.

        Args:
            file_id: The file's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import delete as _operation

        _arguments = _operation.request(file_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def download(self, file_id: str, *, owner: str, expiry: int, signature: str) -> bytes:
        """Download a file with a signed link.

        Args:
            file_id: The file's id.
            owner: The user or organization that owns the file.
            expiry: When the link expires, in seconds since 1970.
            signature: The link's signature: base64 of an HMAC-SHA256 over owner, id and expiry.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import download as _operation

        _arguments = _operation.request(file_id, owner=owner, expiry=expiry, signature=signature)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(self, file_id: str) -> File:
        """Get what is known about an uploaded file.

        Args:
            file_id: The file's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import get as _operation

        _arguments = _operation.request(file_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(self, *, cursor: str | None = None) -> FilePage:
        """List the account's uploaded files.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncFilesResource:
    """files: create, delete, download, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def create(
        self,
        *,
        content: Upload | FileContent,
        filename: str | None = None,
        metadata: dict[str, Any] | None = None,
        type: str | None = None,
    ) -> File:
        """Upload a file of up to 100 MB; it expires after a day.

        Args:
            content: The file itself.
            filename: Its name, at most 255 bytes.
            metadata: A JSON object of the caller's own.
            type: Its media type.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import create as _operation

        _arguments = _operation.request(
            body=models.FileCreateRequest(
                content=content, filename=filename, metadata=metadata, type=type
            )
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def delete(self, file_id: str) -> None:
        """Delete an uploaded file.

        Args:
            file_id: The file's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import delete as _operation

        _arguments = _operation.request(file_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def download(self, file_id: str, *, owner: str, expiry: int, signature: str) -> bytes:
        """Download a file with a signed link.

        Args:
            file_id: The file's id.
            owner: The user or organization that owns the file.
            expiry: When the link expires, in seconds since 1970.
            signature: The link's signature: base64 of an HMAC-SHA256 over owner, id and expiry.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import download as _operation

        _arguments = _operation.request(file_id, owner=owner, expiry=expiry, signature=signature)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, file_id: str) -> File:
        """Get what is known about an uploaded file.

        Args:
            file_id: The file's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import get as _operation

        _arguments = _operation.request(file_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> FilePage:
        """List the account's uploaded files.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
