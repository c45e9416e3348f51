# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of hardware, with a method for each operation."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Hardware


class HardwareResource:
    """Operations of hardware: list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def list(self) -> builtins.list[Hardware]:
        """List the hardware that models can run on.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.hardware import list_ as _operation

        _arguments = _operation.request()
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncHardwareResource:
    """Operations of hardware: list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def list(self) -> builtins.list[Hardware]:
        """List the hardware that models can run on.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.hardware import list_ as _operation

        _arguments = _operation.request()
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
