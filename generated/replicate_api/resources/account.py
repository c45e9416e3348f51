# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of account, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Account


class AccountResource:
    """Operations of account: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def get(self) -> Account:
        """Get the account that the API token belongs to.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.account import get as _operation

        _arguments = _operation.request()
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncAccountResource:
    """Operations of account: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def get(self) -> Account:
        """Get the account that the API token belongs to.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.account import get as _operation

        _arguments = _operation.request()
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
