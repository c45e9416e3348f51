"""A client has one object for each resource, so that a patched method stays patched."""

from __future__ import annotations

import copy
import pickle
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from replicate_ext import AsyncReplicate, Replicate

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = pytest.mark.parametrize("client", [Replicate("token"), AsyncReplicate("token")])


def resources(owner: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every resource of a client: its dotted name, and what two accesses return."""
    for name in dir(type(owner)):
        if isinstance(getattr(type(owner), name), cached_property):
            found = getattr(owner, name)
            yield path + name, found, getattr(owner, name)
            yield from resources(found, f"{path}{name}.")


def runner(owner: Any) -> Any:
    """What a client or a resource sends its requests with."""
    return vars(owner)["_runner"]


@CLIENTS
def test_each_access_returns_the_same_resource(client: Any) -> None:
    found = {name: (one, other) for name, one, other in resources(client)}
    assert {"predictions", "models.versions", "webhooks.default.secret"} <= {*found}
    assert [name for name, (one, other) in found.items() if one is not other] == []


@CLIENTS
def test_a_patched_method_stays_patched(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.models.versions, "get", lambda *_: "patched")
    assert client.models.versions.get("acme/boats", "v") == "patched"


@CLIENTS
def test_a_copy_uses_the_connections_of_its_original(client: Any) -> None:
    assert client.predictions
    for copied in (copy.copy(client), copy.deepcopy(client)):
        assert runner(copied.predictions) is runner(copied) is runner(client)


@CLIENTS
def test_a_pickle_holds_no_resource(client: Any) -> None:
    assert client.predictions
    unused = pickle.dumps(type(client)("token"))
    assert len(pickle.dumps(client)) == len(unused)
    again = pickle.loads(pickle.dumps(client))  # noqa: S301 - pickled here
    assert runner(again.predictions) is runner(again)
