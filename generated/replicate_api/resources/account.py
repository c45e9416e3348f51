# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of account, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Account


class AccountResource:
    """Operations of account: get.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def get(self) -> Account:
        """Get the account that the API token belongs to.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.account import get as _operation

        _arguments = _operation.request()
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncAccountResource:
    """Operations of account: get.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def get(self) -> Account:
        """Get the account that the API token belongs to.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.account import get as _operation

        _arguments = _operation.request()
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
