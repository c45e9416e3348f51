"""Pages with opaque cursors, as Django REST framework's `CursorPagination` makes them."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from replicate_ext.sandbox._problems import missing


class Numbered(Protocol):
    """Something that knows its place in the order of creation."""

    @property
    def sequence(self) -> int:
        """A number that is higher than that of everything created before."""
        ...


T = TypeVar("T", bound=Numbered)


@dataclass(frozen=True, slots=True)
class _Cursor:
    position: int
    backwards: bool = False

    def encode(self) -> str:
        fields = {"r": "1"} if self.backwards else {}
        return b64encode(urlencode({**fields, "p": self.position}).encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "_Cursor":
        try:
            fields = parse_qs(b64decode(text, validate=True).decode("ascii"))
            return cls(int(fields["p"][0]), backwards="r" in fields)
        except (binascii.Error, KeyError, ValueError):
            raise missing("Invalid cursor") from None


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """How a collection is listed.

    Args:
        size: the number of items on a page.
        url: the absolute URL of the list, without its query.
        to_dict: makes the JSON object for one item.
    """

    size: int
    url: str
    to_dict: Callable[[T], dict[str, object]]

    def answer(self, request: Request, items: Iterable[T]) -> Response:
        """Answer with the page that the request's `cursor` asks for, newest items first.

        Args:
            request: its other query parameters are kept in `next` and `previous`.
            items: everything there is to list, in any order.

        Raises:
            Problem: 404 when the cursor is not one of ours.
        """
        newest_first = sorted(items, key=lambda item: item.sequence, reverse=True)
        text = request.query_params.get("cursor")
        page = self._cut(newest_first, _Cursor.decode(text) if text else None)
        next_, previous = None, None
        if page and page[-1] is not newest_first[-1]:
            next_ = self._link(request, _Cursor(page[-1].sequence))
        if page and page[0] is not newest_first[0]:
            previous = self._link(request, _Cursor(page[0].sequence, backwards=True))
        results = [self.to_dict(item) for item in page]
        return JSONResponse({"next": next_, "previous": previous, "results": results})

    def _cut(self, items: list[T], cursor: _Cursor | None) -> list[T]:
        if cursor is None:
            return items[: self.size]
        if cursor.backwards:
            return [item for item in items if item.sequence > cursor.position][-self.size :]
        return [item for item in items if item.sequence < cursor.position][: self.size]

    def _link(self, request: Request, cursor: _Cursor) -> str:
        query = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in query if name != "cursor"]
        return f"{self.url}?{urlencode([*kept, ('cursor', cursor.encode())])}"
