"""Operations of shapes that the API does not have yet: they work, or the generator says why not."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import anyio
import generate
import httpx
import pytest
from apispec import document
from support.clients import KINDS, Script, answer, make_client
from support.files import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXT: document.Document = {"type": "string"}
NUMBER: document.Document = {"type": "integer"}
TIME: document.Document = {"type": "string", "format": "date-time"}
BOAT: document.Document = {"$ref": "#/components/schemas/Boat"}
KIND: document.Document = {"$ref": "#/components/schemas/Kind"}
JSON = "application/json"
BYTES = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"

SCHEMAS: document.Document = {
    "Skiff": {"type": "object", "properties": {"name": TEXT, "built": TIME}},
    "Flag": {
        "type": "object",
        "properties": {
            "raised": {"enum": [True]},
            "height": {"enum": [0.5, 1.5]},
            "sign": {"enum": ["a", 1]},
            "torn": {"const": False},
            "kept": TEXT,
            "kept_": TEXT,
        },
    },
    "Boat": {"type": "object", "properties": {"name": TEXT, "built": TIME}},
    "Kind": {"type": "string", "enum": ["sloop", "yawl"]},
    "Weighing": {
        "type": "object",
        "required": ["weight"],
        "properties": {
            "weight": {"type": ["number", "null"]},
            "unit": {"type": ["string", "null"]},
        },
    },
    "Paint": {
        "type": "object",
        "required": ["picture"],
        "properties": {
            "picture": {"type": "string", "format": "binary"},
            "fast": {"type": "boolean"},
            "coats": NUMBER,
            "colours": {"type": "array", "items": TEXT},
            "when": TIME,
            "boat": BOAT,
            "extra": {"type": "object"},
        },
    },
    "Refit": {
        "type": "object",
        "required": ["boats"],
        "properties": {
            "boats": {"type": "object", "additionalProperties": BOAT},
            "kinds": {"type": ["array", "null"], "items": KIND},
        },
    },
    "HarbourSecretOfOld": {"type": "object", "properties": {"word": TEXT}},
}


def array(items: document.Document) -> document.Document:
    return {"type": "array", "items": items}


def parameter(place: str, name: str, schema: document.Document = TEXT) -> document.Document:
    return {"in": place, "name": name, "required": place == "path", "schema": schema}


def operation(
    operation_id: str,
    *parameters: document.Document,
    takes: document.Document | None = None,
    gives: document.Document | None = None,
    media: str = JSON,
) -> document.Document:
    """An operation with a body of a media type, and a JSON answer."""
    made: document.Document = {
        "operationId": operation_id,
        "parameters": list(parameters),
        "responses": {"200": {"content": {JSON: {"schema": gives}}}} if gives else {"204": {}},
    }
    if takes:
        made["requestBody"] = {"required": True, "content": {media: {"schema": takes}}}
    return made


def written(folder: Path, schemas: document.Document, **operations: document.Document) -> Path:
    """A document with the operations, each under the path that goes by its keyword."""
    made = folder / "spec.yaml"
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Boats", "version": "1"},
        "paths": {f"/{name}": {"post": one} for name, one in operations.items()},
        "components": {"schemas": schemas},
    }
    document.write(made, whole, "")
    return made


def ref(name: str) -> document.Document:
    return {"$ref": f"#/components/schemas/{name}"}


OWNED = [parameter("path", name) for name in ("boat_owner", "boat_name")]
OPERATIONS = {
    "{boat_owner}/{boat_name}/readme": operation(
        "boats.readme.update",
        *OWNED,
        parameter("header", "X-Trace"),
        takes=TEXT,
        media="text/plain",
    ),
    "{boat_owner}/{boat_name}/parts/{number}": operation(
        "boats.parts.get", *OWNED, parameter("path", "number", NUMBER), gives=NUMBER
    ),
    "numbered/{number}": operation("boats.get", parameter("path", "number", NUMBER), gives=BOAT),
    "harbours/{harbour}": operation("harbours.get", parameter("path", "harbour"), gives=BOAT),
    "find": operation(
        "boats.find",
        parameter("query", "kinds", array(KIND)),
        parameter("query", "shape", {}),
        gives=KIND,
    ),
    "many": operation("boats.createMany", takes=array(BOAT), gives=array(TIME)),
    "free": operation("fine-boats.set-all", takes={"type": "object"}, gives=TEXT),
    "refit": operation("boats.refit", takes=ref("Refit")),
    "paint": operation("boats.paint", takes=ref("Paint"), media="multipart/form-data"),
    "scan": operation(
        "boats.scan", takes={"type": "string", "format": "binary"}, media=BYTES, gives=NUMBER
    ),
    "weigh": operation("boats.weigh", takes=ref("Weighing")),
    "mend": {
        "operationId": "boats.mend",
        "x-repeatable": True,
        "responses": {
            "200": {"content": {JSON: {"schema": BOAT}}},
            "201": {"content": {JSON: {"schema": array(BOAT)}}},
            "202": {"content": {JSON: {"schema": ref("Skiff")}}},
            "203": {"content": {BYTES: {}}},
            "204": {},
        },
    },
    "launch": operation("launch", parameter("query", "at", TIME), takes=BOAT, gives=BOAT),
    "hoist": operation(
        "flags.hoist", parameter("query", "high", {"enum": [True]}), takes=ref("Flag")
    ),
    "moor": operation("moor", takes=array(BOAT), gives=ref("HarbourSecretOfOld")),
}
ANSWERS: dict[str, Any] = {
    "boats": {"name": "Argo"},
    "/many": ["2026-11-03T00:00:00Z"],
    "/free": "as it was",
    "/find": "ketch",
    "/scan": 7,
    "/moor": {"word": "xyzzy"},
}
WHEN = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated package's name, under which it can be imported."""
    folder = tmp_path_factory.mktemp("shapes_")
    source = written(folder, SCHEMAS, **OPERATIONS)
    made = folder / folder.name
    generate.generate(source, folder).rename(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield made.name


@dataclass
class Boats:
    """The API of a generated package: what is called on it, and the requests that this sends."""

    package: str
    kind: Literal["sync", "async"]
    requests: list[httpx.Request] = field(default_factory=list)
    repeatable: list[bool] = field(default_factory=list)

    def call(self, act: Callable[[Any], Any]) -> Any:
        """Perform one operation and return what it gives."""
        resources = import_module(f"{self.package}.resources.api")
        transport = httpx.MockTransport(self._answer)
        if self.kind == "sync":
            with httpx.Client(transport=transport, base_url="https://boats.test") as client:
                return act(resources.Api(_Blocking(client, self.repeatable)))

        async def awaiting() -> Any:
            async with httpx.AsyncClient(
                transport=transport, base_url="https://boats.test"
            ) as client:
                return await act(resources.AsyncApi(_Awaiting(client, self.repeatable)))

        return anyio.run(awaiting)

    @property
    def sent(self) -> httpx.Request:
        return self.requests[-1]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        given = ANSWERS.get(request.url.path, {"name": "Argo"})
        return httpx.Response(200, json=3 if "/parts/" in request.url.path else given)


@dataclass
class _Blocking:
    client: httpx.Client

    repeatable: list[bool]

    def perform(
        self, arguments: Any, parse: Callable[[httpx.Response], Any], *, repeatable: bool
    ) -> Any:
        self.repeatable.append(repeatable)
        return parse(self.client.request(**arguments))


@dataclass
class _Awaiting:
    client: httpx.AsyncClient

    repeatable: list[bool]

    async def perform(
        self, arguments: Any, parse: Callable[[httpx.Response], Any], *, repeatable: bool
    ) -> Any:
        self.repeatable.append(repeatable)
        return parse(await self.client.request(**arguments))


@pytest.fixture(params=["sync", "async"])
def boats(package: str, request: pytest.FixtureRequest) -> Boats:
    return Boats(package, request.param)


@pytest.fixture
def models(package: str) -> Any:
    return import_module(f"{package}.models")


# What it makes of them


def test_the_package_is_typed(package: str, tmp_path: Path) -> None:
    made = import_module(package).__path__[0]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, made],
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


