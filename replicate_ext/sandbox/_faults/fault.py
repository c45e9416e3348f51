"""Faults: errors, delays and broken connections between a client and the API.

To add a fault, add a static method to `Fault` and the subclass that it returns.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Literal, TypeAlias

from starlette.responses import Response
from starlette.types import Message

from replicate_ext.sandbox._faults.exchange import Exchange
from replicate_ext.sandbox._http.problems import (
    Problem,
    file_too_large,
    insufficient_credit,
    invalid_version,
    not_found,
    throttled,
    unauthenticated,
    unexplained,
)
from replicate_ext.sandbox._http.responses import APIResponse

RetryAfterPlace: TypeAlias = Literal["header", "body", "text"]

_PAGE = """\
<html>\r
<head><title>{status} {phrase}</title></head>\r
<body>\r
<center><h1>{status} {phrase}</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
"""
_PROBLEMS: Mapping[int, Problem] = {
    problem.status: problem
    for problem in (
        unauthenticated(token_given=True),
        insufficient_credit(),
        not_found(),
        file_too_large(),
        invalid_version(),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(ABC):
    """A fault of a request or its response; `Sandbox.faults.add` plans it.

    Args:
        taken: whether the API still handles the request. If so, a create request creates a
            prediction, whatever response the client receives.
    """

    taken: bool = False

    @staticmethod
    def error(status: int, *, html: bool = False, taken: bool = False) -> "Fault":
        """Respond with an error, with the body of the real API where it is known.

        Args:
            status: HTTP status code, such as 402 or 500.
            html: whether the body is the HTML page of a proxy. Default: False, JSON.
            taken: whether the API still handles the request. Default: False.
        """
        if html:
            page = _PAGE.format(status=status, phrase=_phrase(status))
            return _replacement(Response(page, status, media_type="text/html"), taken=taken)
        problem = _PROBLEMS.get(status) or unexplained(status, _phrase(status))
        return _replacement(problem.response(), taken=taken)

    @staticmethod
    def throttle(retry_after: int = 5, *, said_in: RetryAfterPlace = "body") -> "Fault":
        """Respond with 429 and the time after which to retry.

        Args:
            retry_after: seconds until the limit resets. Default: 5.
            said_in: where the seconds are: in the `Retry-After` header, in `retry_after` of the
                JSON body (as the API does), or only in the text of `detail`. Default: "body".
        """
        if said_in == "header":
            headers = {"retry-after": str(retry_after)}
            return _replacement(throttled(None).response(), headers)
        return _replacement(throttled(retry_after, in_body=said_in == "body").response())

    @staticmethod
    def answer(
        status: int,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        taken: bool = False,
    ) -> "Fault":
        """Respond with any status, body and headers.

        Args:
            status: HTTP status code.
            body: text and bytes are sent unchanged as `text/html`, other values as JSON.
            headers: additional headers; they replace those of the same name.
            taken: whether the API still handles the request. Default: False.
        """
        if isinstance(body, str | bytes):
            response: Response = Response(body, status, media_type="text/html")
        else:
            response = APIResponse(body, status)
        return _replacement(response, headers, taken=taken)

    @staticmethod
    def drop(*, taken: bool = False) -> "Fault":
        """Close the connection without a response.

        Args:
            taken: whether the API handles the request first. If so, the connection is closed when
                the response would start, which is after the hold of `Prefer: wait`. Default:
                False.
        """
        return _Drop(taken=taken)

    @staticmethod
    def delay(seconds: float) -> "Fault":
        """Handle the request at once, and respond after a delay.

        Args:
            seconds: seconds before the response.
        """
        return _Delay(seconds, taken=True)

    @staticmethod
    def cut(after: int) -> "Fault":
        """Close the connection in the middle of the response body.

        Args:
            after: number of bytes of the body to send first.
        """
        return _Cut(after, taken=True)

    @staticmethod
    def stall(after: int, seconds: float = math.inf) -> "Fault":
        """Pause in the middle of the response body, with the connection open, and then continue.

        Args:
            after: number of bytes of the body to send first.
            seconds: seconds of the pause. Default: `math.inf`, until the sandbox stops.
        """
        return _Stall(after, seconds, taken=True)

    @abstractmethod
    async def inject(self, message: Message, exchange: Exchange) -> None:
        """Send the fault in place of the next message of the response.

        Args:
            message: next ASGI message of the response. If `taken` is False, there is no response,
                and only one start message without a status is passed.
            exchange: sends messages, pauses, and closes the connection.
        """


@dataclass(frozen=True, slots=True)
class _Replacement(Fault):
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]

    async def inject(self, message: Message, exchange: Exchange) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        await exchange.send(start)
        await exchange.send({"type": "http.response.body", "body": self.body})


def _replacement(
    response: Response, headers: Mapping[str, str] | None = None, *, taken: bool = False
) -> Fault:
    named = {name.lower(): value for name, value in (headers or {}).items()}
    return _Replacement(
        response.status_code, bytes(response.body), {**response.headers, **named}, taken=taken
    )


def _phrase(status: int) -> str:
    # Python 3.13 renamed 413 and 422; nginx and the API keep the old names.
    named = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
    return named.get(status) or responses.get(status, "Unknown Error")


@dataclass(frozen=True, slots=True)
class _Drop(Fault):
    async def inject(self, message: Message, exchange: Exchange) -> None:  # noqa: ARG002 - nothing is sent
        exchange.close()


@dataclass(frozen=True, slots=True)
class _Delay(Fault):
    seconds: float

    async def inject(self, message: Message, exchange: Exchange) -> None:
        if message["type"] == "http.response.start":
            await exchange.pause(self.seconds)
        await exchange.send(message)


@dataclass(frozen=True, slots=True)
class _Cut(Fault):
    after: int

    async def inject(self, message: Message, exchange: Exchange) -> None:
        body = message.get("body", b"")
        left = self.after - exchange.sent
        if message["type"] != "http.response.body" or len(body) < left:
            await exchange.send(message)
            return
        await exchange.send({**message, "body": body[:left], "more_body": True})
        exchange.close()


@dataclass(frozen=True, slots=True)
class _Stall(Fault):
    after: int
    seconds: float

    async def inject(self, message: Message, exchange: Exchange) -> None:
        body = message.get("body", b"")
        left = self.after - exchange.sent
        if 0 <= left < len(body):
            await exchange.send({**message, "body": body[:left], "more_body": True})
            await exchange.pause(self.seconds)
            message = {**message, "body": body[left:]}
        await exchange.send(message)
