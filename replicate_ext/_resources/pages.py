# Printed from async_pages.py by `make generate`; changes made here are lost.
"""Lists page by page."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, Self

from replicate_ext._http.tracebacks import shortened
from replicate_ext._resources.links import ItemT, Links, check_limit, checked_page, next_page
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from replicate_ext._http.driver import Driver
    from replicate_ext._resources.links import Page


class Paginator(Generic[ItemT]):
    """The pages of a list, each fetched when it is needed.

    Args:
        driver: Runs the requests.
        first: Fetches the first page.
    """

    def __init__(self, driver: Driver, first: Callable[[], Page[ItemT]]) -> None:
        self._driver = driver
        self._first = first
        self._links = Links(driver.settings.base_url)
        self._page: Page[ItemT] | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[ItemT]:
        try:
            if self._page is None:
                self._page = checked_page(self._first())
            elif self._page.next:
                flow = next_page(self._driver.settings, self._links, self._page)
                self._page = self._driver.run(flow)
            else:
                raise StopIteration
        except ReplicateError as error:
            raise shortened(error) from error.__cause__
        return self._page

    def items(self, limit: int | None = None) -> Iterator[ItemT]:
        """Yield the items of all pages that were not read yet.

        Args:
            limit: Maximum number of items. Pages that are not needed are not fetched. Default: no
                limit.

        Raises:
            InvalidInputError: The limit is negative.
        """
        check_limit(limit)
        return self._items(limit)

    def _items(self, limit: int | None) -> Iterator[ItemT]:
        count = 0
        while limit is None or count < limit:
            page = next(self, None)
            if page is None:
                return
            for item in islice(page, None if limit is None else limit - count):
                count += 1
                yield item
