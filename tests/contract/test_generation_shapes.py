"""Shapes of operations that the API does not use yet."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import generate
import httpx
import pytest
from support.boats import BYTES, JSON, OPERATIONS, SCHEMAS, WHEN, Boats, written
from support.bodies import ROOT
from support.clients import KINDS, Script, answer, make_client
from support.files import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    folder = tmp_path_factory.mktemp("shapes_")
    source = written(folder, SCHEMAS, **OPERATIONS)
    made = folder / folder.name
    generate.generate(source, folder).rename(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield made.name


@pytest.fixture(params=["sync", "async"])
def boats(package: str, request: pytest.FixtureRequest) -> Boats:
    return Boats(package, request.param)


@pytest.fixture
def models(package: str) -> Any:
    return import_module(f"{package}.models")


def test_the_package_is_typed(package: str) -> None:
    made = import_module(package).__path__[0]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", ROOT / ".mypy_cache", made],
        cwd=f"{made}/..",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("names", [("acme", "argo"), ("acme/argo",)])
def test_a_text_after_owner_and_name_is_sent_beside_a_header(
    boats: Boats, names: tuple[str, ...]
) -> None:
    boats.call(lambda api: api.boats.readme.update(*names, body="# Argo", x_trace="t"))
    assert (boats.sent.url.path, boats.sent.content) == ("/acme/argo/readme", b"# Argo")
    assert boats.sent.headers["x-trace"] == "t"
    assert boats.sent.headers["content-type"] == "text/plain"


def test_an_integer_is_a_path_segment(boats: Boats, models: Any) -> None:
    assert boats.call(lambda api: api.boats.get(7)) == models.Boat(name="Argo")
    assert boats.sent.url.path == "/numbered/7"
    assert boats.call(lambda api: api.boats.parts.get("acme/argo", 7)) == 3
    assert boats.sent.url.path == "/acme/argo/parts/7"


@pytest.mark.parametrize("wrong", [True, "7", "", 7.0, None])
def test_other_types_are_refused_for_an_integer_in_a_path(boats: Boats, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"must be an integer, got "):
        boats.call(lambda api: api.boats.get(wrong))
    assert boats.requests == []


@pytest.mark.parametrize("kinds", [["sloop", "yawl"], ("sloop", "yawl")])
def test_a_query_takes_lists_and_tuples(boats: Boats, kinds: Any) -> None:
    assert boats.call(lambda api: api.boats.find(kinds=kinds)) == "ketch"
    assert boats.sent.url.query == b"kinds=sloop&kinds=yawl"


@pytest.mark.parametrize("wrong", [{"a": 1}, b"bytes", [["nested"]], [None], {"set"}])
def test_values_other_than_scalars_are_refused_in_a_query(boats: Boats, wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"must be a string, number, bool, date or datetime, got "):
        boats.call(lambda api: api.boats.find(shape=wrong))
    assert boats.requests == []


def test_a_list_of_objects_is_a_body(boats: Boats, models: Any) -> None:
    several = [models.Boat(name="Argo", built=WHEN), {"name": "Fram"}]
    assert boats.call(lambda api: api.boats.create_many(several)) == [WHEN]
    built = {"name": "Argo", "built": "2026-11-03T00:00:00Z"}
    assert json.loads(boats.sent.content) == [built, {"name": "Fram"}]


def test_a_free_body_may_contain_models_and_a_response_may_be_a_json_string(
    boats: Boats, models: Any
) -> None:
    free = {"first": models.Boat(name="Argo"), "rest": [{"at": WHEN}]}
    assert boats.call(lambda api: api.fine_boats.set_all(free)) == "as it was"
    expected = {"first": {"name": "Argo"}, "rest": [{"at": "2026-11-03T00:00:00Z"}]}
    assert json.loads(boats.sent.content) == expected


def test_a_field_may_hold_a_map_of_objects(boats: Boats, models: Any) -> None:
    given = {"argo": models.Boat(name="Argo")}
    boats.call(lambda api: api.boats.refit(boats=given, kinds=["sloop"]))
    expected = {"boats": {"argo": {"name": "Argo"}}, "kinds": ["sloop"]}
    assert json.loads(boats.sent.content) == expected


def test_form_fields_are_text_or_json_and_each_item_of_a_list_is_a_part(
    boats: Boats, models: Any
) -> None:
    boats.call(
        lambda api: api.boats.paint(
            picture=b"png",
            fast=True,
            coats=2,
            colors=["red", "blue"],
            when=WHEN,
            boat=models.Boat(name="Argo"),
            extra={"a": WHEN},
        )
    )
    parts = parts_of(boats.sent.headers["content-type"], boats.sent.content)
    assert sorted(parts) == [
        ("boat", None, JSON, b'{"name": "Argo"}'),
        ("coats", None, None, b"2"),
        ("colors", None, None, b"blue"),
        ("colors", None, None, b"red"),
        ("extra", None, JSON, b'{"a": "2026-11-03T00:00:00Z"}'),
        ("fast", None, None, b"true"),
        ("picture", "file", BYTES, b"png"),
        ("when", None, None, b"2026-11-03T00:00:00Z"),
    ]


def test_a_body_may_be_bytes_and_a_response_a_number(boats: Boats) -> None:
    assert boats.call(lambda api: api.boats.scan(b"\x00")) == 7
    assert (boats.sent.content, boats.sent.headers["content-type"]) == (b"\x00", BYTES)


def test_null_is_sent_where_a_value_is_required(boats: Boats) -> None:
    boats.call(lambda api: api.boats.weigh(weight=None))
    assert json.loads(boats.sent.content) == {"weight": None}
    boats.call(lambda api: api.boats.weigh(weight=1.5))
    assert json.loads(boats.sent.content) == {"weight": 1.5}


def test_an_operation_without_a_group_takes_a_body_and_parameters(
    boats: Boats, models: Any
) -> None:
    assert boats.call(lambda api: api.launch(name="Argo", at=WHEN)) == models.Boat(name="Argo")
    assert boats.sent.url.query == b"at=2026-11-03T00%3A00%3A00Z"
    assert json.loads(boats.sent.content) == {"name": "Argo"}


def test_a_response_is_read_by_its_status(package: str, models: Any) -> None:
    mend = import_module(f"{package}.api.boats.mend")
    assert inspect.signature(mend.parse).return_annotation == "Boat | list[Boat] | bytes | None"
    argo = {"name": "Argo"}
    for status, body, expected in (
        (200, argo, models.Boat(name="Argo")),
        (201, [argo], [models.Boat(name="Argo")]),
        (202, argo, models.Boat(name="Argo")),
        (299, argo, models.Boat(name="Argo")),
    ):
        assert mend.parse(httpx.Response(status, json=body)) == expected
    assert mend.parse(httpx.Response(203, content=b"\xff")) == b"\xff"
    assert mend.parse(httpx.Response(204)) is None


def test_enums_may_have_values_of_any_type(boats: Boats) -> None:
    given = {"raised": True, "height": 0.5, "sign": 1, "torn": False, "kept": "a", "kept_": "b"}
    boats.call(lambda api: api.flags.hoist(high=True, **given))
    assert json.loads(boats.sent.content) == given
    assert boats.sent.url.query == b"high=true"


def test_a_method_says_whether_its_operation_is_repeatable(boats: Boats) -> None:
    boats.call(lambda api: api.boats.mend())
    boats.call(lambda api: api.boats.weigh(weight=1.5))
    assert boats.repeatable == [True, False]


def test_a_schema_named_secret_has_no_values_in_its_repr(boats: Boats) -> None:
    harbour = boats.call(lambda api: api.moor([]))
    assert harbour.word == "xyzzy"
    assert "xyzzy" not in repr(harbour)


@pytest.mark.parametrize("kind", KINDS)
def test_the_webhook_secret_is_not_in_the_repr(kind: Any) -> None:
    script = Script(answer(200, {"key": "whsec_xyzzy"}))
    found = make_client(kind, transport=script.transport).webhooks.default.secret.get()
    assert found.key == "whsec_xyzzy"
    assert "xyzzy" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "error"), [(None, TypeError), ("", ValueError), ("..", ValueError)]
)
def test_errors_of_paths_are_documented(boats: Boats, wrong: Any, error: type[Exception]) -> None:
    resources = import_module(f"{boats.package}.resources.harbours")
    documented = inspect.getdoc(resources.HarboursResource.get)
    assert documented is not None
    assert f"    {error.__name__}: A path argument " in documented
    with pytest.raises(error):
        boats.call(lambda api: api.harbours.get(wrong))
