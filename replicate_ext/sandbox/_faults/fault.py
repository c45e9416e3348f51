"""What can go wrong between a client and the API."""

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
from replicate_ext.sandbox._http.responses import JSONAnswer

Place: TypeAlias = Literal["header", "body", "text"]

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
    """One thing that goes wrong with a request; `Sandbox.faults.add` says with which.

    Args:
        taken: whether the API takes the request all the same: a create that is taken leaves a
            prediction, whatever the client gets to hear.
    """

    taken: bool = False

    @staticmethod
    def error(status: int, *, html: bool = False, taken: bool = False) -> "Fault":
        """An error as the API words it; where no wording is known, the status's own name.

        Args:
            status: the HTTP status code, such as 402 or 500.
            html: whether it is a page of the proxy in front instead.
            taken: whether the API takes the request all the same.
        """
        if html:
            page = _PAGE.format(status=status, phrase=_phrase(status))
            return _answer(Response(page, status, media_type="text/html"), taken=taken)
        problem = _PROBLEMS.get(status) or unexplained(status, _phrase(status))
        return _answer(problem.response(), taken=taken)

    @staticmethod
    def throttle(retry_after: int = 5, *, said_in: Place = "body") -> "Fault":
        """A 429 that says when to come back.

        Args:
            retry_after: in seconds.
            said_in: a `Retry-After` header, `retry_after` in the JSON body as the API has it
                today, or only the text of its `detail` as it had it before.
        """
        if said_in == "header":
            headers = {"retry-after": str(retry_after)}
            return _answer(throttled(None).response(), headers)
        return _answer(throttled(retry_after, in_body=said_in == "body").response())

    @staticmethod
    def answer(
        status: int,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
        taken: bool = False,
    ) -> "Fault":
        """Any answer: garbage, somebody else's page, a shape the API may have tomorrow.

        Args:
            status: the HTTP status code.
            body: sent as it is when it is text or bytes, else as JSON.
            headers: beside its content type, or in its place.
            taken: whether the API takes the request all the same.
        """
        if isinstance(body, str | bytes):
            response: Response = Response(body, status, media_type="text/html")
        else:
            response = JSONAnswer(body, status)
        return _answer(response, headers, taken=taken)

    @staticmethod
    def drop(*, taken: bool = False) -> "Fault":
        """The connection is closed without an answer.

        Args:
            taken: whether the API takes the request before; then it is closed where the answer
                would begin, which for one that is held is after the hold.
        """
        return _Drop(taken=taken)

    @staticmethod
    def delay(seconds: float) -> "Fault":
        """The API takes the request at once, and answers late."""
        return _Delay(seconds, taken=True)

    @staticmethod
    def cut(after: int) -> "Fault":
        """The connection is closed in the middle of the answer.

        Args:
            after: how many bytes of the answer's body still arrive.
        """
        return _Cut(after, taken=True)

    @staticmethod
    def stall(after: int, seconds: float = math.inf) -> "Fault":
        """The answer stands still in the middle, with its connection open, and then goes on.

        Args:
            after: how many bytes of the answer's body come before.
            seconds: for how long nothing comes.
        """
        return _Stall(after, seconds, taken=True)

    @abstractmethod
    async def meet(self, message: Message, exchange: Exchange) -> None:
        """Do what goes wrong.

        Args:
            message: the next part of the true answer, as ASGI has it.
            exchange: where parts of answers go.
        """


@dataclass(frozen=True, slots=True)
class _Answer(Fault):
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]

    async def meet(self, message: Message, exchange: Exchange) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        await exchange.send(start)
        await exchange.send({"type": "http.response.body", "body": self.body})


def _answer(
    response: Response, headers: Mapping[str, str] | None = None, *, taken: bool = False
) -> Fault:
    named = {name.lower(): value for name, value in (headers or {}).items()}
    return _Answer(
        response.status_code, bytes(response.body), {**response.headers, **named}, taken=taken
    )


def _phrase(status: int) -> str:
    # Python calls 413 and 422 otherwise from 3.13 on; nginx and the API keep the old names.
    named = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
    return named.get(status) or responses.get(status, "Unknown Error")


@dataclass(frozen=True, slots=True)
class _Drop(Fault):
    async def meet(self, message: Message, exchange: Exchange) -> None:  # noqa: ARG002 - none of it
        exchange.hang_up()


@dataclass(frozen=True, slots=True)
class _Delay(Fault):
    seconds: float

    async def meet(self, message: Message, exchange: Exchange) -> None:
        if message["type"] == "http.response.start":
            await exchange.pause(self.seconds)
        await exchange.send(message)


@dataclass(frozen=True, slots=True)
class _Cut(Fault):
    after: int

    async def meet(self, message: Message, exchange: Exchange) -> None:
        body = message.get("body", b"")
        left = self.after - exchange.sent
        if message["type"] != "http.response.body" or len(body) < left:
            await exchange.send(message)
            return
        await exchange.send({**message, "body": body[:left], "more_body": True})
        exchange.hang_up()


@dataclass(frozen=True, slots=True)
class _Stall(Fault):
    after: int
    seconds: float

    async def meet(self, message: Message, exchange: Exchange) -> None:
        body = message.get("body", b"")
        left = self.after - exchange.sent
        if 0 <= left < len(body):
            await exchange.send({**message, "body": body[:left], "more_body": True})
            await exchange.pause(self.seconds)
            message = {**message, "body": body[left:]}
        await exchange.send(message)
