"""What methods make of what they are given: the parts of a path, and points in time.

Which operations have which parts is read from the document.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any
from urllib.parse import quote

import pytest
from replicate_api.models import Deployment
from support.bodies import SPEC
from support.clients import BASE_URL, Kind, Script, answer, make_client
from support.paging import paged
from support.zones import local_time

from replicate_ext import FileOutput, InvalidInputError, Replicate

PATHS = {
    operation["operationId"]: path
    for path, item in SPEC["paths"].items()
    for operation in item.values()
    if "{" in path
}
PAIRED = [name for name, path in PATHS.items() if re.search(r"\{\w+_owner\}/\{\w+_name\}", path)]
EVERY_PATH = pytest.mark.parametrize("operation_id", PATHS)
NO_PART = r"must be a non-empty string|a part of a path|invalid model reference"
EVERY_PAIR = pytest.mark.parametrize("operation_id", PAIRED)

GIVEN: dict[str, Any] = {"input": {}, "destination": "new_owner/new_model", "expiry": 1}


def names(operation_id: str) -> list[str]:
    """The names of the parts of an operation's path."""
    return re.findall(r"\{(\w+)\}", PATHS[operation_id])


def call(kind: Kind, operation_id: str, *parts: object) -> str:
    """Call an operation's method with what it cannot do without; return the path that it asked."""
    script = Script(answer(200, {"id": "1"}))
    client = make_client(kind, transport=script.transport)
    required = [
        name
        for name, one in inspect.signature(attrgetter(operation_id)(Replicate())).parameters.items()
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty
    ]
    try:
        made = attrgetter(operation_id)(client)(
            *parts, **{name: GIVEN.get(name, "text") for name in required}
        )
    except BaseException:
        assert script.seen == [], "refused, but sent"
        raise
    if isinstance(made, FileOutput):  # which is asked for when it is read
        return made.url.removeprefix(BASE_URL).partition("?")[0]
    [request] = script.requests
    return request.url.raw_path.decode().removeprefix("/v1")


def path_of(operation_id: str, *parts: str) -> str:
    """The path as the document has it, with these parts."""
    left = iter(parts)
    return re.sub(r"\{\w+\}", lambda _: quote(next(left), safe=""), PATHS[operation_id])


def test_the_document_has_paths_of_every_form() -> None:
    assert len(PATHS) >= 20
    assert {len(names(operation_id)) for operation_id in PAIRED} == {2, 3}


@EVERY_PATH
def test_what_is_in_a_part_stays_in_it(kind: Kind, operation_id: str) -> None:
    parts = [f"a{place} ?#%é:@" for place, _ in enumerate(names(operation_id))]
    # A "/" in the first of several may divide an owner from a name; in the last it is quoted.
    parts[-1] += "/../b"

    assert call(kind, operation_id, *parts) == path_of(operation_id, *parts)


@EVERY_PAIR
def test_owner_and_name_may_come_in_one(kind: Kind, operation_id: str) -> None:
    rest = ["a" * 64 for _ in names(operation_id)[2:]]

    asked = call(kind, operation_id, "acme/boats", *rest)

    assert asked == path_of(operation_id, "acme", "boats", *rest)


@EVERY_PAIR
def test_too_few_or_too_many_parts_are_refused(kind: Kind, operation_id: str) -> None:
    rest = ["v" for _ in names(operation_id)[2:]]
    wrong = [["acme", *rest], ["acme/boats", *rest, "v"], ["acme/boats/v", *rest]]

    for parts in [*wrong, *([["acme/boats"]] if rest else [])]:
        with pytest.raises(TypeError) as caught:
            call(kind, operation_id, *parts)
        assert f"expected {', '.join(names(operation_id))}; the first two" in str(caught.value)
        assert "'owner/name'" in str(caught.value)


@EVERY_PATH
@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_part_that_leads_to_another_path_is_refused(
    kind: Kind, operation_id: str, part: str
) -> None:
    for parts in with_one_of_them(operation_id, part):
        with pytest.raises(ValueError, match=NO_PART):
            call(kind, operation_id, *parts)


@EVERY_PAIR
@pytest.mark.parametrize("pair", ["/boats", "acme/", "../boats", "acme/.."])
def test_a_pair_that_leads_to_another_path_is_refused(
    kind: Kind, operation_id: str, pair: str
) -> None:
    with pytest.raises(ValueError, match=NO_PART):
        call(kind, operation_id, pair, *["v" for _ in names(operation_id)[2:]])


