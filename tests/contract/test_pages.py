"""Going through lists: rule 13 of the design, and rows 6, 7 and 36 of the JavaScript client."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import trio
from support.clients import BASE_URL, TOKEN, Kind, Script, answer

from replicate_ext import AsyncReplicate, PaginationError, Replicate

CURSOR = "cursor=cD0yMDIyLTAxLTIxKzIzJTNBMTglM0EyNC41MzAzNTclMkIwMCUzQTAw"


def page(*ids: str, following: str | None = None) -> httpx.Response:
    return answer(200, {"next": following, "results": [{"id": one} for one in ids]})


def collect(
    kind: Kind, script: Script, *, items: bool = False, limit: int | None = None, **options: Any
) -> list[Any]:
    """The ids of each page, or of the items."""
    arguments: dict[str, Any] = {"transport": script.transport, "base_url": BASE_URL, **options}
    if kind == "sync":
        pages = (client := Replicate(TOKEN, **arguments)).paginate(client.predictions.list)
        if items:
            return [item.id for item in pages.items(limit)]
        return [[item.id for item in one.results or ()] for one in pages]

    async def main() -> list[Any]:
        client = AsyncReplicate(TOKEN, **arguments)
        pages = client.paginate(client.predictions.list)
        if items:
            return [item.id async for item in pages.items(limit)]
        return [[item.id for item in one.results or ()] async for one in pages]

    return asyncio.run(main()) if kind == "asyncio" else trio.run(main)


def test_pages_follow_their_links_as_they_stand(kind: Kind) -> None:
    script = Script(page("a", "b", following=f"{BASE_URL}/predictions?{CURSOR}"), page("c"))

    assert collect(kind, script) == [["a", "b"], ["c"]]

    assert script.requests[1].url.query == CURSOR.encode()
    assert {request.headers["Authorization"] for request in script.requests} == {f"Bearer {TOKEN}"}


def test_items_are_those_of_all_pages(kind: Kind) -> None:
    script = Script(page("a", "b", following=f"{BASE_URL}/predictions?{CURSOR}"), page("c"))

    assert collect(kind, script, items=True) == ["a", "b", "c"]


@pytest.mark.parametrize(("limit", "requests"), [(0, 0), (1, 1), (2, 1), (3, 2), (9, 2)])
def test_a_limit_fetches_no_page_too_many(kind: Kind, limit: int, requests: int) -> None:
    script = Script(page("a", "b", following=f"{BASE_URL}/predictions?{CURSOR}"), page("c"))

    assert collect(kind, script, items=True, limit=limit) == ["a", "b", "c"][:limit]

    assert len(script.requests) == requests


def test_a_cursor_that_comes_again_is_an_error(kind: Kind) -> None:
    script = Script(page("a", following=f"{BASE_URL}/predictions?{CURSOR}"))

    with pytest.raises(PaginationError, match="circles"):
        collect(kind, script)

    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/predictions?cursor=x",
        "http://api.test/v1/predictions?cursor=x",
        "https://api.test:8443/v1/predictions?cursor=x",
        "https://api.replicate.com.evil.test/v1/predictions",
        "https://api.replicate.com/elsewhere",
    ],
)
def test_a_link_to_another_place_is_an_error_before_anything_is_sent(kind: Kind, link: str) -> None:
    script = Script(page("a", following=link))

    with pytest.raises(PaginationError, match="not the API"):
        collect(kind, script)

    assert len(script.requests) == 1


def test_behind_a_gateway_the_apis_own_links_go_through_it(kind: Kind) -> None:
    public = f"https://api.replicate.com/v1/predictions?{CURSOR}"
    script = Script(page("a", following=public), page("b"))

    assert collect(kind, script, base_url="https://gate.test/replicate/v1/") == [["a"], ["b"]]

    assert str(script.requests[1].url) == f"https://gate.test/replicate/v1/predictions?{CURSOR}"


def test_pages_can_be_taken_one_at_a_time() -> None:
    script = Script(page("a", following=f"{BASE_URL}/predictions?{CURSOR}"), page("b"))
    client = Replicate(TOKEN, BASE_URL, transport=script.transport)
    pages = client.paginate(client.predictions.list, source="web")

    assert next(pages).results is not None
    assert len(script.requests) == 1
    assert script.requests[0].url.params["source"] == "web"
    assert [item.id for item in pages.items()] == ["b"]
