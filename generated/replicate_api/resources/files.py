# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of files, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import File, FilePage
    from ..types import Identified


class FilesResource:
    """Operations of files: delete, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def delete(self, file_id: str | Identified) -> None:
        """Delete an uploaded file.

        Args:
            file_id: The ID of the file.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import delete as _operation

        _arguments = _operation.request(file_id)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(self, file_id: str | Identified) -> File:
        """Get the details of an uploaded file.

        Args:
            file_id: The ID of the file.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import get as _operation

        _arguments = _operation.request(file_id)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(self, *, cursor: str | None = None) -> FilePage:
        """List the uploaded files of the account.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncFilesResource:
    """Operations of files: delete, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def delete(self, file_id: str | Identified) -> None:
        """Delete an uploaded file.

        Args:
            file_id: The ID of the file.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import delete as _operation

        _arguments = _operation.request(file_id)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, file_id: str | Identified) -> File:
        """Get the details of an uploaded file.

        Args:
            file_id: The ID of the file.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import get as _operation

        _arguments = _operation.request(file_id)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> FilePage:
        """List the uploaded files of the account.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.files import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
