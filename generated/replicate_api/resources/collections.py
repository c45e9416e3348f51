# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under collections, as objects with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Collection, CollectionPage


class CollectionsResource:
    """collections: get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def get(self, collection_slug: str) -> Collection:
        """Get a collection with its models.

        Args:
            collection_slug: The collection's name in URLs, like super-resolution.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import get as _operation

        _arguments = _operation.request(collection_slug)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(self, *, cursor: str | None = None) -> CollectionPage:
        """List the collections of models.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncCollectionsResource:
    """collections: get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def get(self, collection_slug: str) -> Collection:
        """Get a collection with its models.

        Args:
            collection_slug: The collection's name in URLs, like super-resolution.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import get as _operation

        _arguments = _operation.request(collection_slug)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> CollectionPage:
        """List the collections of models.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.collections import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
