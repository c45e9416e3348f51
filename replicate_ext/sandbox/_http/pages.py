"""Pages with opaque cursors, like those of Django REST framework's `CursorPagination`."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import Response

from replicate_ext.sandbox._http.problems import missing
from replicate_ext.sandbox._http.responses import APIResponse

PAGE_SIZE = 100

_numbers = count()


def next_sequence() -> int:
    """Return the next number in the order of creation."""
    return next(_numbers)


class Numbered(Protocol):
    """An item with a number in the order of creation."""

    @property
    def sequence(self) -> int:
        """The number; higher than that of every item created before."""
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


def _sequence(item: Numbered) -> int:
    return item.sequence


@dataclass(frozen=True, slots=True)
class Pages(Generic[T]):
    """Pagination of a list.

    Args:
        size: number of items per page.
        url: absolute URL of the list, without the query.
        to_dict: returns the JSON object for an item.
    """

    size: int
    url: str
    to_dict: Callable[[T], dict[str, object]]

    def response(
        self, request: Request, items: Iterable[T], place: Callable[[T], int] = _sequence
    ) -> Response:
        """Return the page for the request's `cursor`, newest items first.

        Args:
            request: the request; its other query parameters are kept in `next` and `previous`.
            items: all items of the list, in any order.
            place: returns a unique number for an item; the highest comes first. Default: its
                `sequence`.

        Raises:
            Problem: 404 when the cursor is invalid.
        """
        by_place = {place(item): item for item in items}
        places = sorted(by_place, reverse=True)
        text = request.query_params.get("cursor")
        page = self._cut(places, _Cursor.decode(text) if text else None)
        next_, previous = None, None
        if page and page[-1] != places[-1]:
            next_ = self._link(request, _Cursor(page[-1]))
        if page and page[0] != places[0]:
            previous = self._link(request, _Cursor(page[0], backwards=True))
        results = [self.to_dict(by_place[number]) for number in page]
        return APIResponse({"next": next_, "previous": previous, "results": results})

    def _cut(self, places: list[int], cursor: _Cursor | None) -> list[int]:
        if cursor is None:
            return places[: self.size]
        if cursor.backwards:
            return [place for place in places if place > cursor.position][-self.size :]
        return [place for place in places if place < cursor.position][: self.size]

    def _link(self, request: Request, cursor: _Cursor) -> str:
        query = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in query if name != "cursor"]
        return f"{self.url}?{urlencode([*kept, ('cursor', cursor.encode())])}"
