"""What the tests of the JavaScript client pin down, row by row: what the API has to offer.

Collections, models, hardware, the account and the webhooks' secret. The rows are those of
replicate-javascript's index.test.ts in version 1.4.0. Where our rules differ, they win, and a
comment says so.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.clients import Kind, Script, answer
from support.clock import VirtualClock
from support.paging import paged
from support.rows import API, CURSOR, one_request, start

from replicate_ext import InvalidResponseError

PAGES = (
    answer(200, {"results": [1], "next": f"{API}/collections?page=2", "previous": None}),
    answer(200, {"results": [1], "next": None, "previous": None}),
)


def test_row_6_pages_follow_each_other(kind: Kind) -> None:
    script = Script(*PAGES)

    pages = paged(
        kind,
        lambda client: client.paginate(client.collections.list),
        base_url=None,
        transport=script.transport,
    )

    assert [str(request.url) for request in script.requests] == [
        f"{API}/collections",
        f"{API}/collections?page=2",
    ]
    # Differs: JavaScript's pages are the lists alone.
    assert [(len(page), list(page)) for page in pages] == [(1, [1])] * 2


def test_row_7_no_page_is_fetched_for_who_has_left(kind: Kind) -> None:
    script = Script(*PAGES)

    # Leaving the loop stands for the signal: a page is fetched when it is asked for.
    [page] = paged(
        kind,
        lambda client: client.paginate(client.collections.list),
        most=1,
        base_url=None,
        transport=script.transport,
    )

    assert script.seen == ["GET /v1/collections"]
    assert page.next == f"{API}/collections?page=2"


def test_row_8_whose_the_token_is(kind: Kind, clock: VirtualClock) -> None:
    body = {
        "type": "organization",
        "username": "replicate",
        "name": "Replicate",
        "github_url": "https://github.com/replicate",
    }
    client, script = start(kind, clock, answer(200, body))

    account = client.account.get()

    assert one_request(script) == ("GET /v1/account", None)
    assert (account.type, account.username) == ("organization", "replicate")
    assert account.to_dict() == body


SUPER_RESOLUTION = {
    "name": "Super resolution",
    "slug": "super-resolution",
    "description": "Upscaling models that create high-quality images from low-quality ones.",
}


def test_row_9_collections_are_listed(kind: Kind, clock: VirtualClock) -> None:
    second = {"name": "Image classification", "slug": "image-classification", "description": "?"}
    listed = {"results": [SUPER_RESOLUTION, second], "next": None, "previous": None}
    client, script = start(kind, clock, answer(200, listed))

    page = client.collections.list()

    assert one_request(script) == ("GET /v1/collections", None)
    assert len(page.results) == len(page) == 2
    assert [collection.slug for collection in page] == ["super-resolution", "image-classification"]


def test_row_10_a_collection_is_read(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, {**SUPER_RESOLUTION, "models": []}))

    collection = client.collections.get("super-resolution")

    assert one_request(script) == ("GET /v1/collections/super-resolution", None)
    assert (collection.name, collection.models) == ("Super resolution", [])


HELLO_WORLD: dict[str, Any] = {
    "url": "https://replicate.com/replicate/hello-world",
    "owner": "replicate",
    "name": "hello-world",
    "description": "A tiny model that says hello",
    "visibility": "public",
    "github_url": "https://github.com/replicate/cog-examples",
    "paper_url": None,
    "license_url": None,
    "run_count": 12345,
    "cover_image_url": "",
    "default_example": {},
    "latest_version": {},
}


@pytest.mark.parametrize("parts", [("replicate", "hello-world"), ("replicate/hello-world",)])
def test_row_11_a_model_is_read(kind: Kind, clock: VirtualClock, parts: tuple[str, ...]) -> None:
    client, script = start(kind, clock, answer(200, HELLO_WORLD))

    model = client.models.get(*parts)

    assert one_request(script) == ("GET /v1/models/replicate/hello-world", None)
    assert (model.owner, model.name, model.cover_image_url) == ("replicate", "hello-world", "")
    assert model.latest_version.id is None
    assert model.to_dict() == HELLO_WORLD


def test_row_12_models_are_listed_page_by_page(kind: Kind) -> None:
    names = ("hello-world", "resnet")
    first, second = ({"url": f"https://replicate.com/replicate/{name}"} for name in names)
    # There is no `previous`, and no more of the models than this.
    script = Script(
        answer(200, {"results": [first], "next": f"{API}/models?{CURSOR}"}),
        answer(200, {"results": [second], "next": None}),
    )

    models = paged(
        kind,
        lambda client: client.paginate(client.models.list).items(),
        base_url=None,
        transport=script.transport,
    )

    assert [model.to_dict() for model in models] == [first, second]
    assert [str(request.url) for request in script.requests] == [
        f"{API}/models",
        f"{API}/models?{CURSOR}",
    ]


def test_row_54_hardware_is_a_list(kind: Kind, clock: VirtualClock) -> None:
    listed = [
        {"name": "CPU", "sku": "cpu"},
        {"name": "Nvidia T4 GPU", "sku": "gpu-t4"},
        {"name": "Nvidia A40 GPU", "sku": "gpu-a40-small"},
        {"name": "Nvidia A40 (Large) GPU", "sku": "gpu-a40-large"},
    ]
    client, script = start(kind, clock, answer(200, listed))

    hardware = client.hardware.list()

    assert one_request(script) == ("GET /v1/hardware", None)
    assert type(hardware) is list
    assert [(each.name, each.sku) for each in hardware] == [
        (each["name"], each["sku"]) for each in listed
    ]


def test_hardware_that_is_no_list_is_not_the_apis(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, answer(200, {"results": [], "next": None}))

    with pytest.raises(InvalidResponseError, match="base_url"):
        client.hardware.list()


def test_row_55_a_model_is_created(kind: Kind, clock: VirtualClock) -> None:
    asked = {
        "owner": "test-owner",
        "name": "test-model",
        "visibility": "public",
        "hardware": "cpu",
        "description": "A test model",
    }
    client, script = start(kind, clock, answer(200, asked))

    # Differs: JavaScript takes the owner and the name by their places.
    model = client.models.create(**asked)

    assert one_request(script) == ("POST /v1/models", asked)
    assert (model.owner, model.name) == ("test-owner", "test-model")
    assert (model.visibility, model.description) == ("public", "A test model")


def test_row_56_models_are_searched(kind: Kind, clock: VirtualClock) -> None:
    found = {"owner": "meta", "name": "meta-llama-3-70b-instruct"}
    client, script = start(kind, clock, answer(200, {"results": [found], "next": None}))

    page = client.models.search("llama")

    [request] = script.requests
    assert script.seen == ["QUERY /v1/models"]
    assert request.headers["Content-Type"].partition(";")[0] == "text/plain"
    # Differs: JavaScript sends JSON, with the quotes, which the API then looks for as well.
    assert request.content == b"llama"
    assert (page.results[0].owner, page.results[0].name) == ("meta", "meta-llama-3-70b-instruct")


def test_row_67_the_secret_of_webhooks_is_read(kind: Kind, clock: VirtualClock) -> None:
    key = "whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"
    client, script = start(kind, clock, answer(200, {"key": key}))

    secret = client.webhooks.default.secret.get()

    assert one_request(script) == ("GET /v1/webhooks/default/secret", None)
    assert secret.key == key
    # It signs: whoever prints the object must not show it.
    assert key not in repr(secret)
