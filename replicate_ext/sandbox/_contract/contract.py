"""Middleware that validates requests and responses against the API's OpenAPI document."""

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
"""Key of the operation in the scope of a request."""

log = logging.getLogger("replicate_ext.sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractViolation:
    """A response that does not match the API's document: a bug of the sandbox.

    Args:
        operation: operation id in the document, such as `predictions.get`.
        status: HTTP status code of the response.
        faults: one sentence for each mismatch.
    """

    operation: str
    status: int
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.operation}, status {self.status}: {'; '.join(self.faults)}"


class Contract:
    """ASGI middleware that rejects invalid requests and, if strict, invalid responses.

    The route itself validates the request body, by calling `read_json`, so that it can respond with
    404 before the body is validated. An invalid response is replaced with a 500. If a response is
    sent in chunks, only its status and content type are validated.

    Args:
        app: the application.
        violations: where violations are recorded.
        known: values that every enum accepts in addition to its own.
        strict: whether to validate responses; this takes longer than creating most responses.
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
        """Validate a request, handle it, and validate the response."""
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
        """Return the response that replaces an invalid one, or None if it is valid."""
        body = None if first.get("more_body", False) else first.get("body", b"")
        status = start["status"]
        faults = tuple(operation.faults(status, Headers(raw=start["headers"]), body, self._known))
        if not faults:
            return None
        violation = ContractViolation(operation=operation.id, status=status, faults=faults)
        self._violations.append(violation)
        log.error("The sandbox violated the API's contract: %s", violation)
        detail = (
            "This is a bug of the sandbox, not of the client: the response does not match the "
            f"OpenAPI document of the API. {violation}"
        )
        return unexplained(500, detail).response()


async def read_json(request: Request) -> dict[str, object]:
    """Return the JSON body of a request, validated against its operation.

    Raises:
        Problem: 400 when the body is not JSON, 413 when it is too large, 422 when it does not match
            the schema.
    """
    operation: Operation = request.scope[OPERATION]
    return operation.read(request.headers, await read(request, MAX_JSON))


def _problem(operation: Operation, scope: Scope) -> Problem | None:
    try:
        operation.check_head(QueryParams(scope["query_string"]), Headers(scope=scope))
    except Problem as problem:
        return problem
    return None
