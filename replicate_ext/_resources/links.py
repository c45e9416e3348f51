"""Links from page to page of a list, checked before they are followed. No I/O."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeVar

import httpx
from replicate_api.client import DEFAULT_BASE_URL, origin

from replicate_ext._http.responses import read_object
from replicate_ext._http.send import send
from replicate_ext.errors import InvalidInputError, PaginationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings


P = ParamSpec("P")
T = TypeVar("T")
ItemT = TypeVar("ItemT")
ItemT_co = TypeVar("ItemT_co", covariant=True)
PageT = TypeVar("PageT", bound="Page[Any]")


class Page(Protocol[ItemT_co]):
    """Interface of the API's page objects. Iterating over a page yields its items."""

    @property
    def next(self) -> str | None:
        """URL of the next page, None on the last page."""
        ...

    @property
    def previous(self) -> str | None:
        """URL of the previous page, None on the first page."""
        ...

    @property
    def results(self) -> Sequence[ItemT_co] | None:
        """Items of the page."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[ItemT_co]: ...

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read a page from JSON."""
        ...


class Links:
    """The links that were followed from page to page of one list.

    Args:
        base_url: Base URL of the client.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._seen: set[str] = set()

    def remember(self, link: str) -> None:
        """Remember a link whose page was fetched.

        Args:
            link: The ``next`` of a page.
        """
        self._seen.add(link)

    def follow(self, link: str) -> str:
        """Return the URL to fetch the next page from.

        Args:
            link: The ``next`` of a page. Behind a gateway, a link to the API's public address is
                rewritten to the gateway.

        Raises:
            PaginationError: The link leads to another host, or was already followed.
        """
        if link in self._seen:
            raise PaginationError(f"the API repeated the link {link}; the list would never end")
        try:
            target, base, public = map(httpx.URL, (link, self._base_url, DEFAULT_BASE_URL))
        except httpx.InvalidURL as error:
            message = f"the link to the next page is not a valid URL: {link!r} ({error})"
            raise PaginationError(message) from None
        if origin(target) == origin(base):
            return link
        if origin(target) == origin(public) and target.path.startswith(f"{public.path}/"):
            path = "/" + link.split("/", 3)[3]
            return f"{self._base_url}{path.removeprefix(public.path)}"
        raise PaginationError(
            f"the link to the next page leads to another host, {target.host}: {link}"
        )


def next_page(settings: Settings, links: Links, page: PageT) -> Flow[PageT]:
    """Fetch the page that a page's ``next`` links to."""
    link = str(page.next)
    response = yield from send(settings, {"method": "GET", "url": links.follow(link)})
    following = type(page).from_dict(read_object(response))
    links.remember(link)  # only now, so that a failed request can be repeated
    return following


def first_page(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
    """Return a function that fetches the first page of a list.

    Args:
        method: Method that returns a page.
        args: Its positional arguments.
        kwargs: Its keyword arguments.

    Raises:
        TypeError: ``method`` cannot be called; often it is the page that a method returned.
    """
    if callable(method):
        return partial(method, *args, **kwargs)
    if isinstance(method, Coroutine):
        method.close()  # or Python warns that it was never awaited
    raise TypeError(
        "paginate() takes the method itself, as in client.paginate(client.predictions.list), got "
        f"{type(method).__name__}"
    )


def checked_page(page: PageT) -> PageT:
    """Return the page that a method returned.

    Raises:
        TypeError: The method returned another value.
    """
    if hasattr(page, "results") and hasattr(page, "next"):
        return page
    raise TypeError(f"paginate() takes a method that returns pages, not {type(page).__name__}")


def check_limit(limit: int | None) -> None:
    """Check the maximum number of items.

    Raises:
        InvalidInputError: The number is negative.
    """
    if limit is not None and limit < 0:
        raise InvalidInputError(f"limit must be 0 or more, or None, got {limit}")
