"""Going through lists page by page: which link is followed, and two short loops that do."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, Self, TypeVar

import httpx
from replicate_api.client import DEFAULT_BASE_URL, origin

from replicate_ext._http.send import Settings, read_object, send
from replicate_ext.errors import InvalidInputError, PaginationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from replicate_ext._http.drivers import AsyncDriver, SyncDriver
    from replicate_ext._http.flow import Flow


P = ParamSpec("P")
T = TypeVar("T")
ItemT = TypeVar("ItemT")
ItemT_co = TypeVar("ItemT_co", covariant=True)
PageT = TypeVar("PageT", bound="Page[Any]")


class Page(Protocol[ItemT_co]):
    """One page of a list, as the API's own page objects are: it can be iterated and has a length.

    Its ``results`` are its items, its ``next`` and ``previous`` the links to the pages beside it,
    None where there is none.
    """

    @property
    def next(self) -> str | None:
        """The link to the next page, None on the last."""
        ...

    @property
    def previous(self) -> str | None:
        """The link to the page before, None on the first."""
        ...

    @property
    def results(self) -> Sequence[ItemT_co] | None:
        """The page's items."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[ItemT_co]: ...

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read a page from JSON."""
        ...


class Links:
    """The links that one list was followed by. No I/O.

    Args:
        base_url: The API's URL, as the client has it.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._seen: set[str] = set()

    def followed(self, link: str) -> None:
        """Take note that a link has led to its page.

        Args:
            link: A page's ``next``.
        """
        self._seen.add(link)

    def follow(self, link: str) -> str:
        """Return the URL of a next page.

        Args:
            link: A page's ``next``, which is followed as it stands. Behind a gateway a link to the
                API's public address is followed on the gateway.

        Raises:
            PaginationError: It leads to another host, or was followed before.
        """
        if link in self._seen:
            raise PaginationError(f"the list goes round in circles: {link} came twice")
        try:
            target, base, public = map(httpx.URL, (link, self._base_url, DEFAULT_BASE_URL))
        except httpx.InvalidURL as error:
            message = f"the next page is {link!r}, which is not the API: {error}"
            raise PaginationError(message) from None
        if origin(target) == origin(base):
            return link
        if origin(target) == origin(public) and target.path.startswith(f"{public.path}/"):
            path = "/" + link.split("/", 3)[3]
            return f"{self._base_url}{path.removeprefix(public.path)}"
        raise PaginationError(f"the next page is on {target.host}, which is not the API: {link}")


def _follow(settings: Settings, links: Links, page: PageT) -> Flow[PageT]:
    """Fetch the page after a page that has a next one."""
    link = str(page.next)
    response = yield from send(settings, {"method": "GET", "url": links.follow(link)})
    following = type(page).from_dict(read_object(response))
    links.followed(link)  # only now: what failed may be tried again
    return following


def listing(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
    """Return what fetches the first page of a list.

    Args:
        method: What lists.
        args: What it takes.
        kwargs: What it takes by name.

    Raises:
        TypeError: It is not a method, but perhaps the page that one returned.
    """
    if callable(method):
        return partial(method, *args, **kwargs)
    if isinstance(method, Coroutine):
        method.close()  # or Python warns that it was never awaited
    raise TypeError(
        "paginate takes the method itself, as in client.paginate(client.predictions.list), but got "
        f"a {type(method).__name__}"
    )


def _first(page: PageT) -> PageT:
    """Return a first page if it is one."""
    if hasattr(page, "results") and hasattr(page, "next"):
        return page
    raise TypeError(f"paginate takes a method that returns pages, not a {type(page).__name__}")


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 0:
        raise InvalidInputError(f"limit is {limit}: expected how many items at most, or None")


class Paginator(Generic[ItemT]):
    """The pages of a list, each fetched when it is asked for.

    Args:
        driver: What runs flows.
        method: Fetches the first page.
    """

    def __init__(self, driver: SyncDriver, method: Callable[[], Page[ItemT]]) -> None:
        self._driver = driver
        self._method = method
        self._links = Links(driver.settings.base_url)
        self._page: Page[ItemT] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[ItemT]:
        if self._page is None:
            self._page = _first(self._method())
        elif self._page.next:
            self._page = self._driver.run(_follow(self._driver.settings, self._links, self._page))
        else:
            raise StopIteration
        return self._page

    def items(self, limit: int | None = None) -> Iterator[ItemT]:
        """Yield the items of the pages that are still to come.

        Args:
            limit: How many at most; no page is fetched for more.

        Raises:
            InvalidInputError: The limit is negative.
        """
        _check_limit(limit)
        return islice((item for page in self for item in page), limit)


class AsyncPaginator(Generic[ItemT]):
    """The pages of a list, each fetched when it is asked for.

    Args:
        driver: What runs flows.
        method: Fetches the first page.
    """

    def __init__(self, driver: AsyncDriver, method: Callable[[], Awaitable[Page[ItemT]]]) -> None:
        self._driver = driver
        self._method = method
        self._links = Links(driver.settings.base_url)
        self._page: Page[ItemT] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[ItemT]:
        if self._page is None:
            self._page = _first(await self._method())
        elif self._page.next:
            flow = _follow(self._driver.settings, self._links, self._page)
            self._page = await self._driver.run(flow)
        else:
            raise StopAsyncIteration
        return self._page

    def items(self, limit: int | None = None) -> AsyncIterator[ItemT]:
        """Yield the items of the pages that are still to come.

        Args:
            limit: How many at most; no page is fetched for more.

        Raises:
            InvalidInputError: The limit is negative.
        """
        _check_limit(limit)
        return self._items(limit)

    async def _items(self, limit: int | None) -> AsyncIterator[ItemT]:
        count = 0
        while limit is None or count < limit:
            page = await anext(self, None)
            if page is None:
                return
            for item in islice(page, None if limit is None else limit - count):
                count += 1
                yield item