@EVERY_PATH
def test_a_part_that_is_no_text_is_refused(kind: Kind, operation_id: str) -> None:
    for part in (7, b"acme/boats", ["acme", "boats"]):
        for parts in with_one_of_them(operation_id, part):
            with pytest.raises(TypeError) as caught:
                call(kind, operation_id, *parts)
            expected = f"must be a non-empty string, got {type(part).__name__}"
            assert expected in str(caught.value), parts


def with_one_of_them(operation_id: str, part: object) -> Iterator[list[object]]:
    """The parts of a path, one of which is another; each in its turn."""
    for place, _ in enumerate(names(operation_id)):
        parts: list[object] = ["a" for _ in names(operation_id)]
        parts[place] = part
        yield parts


# Points in time

LISTED = answer(200, {"next": None, "results": []})


@pytest.fixture
def _in_berlin() -> Iterator[None]:
    with local_time("CET-1CEST,M3.5.0,M10.5.0/3"):
        yield


@pytest.mark.usefixtures("_in_berlin")
@pytest.mark.parametrize("name", ["created_after", "created_before"])
@pytest.mark.parametrize(
    ("value", "asked"),
    [
        (datetime(2026, 11, 3, 16, tzinfo=UTC), "2026-11-03T16:00:00Z"),
        (datetime(2026, 11, 3, 11, tzinfo=timezone(-timedelta(hours=5))), "2026-11-03T16:00:00Z"),
        (datetime(2026, 11, 3, 17), "2026-11-03T16:00:00Z"),  # noqa: DTZ001 - a local time
        (date(2026, 11, 3), "2026-11-02T23:00:00Z"),
        ("3 Nov 2026 17:00", "2026-11-03T16:00:00Z"),
        ("2026-11-03T17:00:00.5+01:00", "2026-11-03T16:00:00.500000Z"),
    ],
    ids=str,
)
def test_a_time_is_sent_in_utc(kind: Kind, name: str, value: object, asked: str) -> None:
    script = Script(LISTED)
    client = make_client(kind, transport=script.transport)

    client.predictions.list(**{name: value}, source="web")

    [request] = script.requests
    assert dict(request.url.params) == {name: asked, "source": "web"}


def test_a_timedelta_is_that_long_ago(kind: Kind) -> None:
    script = Script(LISTED)
    client = make_client(kind, transport=script.transport)
    earliest = datetime.now(UTC)

    client.predictions.list(created_after=timedelta(days=1))

    sent = datetime.fromisoformat(script.requests[0].url.params["created_after"])
    assert earliest <= sent + timedelta(days=1) <= datetime.now(UTC)


@pytest.mark.parametrize("value", ["soon", "", timedelta(days=-1), 1762189200, date.min], ids=repr)
def test_what_is_no_time_is_refused_before_anything_is_sent(kind: Kind, value: object) -> None:
    script = Script(LISTED)
    client = make_client(kind, transport=script.transport)

    with pytest.raises(InvalidInputError, match=r"invalid created_before .* Expected a datetime"):
        client.predictions.list(created_before=value)

    assert script.seen == []


def test_pages_are_filtered_by_time_from_the_first(kind: Kind) -> None:
    following = f"{BASE_URL}/predictions?created_after=2026-11-03T16%3A00%3A00Z&cursor=c"
    script = Script(answer(200, {"next": following, "results": [{"id": "a"}]}), LISTED)
    moment = datetime(2026, 11, 3, 16, tzinfo=UTC)

    paged(
        kind,
        lambda client: client.paginate(client.predictions.list, created_after=moment),
        transport=script.transport,
    )

    assert [dict(request.url.params) for request in script.requests] == [
        {"created_after": "2026-11-03T16:00:00Z"},
        {"created_after": "2026-11-03T16:00:00Z", "cursor": "c"},
    ]
    assert str(script.requests[1].url) == following


def test_a_deployment_runs_as_an_object_too(kind: Kind) -> None:
    script = Script(answer(201, {"id": "p1", "status": "starting"}))
    client = make_client(kind, transport=script.transport)
    client.predictions.create(deployment=Deployment.from_dict({"owner": "me", "name": "it"}))
    assert script.seen == ["POST /v1/deployments/me/it/predictions"]
