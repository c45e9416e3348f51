"""Holding what comes in and what goes out to the API's OpenAPI document."""

import logging
from collections import deque
from collections.abc import Container
from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._contract.operations import Operation, find
from replicate_ext.sandbox._http.bodies import MAX_JSON, read
from replicate_ext.sandbox._http.problems import Problem, unexplained

KEPT_VIOLATIONS = 1_000
OPERATION = "replicate_ext.sandbox.operation"
"""Where the scope of a request holds its operation."""

log = logging.getLogger("replicate_ext.sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractViolation:
    """An answer of the sandbox that the API would not give: a bug of the sandbox.

    Args:
        operation: its id in the document, such as `predictions.get`.
        status: the HTTP status code that the answer had.
        faults: what does not fit, a sentence each.
    """

    operation: str
    status: int
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operation}, answered {self.status}: {'; '.join(self.faults)}"


class Contract:
    """ASGI middleware that refuses wrong requests and, if it is strict, wrong answers too.

    The body of a request is checked where its route reads it, with `read_json`: until then it may
    turn out that there is nothing at this path. A wrong answer is replaced by a 500. Answers that
    come in pieces are passed on as they come; of them only the status and the content type are
    checked.

    Args:
        app: the application.
        violations: where to put what is found; full, it forgets the oldest.
        known: texts that are allowed wherever there is an enum, beside what that has.
        strict: whether to check answers, which takes more time than making most of them.
    """

    def __init__(
        self,
        app: ASGIApp,
        violations: deque[ContractViolation],
        known: Container[str],
        *,
        strict: bool,
    ) -> None:
        self._strict = strict
        self._app = app
        self._violations = violations
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, pass it on, and check its answer."""
        is_http = scope["type"] == "http"
        operation = find(scope["method"], scope["path"].removeprefix("/v1")) if is_http else None
        if operation is None:
            await self._app(scope, receive, send)
            return
        scope[OPERATION] = operation
        problem = _problem(operation, scope)
        app = self._app if problem is None else problem.response()
        if not self._strict:
            await app(scope, receive, send)
            return
        start: Message | None = None
        is_replaced = False

        async def checked(message: Message) -> None:
            nonlocal start, is_replaced
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                begin, start = start, None
                replacement = self._replacement(operation, begin, message)
                is_replaced = replacement is not None
                if replacement is not None:
                    await replacement(scope, receive, send)
                else:
                    await send(begin)
            if not is_replaced:
                await send(message)

        await app(scope, receive, checked)

    def _replacement(self, operation: Operation, start: Message, first: Message) -> Response | None:
        """Return what to answer in place of something that does not fit."""
        body = None if first.get("more_body", False) else first.get("body", b"")
        status = start["status"]
        faults = tuple(operation.faults(status, Headers(raw=start["headers"]), body, self._known))
        if not faults:
            return None
        violation = ContractViolation(operation=operation.id, status=status, faults=faults)
        self._violations.append(violation)
        log.error("The sandbox broke the API's contract: %s", violation)
        detail = (
            "This is a bug of the sandbox, not of the client: what it was about to answer does not "
            f"fit the API's OpenAPI document. {violation}"
        )
        return unexplained(500, detail).response()


async def read_json(request: Request) -> dict[str, object]:
    """Return the JSON object of a request to one of the document's operations.

    Raises:
        Problem: 400 when it is no JSON, 413 when it is too large, 422 when it does not fit the
            document.
    """
    operation: Operation = request.scope[OPERATION]
    return operation.read(request.headers, await read(request, MAX_JSON))


def _problem(operation: Operation, scope: Scope) -> Problem | None:
    try:
        operation.check_head(QueryParams(scope["query_string"]), Headers(scope=scope))
    except Problem as problem:
        return problem
    return None