def test_a_number_is_a_part_of_a_path(boats: Boats, models: Any) -> None:
    assert boats.call(lambda api: api.boats.get(7)) == models.Boat(name="Argo")
    assert boats.sent.url.path == "/numbered/7"
    assert boats.call(lambda api: api.boats.parts.get("acme/argo", 7)) == 3
    assert boats.sent.url.path == "/acme/argo/parts/7"


@pytest.mark.parametrize("wrong", [True, "7", "", 7.0, None])
def test_what_is_no_number_is_no_part_of_a_path_where_one_is_expected(
    boats: Boats, wrong: Any
) -> None:
    with pytest.raises(TypeError, match=r"must be an integer, got "):
        boats.call(lambda api: api.boats.get(wrong))
    assert boats.requests == []


@pytest.mark.parametrize("kinds", [["sloop", "yawl"], ("sloop", "yawl")])
def test_a_query_takes_lists_and_tuples(boats: Boats, kinds: Any) -> None:
    assert boats.call(lambda api: api.boats.find(kinds=kinds)) == "ketch"
    assert boats.sent.url.query == b"kinds=sloop&kinds=yawl"


@pytest.mark.parametrize("wrong", [{"a": 1}, b"bytes", [["nested"]], [None], {"set"}])
def test_what_is_no_scalar_is_not_sent_in_a_query_as_python_writes_it(
    boats: Boats, wrong: Any
) -> None:
    with pytest.raises(TypeError, match=r"must be a string, number, bool, date or datetime, got "):
        boats.call(lambda api: api.boats.find(shape=wrong))
    assert boats.requests == []


