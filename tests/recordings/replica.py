"""A sandbox that gets the requests of a recording, in the states in which the API got them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import vcr.cassette
from support.recordings import Exchange, as_cassette, exchanges
from support.sandboxes import client_of, until

from replicate_ext.sandbox import ModelDetails, Sandbox

if TYPE_CHECKING:
    import httpx

JSON: TypeAlias = Any

SENT = ("accept", "accept-encoding", "content-type", "prefer")
"""Request headers that are sent as recorded."""
SECONDS = 10
_MODEL = re.compile(r"/v1/models/([^/]+/[^/]+)(?:/versions/([^/]+))?")
_DETAILS = [field.name for field in fields(ModelDetails) if field.name != "metrics"]


def read(recording: Path, folder: Path) -> list[Exchange]:
    """Return the exchanges of a recording.

    Args:
        recording: a cassette of vcrpy, or the JSON of a prediction.
        folder: where to write the cassette if the recording is not one.
    """
    path = str(as_cassette(recording, folder))
    cassette = vcr.cassette.Cassette.load(path=path, record_mode=vcr.record_mode.RecordMode.NONE)
    return list(exchanges(cassette))


class Gates:
    """The points at which each run waits until the test opens them."""

    def __init__(self) -> None:
        self.boot = threading.Event()
        self.logs = threading.Event()
        self.end = threading.Event()

    def open_all(self) -> None:
        for gate in (self.boot, self.logs, self.end):
            gate.set()

    def run(self, *given: object) -> Path:
        self.logs.wait(SECONDS)
        print("Input:", *given)  # noqa: T201 - models print
        self.end.wait(SECONDS)
        return Path(__file__)


class Replica:
    """A sandbox with the models of a recording, and the responses that it gives.

    Args:
        sandbox: a running sandbox.
        client: a client of it.
        recorded: the exchanges of the recording.
    """

    def __init__(
        self, sandbox: Sandbox, client: httpx.Client, recorded: Sequence[Exchange]
    ) -> None:
        self._sandbox = sandbox
        self._client = client
        self._recorded = recorded
        self._ids: dict[str, str] = {}
        self._versions: set[str | None] = set()
        self.gates = Gates()

    @classmethod
    @contextmanager
    def of(cls, recorded: Sequence[Exchange]) -> Iterator[Replica]:
        """Start a sandbox in the state that the API had before a recording."""
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            replica = cls(sandbox, client, recorded)
            try:
                replica._prepare()
                yield replica
            finally:
                replica.gates.open_all()
            assert sandbox.contract_violations == []

    def ask(self, exchange: Exchange) -> httpx.Response:
        """Send a recorded request, in the state that the recorded response shows.

        Args:
            exchange: an exchange of the recording.
        """
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        path = exchange.url.path
        for recorded, own in self._ids.items():
            path = path.replace(recorded, own)
        if "/predictions/" in path:
            self._reach(path.removesuffix("/cancel"), answer)
        headers = {name: exchange.sent_headers.get(name) for name in SENT}
        headers["accept-encoding"] = headers["accept-encoding"] or "identity"
        response = self._client.request(
            exchange.method,
            exchange.url.copy_with(path=path).raw_path.decode().removeprefix("/v1"),
            content=exchange.content,
            headers={name: value for name, value in headers.items() if value is not None},
        )
        if exchange.method == "POST" and "id" in answer and response.is_success:
            self._ids[answer["id"]] = response.json()["id"]
        return response

    def _reach(self, path: str, answer: JSON) -> None:
        """Wait until a prediction is in the state of a recorded response."""
        if answer["status"] == "starting":
            return
        self.gates.boot.set()
        self._until(path, "started_at")
        if answer.get("logs"):
            self.gates.logs.set()
            self._until(path, "logs")
        if answer["status"] == "succeeded":
            self.gates.end.set()
            self._until(path, "completed_at")

    def _until(self, path: str, field: str) -> None:
        url = path.removeprefix("/v1")
        until(lambda: self._client.get(url).json().get(field) or None)

    def _prepare(self) -> None:
        """Bring the sandbox into the state that the API had before the recording."""
        created = {
            exchange.answer["id"]
            for exchange in self._recorded
            if exchange.method == "POST" and "id" in exchange.answer
        }
        for exchange in self._recorded:
            self._register(exchange)
            if exchange.method == "GET" and exchange.url.path == "/v1/files":
                for _ in exchange.answer["results"]:
                    self._client.post("/files", files={"content": b""})
            is_run = "/predictions/" in exchange.url.path
            if is_run and (id_ := exchange.answer["id"]) not in created:
                version = exchange.answer["version"]
                reference = exchange.answer["model"] if version == "hidden" else version
                body = {"version": reference, "input": exchange.answer["input"]}
                self._ids[id_] = self._client.post("/predictions", json=body).json()["id"]
                created.add(id_)

    def _register(self, exchange: Exchange) -> None:
        """Register the models that an exchange needs."""
        answer = exchange.answer or {}
        if exchange.method == "QUERY":
            for model in answer["results"]:
                self._model(f"{model['owner']}/{model['name']}", None, model)
        elif found := _MODEL.match(exchange.url.path):
            self._model(found[1], found[2], answer)
        elif "version" in answer:
            version = None if answer["version"] == "hidden" else answer["version"]
            self._model(answer.get("model", "acme/painter"), version, answer)
        if "destination" in exchange.asked and exchange.status < 400:
            self._model(exchange.asked["destination"], None, {})

    def _model(self, name: str, version: str | None, answer: JSON) -> None:
        if name in self._sandbox.models and (version is None or version in self._versions):
            return
        self._versions.add(version)
        details = {key: answer[key] for key in _DETAILS if answer.get(key) is not None}
        if "latest_version" in answer and answer["latest_version"] is None:
            owner, _, short = name.partition("/")
            body = {"owner": owner, "name": short, "visibility": "public", "hardware": "cpu"}
            assert self._client.post("/models", json={**body, **details}).is_success
            return
        counted = {
            key: value for key, value in answer.get("metrics", {}).items() if "_time" not in key
        }
        own = ModelDetails(**details, metrics=counted) if details or counted else None
        self._sandbox.model(name, version=version, details=own)(self._function(answer))

    def _function(self, answer: JSON) -> type:
        gates = self.gates

        class Model:
            def setup(self) -> None:
                gates.boot.wait(SECONDS)

        class Painter(Model):
            def predict(
                self, prompt: str = "", width: int = 0, height: int = 0, seed: int = 0
            ) -> list[Path]:
                return [gates.run(prompt, width, height, seed)]

        class Speaker(Model):
            def predict(self, text: str, voice: str = "") -> Path:
                return gates.run(text, voice)

        return Speaker if "text" in answer.get("input", ()) else Painter
