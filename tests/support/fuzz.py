"""Malformed requests, made from a seed: no client sends them, but an attacker may."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import resources
from random import Random
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import httpx

from replicate_ext.sandbox import Sandbox
from support.sandboxes import HELLO, client_of

JSON: TypeAlias = Any

DIGITS = "9" * 5_000
DEEP = 5_000

VALUES: list[str] = [
    # Texts in place of JSON values; some are not valid JSON.
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    DIGITS,
    DIGITS[:4_000],
    f"-{DIGITS[:400]}",
    "1e400",
    "-1e400",
    "1e-400",
    "NaN",
    "Infinity",
    '""',
    '"x"',
    f'"{DIGITS}"',
    r'"\ud800"',
    r'"\u0000"',
    r'"a\nb\r\nc"',
    '"\N{PILE OF POO}"',
    '"' + "x" * 100_000 + '"',
    '"https://example.com"',
    '"http://["',
    '"http://127.0.0.1:99999"',
    '"http://127.0.0.1:' + DIGITS + '"',
    '"data:,x"',
    '"data:text/plain;base64,!"',
    '"replicate/hello-world"',
    "[]",
    "[null]",
    "[[1, {}], 1e400]",
    '["start", "start", 7]',
    "{}",
    '{"": null}',
    '{"a": {"b": [1e999]}}',
    r'{"\ud800": 1}',
    "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP,
    "[" * 700 + "]" * 700,
    '{"a":' * 700 + "1" + "}" * 700,
]

TEXTS: list[str] = [
    "",
    " ",
    "x",
    "..",
    ".",
    "/",
    "//",
    "%",
    "%00",
    "%ff%fe",
    "%0d%0aX: y",
    "%2e%2e%2f",
    "0",
    "-1",
    "1e400",
    DIGITS,
    f"-{DIGITS}",
    "x" * 3_000,
    "hello",
    "asc",
    "2026-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-01-01T00:00:00+99:99",
    "cD0x",
    quote("cD0x" * 500),
    "cD0" + "9" * 4_000,
    "\u00e9\u2028\N{PILE OF POO}",
]

HEADERS: Mapping[str, list[str]] = {
    "Prefer": [
        "wait",
        "wait=1",
        "WAIT=1",
        "wait=0",
        f"wait={DIGITS}",
        f"wait={'0' * 5_000}1",
        'wait="1"',
        'wait="' + "\\" * 3_000,
        "," * 3_000,
        ";" * 3_000,
        "wait=²",
        "é",
    ],
    "Cancel-After": ["5s", DIGITS, f"{DIGITS}h", "5h5m5s", "0", "", "-1", "²s", "1e9", "é"],
    "Content-Type": [
        "application/json",
        "application/json; charset=undefined",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 3_000,
        "multipart/form-data; boundary=b; charset=undefined",
        "multipart/form-data; boundary=b; charset=idna",
        "multipart/form-data; boundary=b; charset=utf-7",
        "multipart/form-data; boundary=b; charset=hex",
        "multipart/form-data; boundary=b; charset=unicode_escape",
        "application/x-www-form-urlencoded",
        "é/é; é=é",
        ";" * 3_000,
        "",
    ],
    "Authorization": ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer é", "\x0b" * 10],
    "Range": [
        "bytes=0-",
        "bytes=-1",
        f"bytes={DIGITS}-{DIGITS}",
        "bytes=" + "0-0," * 1_000,
        "é=1",
        "bytes=a-b",
    ],
    "If-Range": ['"x"', "Thu, 99 Foo 0000 99:99:99 GMT", "é"],
    "Last-Event-ID": ["1:1", DIGITS, f"{DIGITS}:{DIGITS}", "é", "-1:-1"],
    "Accept-Encoding": ["gzip", "é", "," * 2_000],
    "Content-Length": ["0", "7", DIGITS, "-1", "1, 1", "x"],
    "Transfer-Encoding": ["chunked", "gzip", "chunked, chunked", "identity"],
    "Expect": ["100-continue", "200-ok"],
    "Upgrade": ["websocket", "h2c"],
    "Connection": ["upgrade", "keep-alive", "é"],
    "Origin": ["null", "http://localhost", "http://example.com", "é", "http://["],
    "Host": ["", "example.com", "127.0.0.1:" + DIGITS, "[", "[::1", "é", "localhost, localhost"],
    "X-Odd": ["\x01", "x" * 60_000, "x" * 70_000, "é"],
}

METHODS = [
    "GET",
    "POST",
    "PATCH",
    "DELETE",
    "QUERY",
    "PUT",
    "HEAD",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "get",
    "X-ODD",
]


LINKS = ["github_url", "license_url", "paper_url", "weights_url", "cover_image_url"]


class Operation(NamedTuple):
    """An operation of the API's document.

    Args:
        method: in upper case.
        path: path with the names of existing resources.
        parameters: names of the query parameters.
        body: valid JSON body, or None.
    """

    method: str
    path: str
    parameters: list[str]
    body: JSON


class Fuzzer:
    """Makes requests to a sandbox, after creating the resources that they name.

    Args:
        sandbox: a running sandbox.
        seed: the same seed makes the same requests.
    """

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.url = httpx.URL(sandbox.base_url)
        self._token = sandbox.api_token
        self._random = Random(seed)  # noqa: S311 - tests are to be repeatable
        self._operations = list(operations(existing(sandbox)))
        self._with_json = [each for each in self._operations if each.body is not None]

    def every_field(self) -> Iterator[bytes]:
        """Yield requests in which one field of a body, or one parameter, has an unusual value."""
        for operation in self._with_json:
            for text in VALUES:
                for body in replaced(operation.body, text):
                    kind = {"Content-Type": "application/json"}
                    yield self._written(operation.method, operation.path, kind, body)
        for method, path, parameters, _ in self._operations:
            for name in parameters:
                for text in TEXTS:
                    yield self._written(method, f"{path}?{name}={encoded(text)}", {}, b"")

    def some(self) -> bytes:
        """Return a random request."""
        make = self._random.choice((self._json, self._form, self._any, self._any, self._garbage))
        return make()

    def _written(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, more: str = ""
    ) -> bytes:
        usual = {
            "Host": f"{self.url.host}:{self.url.port}",
            "Authorization": f"Bearer {self._token}",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = lines_of({**usual, **headers})
        head = f"{method} {self.url.path}{target} HTTP/1.1\r\n{lines}{more}\r\n"
        return head.encode("latin-1", "replace") + body

    def _headers(self, *without: str) -> dict[str, str]:
        # Choose few headers, since some end a request early, before other headers are read.
        names = [name for name in HEADERS if name not in without]
        chosen = self._random.sample(names, self._random.choice((0, 0, 1, 1, 2, 5)))
        return {name: self._random.choice(HEADERS[name]) for name in chosen}

    def _json(self) -> bytes:
        operation = self._random.choice(self._with_json)
        text = self._random.choice(VALUES)
        body = self._random.choice(list(replaced(operation.body, text)))
        if self._random.random() < 0.3:
            body = self._spoiled(body)
        headers = self._headers("Content-Type", "Authorization", "Host", "Origin")
        headers["Content-Type"] = "application/json"
        return self._written(operation.method, operation.path, headers, body)

    def _form(self) -> bytes:
        names = self._random.choices(["content", "filename", "type", "metadata", "é", ""], k=4)
        body = "".join(map(self._part, names)) + "--b--\r\n"
        kinds = [kind for kind in HEADERS["Content-Type"] if "boundary=b;" in kind]
        kind = self._random.choice(["multipart/form-data; boundary=b", *kinds])
        return self._written("POST", "/files", {"Content-Type": kind}, body.encode())

    def _part(self, name: str) -> str:
        file = self._random.choice(
            ["", f'; filename="{self._text()}"', '; filename=".."', "; filename*=utf-8''%ff%00"]
        )
        kind = self._random.choice(["", f"Content-Type: {self._text()}\r\n"])
        text = self._random.choice(VALUES + TEXTS)
        return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n{text}\r\n'

    def _any(self) -> bytes:
        method, path, parameters, _ = self._random.choice(self._operations)
        if self._random.random() < 0.1:
            method = self._random.choice(METHODS)
        if self._random.random() < 0.2:
            parts = path.split("/")
            parts[self._random.randrange(1, len(parts))] = encoded(self._text())
            path = "/".join(parts)
        names = self._random.choices(
            [*parameters, "cursor", "x", "%"], k=self._random.choice((0, 1, 3))
        )
        query = "&".join(f"{name}={encoded(self._text())}" for name in names)
        bodies = [b"", b"{}", self._random.randbytes(50), self._random.choice(VALUES).encode()]
        more = lines_of(self._headers()) if self._random.random() < 0.2 else ""
        body = self._random.choice(bodies)
        return self._written(method, f"{path}?{query}", self._headers(), body, more)

    def _garbage(self) -> bytes:
        if self._random.random() < 0.1:
            return self._random.randbytes(300)
        request = self._any()
        for _ in range(self._random.choice((1, 3, 30))):
            request = self._spoiled(request)
        return request

    def _spoiled(self, content: bytes) -> bytes:
        at = self._random.randrange(len(content))
        after = at + self._random.choice((0, 1, 5))
        return content[:at] + self._random.randbytes(self._random.randrange(4)) + content[after:]

    def _text(self) -> str:
        return self._random.choice(TEXTS)


def encoded(text: str) -> str:
    """Return a text for a URL; it is encoded only if it has characters that a URL cannot have."""
    return text if text.isascii() and not set(text) & set(" \r\n") else quote(text)


def lines_of(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def existing(sandbox: Sandbox) -> Mapping[str, str]:
    """Create a resource for each path parameter, and for each reference in a body."""
    with client_of(sandbox) as client:
        version = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        size = {"hardware": "cpu", "min_instances": 1, "max_instances": 1}
        deployment = {"name": "mine", "model": HELLO, "version": version, **size}
        client.post("/deployments", json=deployment).raise_for_status()
        run = {"version": version, "input": {"text": "x"}}
        prediction = client.post("/predictions", json=run).json()["id"]
        model = {"owner": "me", "name": "m", "visibility": "private", "hardware": "cpu"}
        client.post("/models", json=model).raise_for_status()
        training = f"/models/{HELLO}/versions/{version}/trainings"
        body = {"destination": "me/m", "input": {}}
        trained = client.post(training, json=body).json()["id"]
    owner, _, name = HELLO.partition("/")
    return {
        "model_owner": owner,
        "model_name": name,
        "version_id": version,
        "version": version,
        "deployment_owner": "sandbox",
        "deployment_name": "mine",
        "prediction_id": prediction,
        "training_id": trained,
        "collection_slug": "official",
        "destination": "me/m",
        "model": HELLO,
        "hardware": "cpu",
        "webhook": "http://127.0.0.1:9/",
        **dict.fromkeys(LINKS, "https://example.com"),
    }


def operations(names: Mapping[str, str]) -> Iterator[Operation]:
    """List the operations of the API's document.

    Args:
        names: existing resources by the names of parameters and fields.
    """
    text = resources.files("replicate_api").joinpath("openapi.json").read_text()
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, part in methods.items():
            given = [each for each in part.get("parameters", ()) if each["in"] == "query"]
            content = part.get("requestBody", {}).get("content", {}).get("application/json")
            yield Operation(
                method.upper(),
                path.format_map({**dict.fromkeys(_placeholders(path), "x"), **names}),
                [each["name"] for each in given],
                None if content is None else example("", content["schema"], schemas, names),
            )


def _placeholders(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/")]


def example(name: str, schema: JSON, schemas: JSON, names: Mapping[str, str]) -> JSON:
    """Return a value that matches a schema, with all its fields."""
    if "$ref" in schema:
        return example(name, schemas[schema["$ref"].rpartition("/")[2]], schemas, names)
    if name in names:
        return names[name]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {
            key: example(key, value, schemas, names) for key, value in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [example(name, schema["items"], schemas, names)]
    return {"integer": 1, "boolean": True, "string": "x"}.get(schema.get("type"), {"text": "x"})


def replaced(value: JSON, text: str) -> Iterator[bytes]:
    """Yield one JSON body for each value in a body, with the text in place of that value."""
    mark = "\0"

    def variants(part: JSON) -> Iterator[JSON]:
        yield mark
        if isinstance(part, dict):
            for key in part:
                for new in variants(part[key]):
                    yield {**part, key: new}
        if isinstance(part, list):
            for at, item in enumerate(part):
                for new in variants(item):
                    yield [*part[:at], new, *part[at + 1 :]]

    for variant in variants(value):
        yield json.dumps(variant).replace(json.dumps(mark), text).encode()


def exchange(url: httpx.URL, request: bytes) -> int | None:
    """Send bytes unchanged, and return the status of the response, or None without a response."""
    with socket.create_connection((url.host, url.port or 80), timeout=20) as connection:
        received = b""
        # The server may respond and close the connection while this is still sending.
        with suppress(ConnectionError):
            connection.sendall(request)
        with suppress(OSError):
            # End the request here, even if its Content-Length is larger.
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while chunk := connection.recv(65_536):
                received = (received + chunk)[:1_000]
    while received.startswith(b"HTTP/1.1 100 "):
        received = received.partition(b"\r\n\r\n")[2]
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.1 ") else None
