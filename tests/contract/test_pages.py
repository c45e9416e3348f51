"""Going through lists: guarantee 13."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import anyio
import httpx
import pytest
from support.bodies import OPERATIONS
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, make_client
from support.clock import VirtualClock
from support.paging import paged
from support.sandboxes import double
from support.server import Api, answering, serving

from replicate_ext import APIError, AsyncReplicate, NotFoundError, PaginationError, Replicate
from replicate_ext.sandbox import Sandbox

CURSOR = "cursor=cD0yMDIyLTAxLTIxKzIzJTNBMTglM0EyNC41MzAzNTclMkIwMCUzQTAw"
FOLLOWING = f"{BASE_URL}/predictions?{CURSOR}"

LISTS = [
    operation_id
    for operation_id, operation in OPERATIONS.items()
    if re.search(r"/\w+Page'", str(operation["responses"]))
]


def page(*ids: str, following: str | None = None, **fields: Any) -> httpx.Response:
    return answer(200, {"next": following, "results": [{"id": one} for one in ids], **fields})


def predictions(client: Any) -> Any:
    return client.paginate(client.predictions.list)


def ids(pages: list[Any]) -> list[list[str]]:
    return [[item.id for item in one] for one in pages]


# A page


def test_a_page_is_its_items(kind: Kind) -> None:
    before = f"{BASE_URL}/predictions?cursor=before"
    script = Script(page("a", "b", following=FOLLOWING, previous=before))
    client = make_client(kind, transport=script.transport)

    listed = client.predictions.list()

    assert len(listed) == 2
    assert [item.id for item in listed] == ["a", "b"]
    assert list(listed) == listed.results
    assert (listed.next, listed.previous) == (FOLLOWING, before)


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": []}], ids=repr)
def test_a_page_may_be_empty(kind: Kind, body: dict[str, Any]) -> None:
    client = make_client(kind, transport=Script(answer(200, body)).transport)

    listed = client.predictions.list()

    assert (len(listed), list(listed), listed.next, listed.previous) == (0, [], None, None)


# Pages


def test_pages_follow_their_links_as_they_stand(kind: Kind) -> None:
    script = Script(page("a", "b", following=FOLLOWING), page("c"))

    assert ids(paged(kind, predictions, transport=script.transport)) == [["a", "b"], ["c"]]

    assert [str(request.url) for request in script.requests] == [
        f"{BASE_URL}/predictions",
        FOLLOWING,
    ]
    assert {request.headers["Authorization"] for request in script.requests} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("operation_id", LISTS)
def test_every_list_has_pages(kind: Kind, operation_id: str) -> None:
    given = {
        "models.search": ["boats"],
        "models.versions.list": ["acme/boats"],
        "models.examples.list": ["acme/boats"],
    }.get(operation_id, [])
    following = f"{BASE_URL}/somewhere?cursor=c"
    script = Script(
        answer(200, {"next": following, "results": [{"name": "a"}, {"name": "b"}]}),
        answer(200, {"results": [{"name": "c"}]}),
    )

    pages = paged(
        kind,
        lambda client: client.paginate(attrgetter(operation_id)(client), *given),
        transport=script.transport,
    )

    assert [len(one) for one in pages] == [2, 1]
    assert type(pages[0]) is type(pages[1])
    assert [item.to_dict() for one in pages for item in one] == [{"name": name} for name in "abc"]
    assert str(script.requests[1].url) == following
    assert script.requests[1].method == "GET"


def test_every_list_is_known() -> None:
    assert len(LISTS) >= 9
    assert {"models.search", "models.versions.list", "predictions.list"} <= set(LISTS)


def test_a_method_gets_what_it_takes(kind: Kind) -> None:
    script = Script(answer(200, {"results": []}))

    for use in (
        lambda client: client.paginate(client.models.search, "boats"),
        lambda client: client.paginate(client.models.versions.list, "acme/boats"),
        lambda client: client.paginate(client.models.versions.list, "acme", "boats"),
        lambda client: client.paginate(client.predictions.list, cursor="a=b", source="web"),
        lambda client: client.paginate(client.models.list, sort_direction="asc"),
    ):
        assert len(paged(kind, use, transport=script.transport)) == 1

    search, *lists = script.requests
    assert (search.method, search.content) == ("QUERY", b"boats")
    assert [str(request.url).removeprefix(BASE_URL) for request in lists] == [
        "/models/acme/boats/versions",
        "/models/acme/boats/versions",
        "/predictions?source=web&cursor=a%3Db",
        "/models?sort_direction=asc",
    ]


def test_nothing_is_sent_before_a_page_is_asked_for(kind: Kind) -> None:
    script = Script(page("a"))

    assert (
        paged(kind, lambda client: predictions(client).items(0), transport=script.transport) == []
    )

    assert script.requests == []


def test_pages_can_be_taken_one_at_a_time() -> None:
    script = Script(page("a", following=FOLLOWING), page("b"))
    client = Replicate(TOKEN, BASE_URL, transport=script.transport)
    pages = client.paginate(client.predictions.list, source="web")

    assert [item.id for item in next(pages)] == ["a"]
    assert len(script.requests) == 1
    assert script.requests[0].url.params["source"] == "web"
    assert [item.id for item in pages.items()] == ["b"]
    assert next(pages, None) is None


def test_a_page_that_fails_is_asked_for_again(kind: Kind, clock: VirtualClock) -> None:
    busy = answer(429, {}, Retry_After="7")
    script = Script(page("a", following=FOLLOWING), answer(500, {}), busy, page("b"))

    pages = paged(kind, predictions, clock=clock.clock, transport=script.transport)

    assert ids(pages) == [["a"], ["b"]]
    assert clock.elapsed > 7
    assert [str(request.url) for request in script.requests[1:]] == [FOLLOWING] * 3


def test_a_page_that_is_not_there_is_an_error(kind: Kind) -> None:
    script = Script(page("a", following=FOLLOWING), answer(404, {"detail": "Invalid cursor"}))

    with pytest.raises(NotFoundError, match="Invalid cursor"):
        paged(kind, predictions, transport=script.transport)


# Items


def test_items_are_those_of_all_pages(kind: Kind) -> None:
    empty = page(following=f"{FOLLOWING}2")
    script = Script(page("a", "b", following=FOLLOWING), empty, page("c"))

    items = paged(kind, lambda client: predictions(client).items(), transport=script.transport)

    assert [item.id for item in items] == ["a", "b", "c"]


@pytest.mark.parametrize(("limit", "requests"), [(0, 0), (1, 1), (2, 1), (3, 2), (9, 2)])
def test_a_limit_fetches_no_page_too_many(kind: Kind, limit: int, requests: int) -> None:
    script = Script(page("a", "b", following=FOLLOWING), page("c"))

    items = paged(kind, lambda client: predictions(client).items(limit), transport=script.transport)

    assert [item.id for item in items] == ["a", "b", "c"][:limit]
    assert len(script.requests) == requests


def test_a_negative_limit_is_refused(kind: Kind) -> None:
    script = Script(page("a"))

    with pytest.raises(ValueError, match=r"-1|0 <= "):
        paged(kind, lambda client: predictions(client).items(-1), transport=script.transport)

    assert script.requests == []


@pytest.fixture(scope="module")
def many() -> Iterator[Sandbox]:
    """A sandbox with 1,000 models of its own, and the three that every sandbox has."""
    sandbox = Sandbox()
    for number in range(1000):
        sandbox.model(f"many/{number:03}")(double)
    with sandbox:
        yield sandbox


def test_40_pages_of_25_models_come_in_order_and_once(kind: Kind, many: Sandbox) -> None:
    before = len(many.requests)

    models = paged(
        kind,
        lambda client: client.paginate(client.models.list).items(1000),
        api_token=many.api_token,
        base_url=many.base_url,
    )

    # The newest come first.
    assert [model.name for model in models] == [f"{number:03}" for number in range(999, -1, -1)]
    cursors = [request.query.get("cursor") for request in many.requests[before:]]
    assert len(cursors) == len(set(cursors)) == 40


# What is not followed


@pytest.mark.parametrize("circle", [[FOLLOWING], [FOLLOWING, f"{FOLLOWING}2"]], ids=["1", "2"])
def test_a_cursor_that_comes_again_is_an_error(kind: Kind, circle: list[str]) -> None:
    links = iter([*circle, *circle])
    script = Script(lambda _: page("a", following=next(links)))

    with pytest.raises(PaginationError, match="the API repeated the link"):
        paged(kind, predictions, transport=script.transport)

    assert len(script.requests) == len(circle) + 1


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/predictions?cursor=x",
        "https://api.test@evil.test/v1/predictions?cursor=x",
        "https://api.test.evil.test/v1/predictions?cursor=x",
        "http://api.test/v1/predictions?cursor=x",
        "https://api.test:8443/v1/predictions?cursor=x",
        "https://api.replicate.com.evil.test/v1/predictions",
        "https://api.replicate.com/elsewhere",
        "http://api.replicate.com/v1/predictions",
        "ftp://api.test/v1/predictions",
        "//api.test/v1/predictions",
        "?cursor=x",
        "https://[::1",
        "https://api.test:port/v1/predictions",
        "https://api.test/v1/\n",
    ],
)
def test_a_link_to_another_place_is_an_error_before_anything_is_sent(kind: Kind, link: str) -> None:
    script = Script(page("a", following=link))

    with pytest.raises(PaginationError, match="link to the next page"):
        paged(kind, predictions, transport=script.transport)

    assert len(script.requests) == 1


def test_another_host_hears_nothing_of_a_link_to_it(kind: Kind) -> None:
    with serving() as api, serving() as other:
        link = f"{other.url}/predictions?{CURSOR}"
        api.answer = answering(200, page("a", following=link).content)

        with pytest.raises(PaginationError, match="link to the next page"):
            paged(kind, predictions, base_url=api.url)

        assert heard(api) == [f"Bearer {TOKEN}"]
        assert heard(other) == []


def heard(server: Api) -> list[str | None]:
    """The tokens that a server got, with None for each request without one."""
    return [received.headers.get("authorization") for received in server.received]


GATE = "https://gate.test/replicate/v1"


@pytest.mark.parametrize("base_url", [GATE, f"{GATE}/"])
@pytest.mark.parametrize(
    "public",
    [
        "https://api.replicate.com/v1",
        "https://api.replicate.com:443/v1",
        "https://API.Replicate.com/v1",
    ],
)
def test_behind_a_gateway_the_apis_own_links_go_through_it(
    kind: Kind, base_url: str, public: str
) -> None:
    script = Script(page("a", following=f"{public}/predictions?{CURSOR}"), page("b"))

    pages = paged(kind, predictions, base_url=base_url, transport=script.transport)

    assert ids(pages) == [["a"], ["b"]]
    assert [str(request.url) for request in script.requests] == [
        f"{GATE}/predictions",
        f"{GATE}/predictions?{CURSOR}",
    ]


# What has no pages


def test_a_page_in_place_of_the_method_is_refused_with_advice() -> None:
    client = Replicate(TOKEN, BASE_URL, transport=Script(page("a")).transport)
    listed: Any = client.predictions.list()

    with pytest.raises(TypeError, match=r"client\.predictions\.list\), got PredictionPage"):
        client.paginate(listed)


@pytest.mark.parametrize("awaited", [True, False])
def test_a_page_in_place_of_the_async_method_is_refused_with_advice(*, awaited: bool) -> None:
    async def main() -> None:
        client = AsyncReplicate(TOKEN, BASE_URL, transport=Script(page("a")).transport)
        listing: Any = client.predictions.list()
        given, got = (await listing, "PredictionPage") if awaited else (listing, "coroutine")
        with pytest.raises(TypeError, match=rf"client\.predictions\.list\), got {got}"):
            client.paginate(given)
        listing.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("choose", "body", "got"),
    [
        (lambda client: client.hardware.list, [{"sku": "cpu"}], "list"),
        (lambda client: client.account.get, {"username": "ada"}, "Account"),
    ],
    ids=["hardware.list", "account.get"],
)
def test_a_method_without_pages_is_refused_with_advice(
    kind: Kind, choose: Callable[[Any], Any], body: Any, got: str
) -> None:
    script = Script(answer(200, body))

    with pytest.raises(TypeError, match=f"a method that returns pages, not {got}"):
        paged(kind, lambda client: client.paginate(choose(client)), transport=script.transport)


def test_a_page_that_failed_can_be_asked_for_again(kind: Kind) -> None:
    script = Script(page("a", following=FOLLOWING), answer(400, {"detail": "no"}), page("b"))
    own = Replicate if kind == "sync" else AsyncReplicate
    pages: Any = predictions(own(TOKEN, BASE_URL, transport=script.transport))

    def ask() -> Any:
        return next(pages) if kind == "sync" else anyio.run(pages.__anext__, backend=kind)

    first = ask()
    with pytest.raises(APIError, match="400"):
        ask()
    assert ids([first, ask()]) == [["a"], ["b"]]
