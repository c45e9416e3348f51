"""Run flows at the same time, on asyncio and trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from replicate_ext._http.flow import Flow

CONCURRENCY = 8
"""Number of flows that run at a time."""


async def run_together(
    run: Callable[[Flow[object]], Awaitable[object]], flows: Sequence[Flow[object]]
) -> None:
    """Run flows at the same time, CONCURRENCY at most.

    Args:
        run: Runs one flow.
        flows: The flows, which are started in this order.

    Raises:
        Exception: The first error of a flow, which cancels the others.
    """
    import anyio

    errors: list[Exception] = []
    rest = iter(flows)

    async def run_some() -> None:
        try:
            for flow in rest:
                await run(flow)
        except Exception as error:  # noqa: BLE001 - raised below, without a group around it
            errors.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for _ in range(min(CONCURRENCY, len(flows))):
            group.start_soon(run_some)
    if errors:
        raise errors[0]