def test_a_list_of_objects_is_a_body(boats: Boats, models: Any) -> None:
    several = [models.Boat(name="Argo", built=WHEN), {"name": "Fram"}]
    assert boats.call(lambda api: api.boats.create_many(several)) == [WHEN]
    built = {"name": "Argo", "built": "2026-11-03T00:00:00Z"}
    assert json.loads(boats.sent.content) == [built, {"name": "Fram"}]


def test_a_free_body_may_hold_objects_and_a_json_text_is_an_answer(
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


def test_fields_of_a_form_are_text_json_or_one_part_for_each_item(
    boats: Boats, models: Any
) -> None:
    boats.call(
        lambda api: api.boats.paint(
            picture=b"png",
            fast=True,
            coats=2,
            colours=["red", "blue"],
            when=WHEN,
            boat=models.Boat(name="Argo"),
            extra={"a": WHEN},
        )
    )
    parts = parts_of(boats.sent.headers["content-type"], boats.sent.content)
    assert sorted(parts) == [
        ("boat", None, JSON, b'{"name": "Argo"}'),
        ("coats", None, None, b"2"),
        ("colours", None, None, b"blue"),
        ("colours", None, None, b"red"),
        ("extra", None, JSON, b'{"a": "2026-11-03T00:00:00Z"}'),
        ("fast", None, None, b"true"),
        ("picture", "file", BYTES, b"png"),
        ("when", None, None, b"2026-11-03T00:00:00Z"),
    ]


def test_bytes_are_a_body_and_a_number_is_an_answer(boats: Boats) -> None:
    assert boats.call(lambda api: api.boats.scan(b"\x00")) == 7
    assert (boats.sent.content, boats.sent.headers["content-type"]) == (b"\x00", BYTES)


def test_null_is_sent_where_a_value_is_required(boats: Boats) -> None:
    boats.call(lambda api: api.boats.weigh(weight=None))
    assert json.loads(boats.sent.content) == {"weight": None}
    boats.call(lambda api: api.boats.weigh(weight=1.5))
    assert json.loads(boats.sent.content) == {"weight": 1.5}


def test_an_operation_of_no_part_takes_what_others_take(boats: Boats, models: Any) -> None:
    assert boats.call(lambda api: api.launch(name="Argo", at=WHEN)) == models.Boat(name="Argo")
    assert boats.sent.url.query == b"at=2026-11-03T00%3A00%3A00Z"
    assert json.loads(boats.sent.content) == {"name": "Argo"}


def test_an_answer_is_read_as_its_status_has_it(package: str, models: Any) -> None:
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


def test_values_of_any_type_may_be_limited(boats: Boats) -> None:
    given = {"raised": True, "height": 0.5, "sign": 1, "torn": False, "kept": "a", "kept_": "b"}
    boats.call(lambda api: api.flags.hoist(high=True, **given))
    assert json.loads(boats.sent.content) == given
    assert boats.sent.url.query == b"high=true"


def test_a_method_says_whether_its_operation_is_repeatable(boats: Boats) -> None:
    boats.call(lambda api: api.boats.mend())
    boats.call(lambda api: api.boats.weigh(weight=1.5))
    assert boats.repeatable == [True, False]


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "query", "patch"])
@pytest.mark.parametrize("marked", [None, True, False])
def test_operations_are_repeatable_by_their_method_or_their_mark(
    method: str, marked: bool | None
) -> None:
    mark = {} if marked is None else {"x-repeatable": marked}
    one = {"operationId": "boats.sink", "responses": {}, **mark}
    facts = generate.facts({"paths": {"/boats": {method: one}}})
    expected = method != "patch" if marked is None else marked
    assert facts["repeatable"] == (["boats.sink"] if expected else [])


