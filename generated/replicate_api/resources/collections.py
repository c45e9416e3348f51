# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of collections, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Collection, CollectionPage


class CollectionsResource:
    """Operations of collections: get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def get(self, collection_slug: str) -> Collection:
        """Get a collection and its models.

        Args:
            collection_slug: The name of the collection in URLs, such as super-resolution.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import get as _operation

        _arguments = _operation.request(collection_slug)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(self, *, cursor: str | None = None) -> CollectionPage:
        """List the collections of models.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncCollectionsResource:
    """Operations of collections: get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def get(self, collection_slug: str) -> Collection:
        """Get a collection and its models.

        Args:
            collection_slug: The name of the collection in URLs, such as super-resolution.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import get as _operation

        _arguments = _operation.request(collection_slug)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> CollectionPage:
        """List the collections of models.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