def test_the_first_server_is_the_default_base_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path, SCHEMAS, boat=operation("boats.get"))
    whole = document.parse(source.read_text())
    servers = [{"url": "https://boats.test/v9"}, {"url": "https://ships.test"}]
    document.write(source, {**whole, "servers": servers}, "")
    generate.generate(source, tmp_path).rename(tmp_path / tmp_path.name)
    monkeypatch.syspath_prepend(tmp_path)
    client = import_module(f"{tmp_path.name}.client")
    assert client.DEFAULT_BASE_URL == "https://boats.test/v9"
    with client.Client() as made:
        assert made.get_httpx_client().base_url == "https://boats.test/v9/"


def test_what_the_generator_says_is_one_line_with_the_operation(tmp_path: Path) -> None:
    nullable = {"type": ["string", "null"]}
    source = written(
        tmp_path, SCHEMAS, **{"a/{b}": operation("boats.get", parameter("path", "b", nullable))}
    )
    with pytest.raises(generate.GenerationError) as caught:
        generate.generate(source, tmp_path)
    assert str(caught.value).startswith("boats.get: ")
    assert str(caught.value).count("\n") == 0


def test_a_secret_is_one_wherever_its_name_says_so(boats: Boats) -> None:
    harbour = boats.call(lambda api: api.moor([]))
    assert harbour.word == "xyzzy"
    assert "xyzzy" not in repr(harbour)


@pytest.mark.parametrize("kind", KINDS)
def test_the_secret_of_webhooks_does_not_show(kind: Any) -> None:
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
    assert f"    {error.__name__}: A part of the path is" in documented
    with pytest.raises(error):
        boats.call(lambda api: api.harbours.get(wrong))


# What it refuses, and says so

REFUSED: list[tuple[str, list[document.Document], str]] = [
    ("a form", [operation("boats.sink", takes=BOAT, media=FORM)], f"boats.sink: .*{FORM}"),
    (
        "an unreadable answer",
        [{"operationId": "a.b", "responses": {"200": {"content": {"audio/wav": {}}}}}],
        "a.b: nothing reads audio/wav",
    ),
    (
        "a parameter with content",
        [operation("a.b", {"in": "query", "name": "q", "content": {JSON: {"schema": BOAT}}})],
        "a.b: q has no schema",
    ),
    ("one under another", [operation("a.b"), operation("a.b.get")], "a.b.get is under .* a.b;"),
    ("one under a tag", [operation("a"), operation("a.get")], "a.get is under the method a;"),
    ("equal but for case", [operation("a.getAll"), operation("a.get_all")], "the same module"),
    ("the name of all", [operation("api.get")], "api.get: the package of all"),
    ("a number", [operation("1a")], "1a: it has a part that is no name in Python"),
    ("no part", [operation("a..b")], "a..b: it has a part that is no name in Python"),
    ("a method", [operation("wait")], "wait: the clients' own wait hides it"),
    ("a method's tag", [operation("run.get")], "run.get: the clients' own run hides it"),
    ("a method of a part", [operation("predictions.run")], "the clients' own predictions.run"),
]


@pytest.mark.parametrize(
    ("operations", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_called_is_refused(
    operations: list[document.Document], message: str, tmp_path: Path
) -> None:
    numbered = {f"path{number}": one for number, one in enumerate(operations)}
    with pytest.raises(generate.GenerationError, match=message) as caught:
        generate.generate(written(tmp_path, SCHEMAS, **numbered), tmp_path)
    assert "scripts/apispec/data" in str(caught.value)


@pytest.mark.parametrize("name", ["Response", "Upload", "Any", "Mapping", "sync_client"])
def test_a_schema_that_is_named_like_an_import_is_refused(name: str, tmp_path: Path) -> None:
    source = written(tmp_path, {**SCHEMAS, name: SCHEMAS["Boat"]}, boat=operation("boats.get"))
    with pytest.raises(generate.GenerationError, match=f"The schema {name} is named like"):
        generate.generate(source, tmp_path)
