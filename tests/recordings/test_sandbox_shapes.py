"""The sandbox's responses have the keys, types and nulls of recorded ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import pytest
from support.sandboxes import client_of, create, finish, until

from replicate_ext.sandbox import ModelDetails, Sandbox

if TYPE_CHECKING:
    from recordings.conftest import Recorded

Shape: TypeAlias = frozenset[tuple[str, str]]
State: TypeAlias = tuple[str, str | None]

FREE_FORM = frozenset(
    {"input", "output", "metadata", "metrics", "openapi_schema", "default_example"}
)
LINKS = ModelDetails(
    readme="# Boats",
    github_url="https://github.test/boats",
    paper_url="https://paper.test/boats",
    license_url="https://license.test/boats",
    cover_image_url="https://cover.test/boat.png",
)

EARLIER = "the recording is from before the API had it"
DJANGO = "absent or null, depending on the service and the year"
LATER = "the sandbox does not have it: it was dropped, or is internal"
OPTIONAL = "null or text, as the model has it"

REASONS: Mapping[str, str] = {
    "completed_at": DJANGO,
    "data_removed": EARLIER,
    "deadline": "only with Cancel-After",
    "deployment": "only of deployments",
    "is_official": EARLIER,
    "logs": DJANGO,
    "metrics": DJANGO,
    "model": EARLIER,
    "output": DJANGO,
    "readme": LATER,
    "source": EARLIER,
    "started_at": DJANGO,
    "stream": LATER,
    "urls.stream": "only of models that stream",
    "urls.web": EARLIER,
    "webhook": "only with a webhook",
    "webhook_completed": LATER,
    "webhook_events_filter": "only with a webhook",
    "created_at": EARLIER,
    "weights_url": EARLIER,
    "github_url": OPTIONAL,
    "paper_url": OPTIONAL,
    "license_url": OPTIONAL,
    "cover_image_url": OPTIONAL,
    "description": OPTIONAL,
    "default_example": OPTIONAL,
    "latest_version": "null without a version",
    "cog_version": OPTIONAL,
    "next": "null on the last page",
    "previous": "null on the first page",
    "error": "text if it failed",
}
"""Fields that may differ, each with the reason; in lists of objects, those of the objects."""


def shape(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the JSON type of a value and everything in it."""
    kind = "number" if type(value) in (int, float) else type(value).__name__
    yield path, kind
    if path.rpartition(".")[2] in FREE_FORM:
        return
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from shape(member, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from shape(item, f"{path}[]")


def field(path: str) -> str:
    """The name that REASONS has for a path."""
    name = path.rpartition("]")[2].lstrip(".").removeprefix("latest_version.")
    return name.removeprefix("model.").removeprefix("current_release.")


def differences(recorded: Shape, ours: Shape) -> set[str]:
    """The fields that only one of two bodies has, or that have different types."""
    return {
        name
        for pair in recorded ^ ours
        if not _is_explained(name := field(pair[0]), is_recorded=pair in recorded)
    }


def _is_explained(name: str, *, is_recorded: bool) -> bool:
    reason = REASONS.get(name) or REASONS.get(name.partition(".")[0])
    return reason is not None and reason != (EARLIER if is_recorded else LATER)


class Tour:
    """Bodies of a sandbox by operation and status."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.bodies: dict[State, list[Shape]] = {}

    def keep(self, operation: str, response: httpx.Response) -> Any:
        assert response.is_success, response.text
        body = response.json()
        status = body.get("status") if isinstance(body, dict) else None
        self.bodies.setdefault((operation, status), []).append(frozenset(shape(body)))
        return body

    def predictions(self, resume: threading.Event) -> None:
        client = self._client
        for headers in ({}, {"Prefer": "wait=5"}):
            for version in ("acme/boats", "acme/text"):
                response = create(client, version, headers)
                created = self.keep("predictions.create", response)
                own = client.post(f"/models/{version}/predictions", json={"input": {}})
                self.keep("models.predictions.create", own)
                finish(client, created["id"])
                self.keep("predictions.get", client.get(f"/predictions/{created['id']}"))
        for model in ("acme/failing", "acme/cold", "acme/slow"):
            created = create(client, model).json()
            if model == "acme/failing":
                finish(client, created["id"])
            if model == "acme/slow":
                until(lambda: client.get(f"/predictions/{created['id']}").json().get("started_at"))  # noqa: B023 - called here
            self.keep("predictions.get", client.get(f"/predictions/{created['id']}"))
            if model != "acme/failing":
                body = self.keep(
                    "predictions.cancel", client.post(f"/predictions/{created['id']}/cancel")
                )
                assert body["status"] == "canceled"
                self.keep("predictions.get", client.get(f"/predictions/{created['id']}"))
        resume.set()
        self.keep("predictions.list", client.get("/predictions"))
        self.keep("models.examples.list", client.get("/models/acme/boats/examples"))

    def models(self) -> None:
        client = self._client
        body = {"owner": "acme", "name": "m", "visibility": "private", "hardware": "cpu"}
        self.keep("models.create", client.post("/models", json=body))
        self.keep("models.update", client.patch("/models/acme/m", json={"readme": "# M"}))
        for name in ("acme/boats", "acme/text"):
            model = self.keep("models.get", client.get(f"/models/{name}"))
        version = f"/models/acme/text/versions/{model['latest_version']['id']}"
        self.keep("models.versions.get", client.get(version))
        self.keep("models.versions.list", client.get("/models/acme/text/versions"))
        self.keep("models.list", client.get("/models"))
        text = {"Content-Type": "text/plain"}
        found = client.request("QUERY", "/models", content="acme", headers=text)
        self.keep("models.search", found)
        self.keep("search", client.get("/search?query=acme"))
        self.keep("collections.list", client.get("/collections"))
        self.keep("collections.get", client.get("/collections/official"))
        job = {"destination": "acme/m", "input": {"steps": 1}}
        for end in (True, False):
            training = self.keep("trainings.create", client.post(f"{version}/trainings", json=job))
            url = f"/trainings/{training['id']}"
            self.keep("trainings.get", client.get(url))
            if end:
                until(lambda: client.get(url).json()["completed_at"])  # noqa: B023 - called here
            self.keep("trainings.cancel", client.post(f"{url}/cancel"))
            self.keep("trainings.get", client.get(url))
        self.keep("trainings.list", client.get("/trainings"))
        size = {"hardware": "cpu", "min_instances": 0, "max_instances": 1}
        new = {"name": "d", "model": "acme/text", "version": model["latest_version"]["id"], **size}
        self.keep("deployments.create", client.post("/deployments", json=new))
        deployment = "/deployments/sandbox/d"
        self.keep("deployments.list", client.get("/deployments"))
        self.keep("deployments.get", client.get(deployment))
        self.keep("deployments.update", client.patch(deployment, json={"max_instances": 2}))
        ran = client.post(f"{deployment}/predictions", json={"input": {}})
        self.keep("deployments.predictions.create", ran)

    def rest(self) -> None:
        client = self._client
        file = self.keep("files.create", client.post("/files", files={"content": b"x"}))
        self.keep("files.get", client.get(f"/files/{file['id']}"))
        self.keep("files.list", client.get("/files"))
        self.keep("hardware.list", client.get("/hardware"))
        self.keep("account.get", client.get("/account"))
        self.keep("webhooks.default.secret.get", client.get("/webhooks/default/secret"))


@pytest.fixture(scope="module")
def ours() -> Mapping[State, list[Shape]]:
    """The shapes of the sandbox's bodies."""
    resume = threading.Event()
    with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
        _register(sandbox, resume)
        tour = Tour(client)
        tour.predictions(resume)
        tour.models()
        tour.rest()
        assert sandbox.contract_violations == []
    return tour.bodies


def _register(sandbox: Sandbox, resume: threading.Event) -> None:
    @sandbox.model("acme/boats", details=LINKS)
    def boats() -> list[Path]:
        """Draw boats."""
        print("Using seed: 4")  # noqa: T201 - models print
        return [Path(__file__)]

    @sandbox.model("acme/text")
    def text() -> str:
        return "text"

    @sandbox.model("acme/failing")
    def failing() -> list[Path]:
        raise ValueError("out of memory")

    @sandbox.model("acme/cold", boot_time=60)
    def cold() -> list[Path]:
        raise NotImplementedError

    @sandbox.model("acme/slow")
    def slow() -> list[Path]:
        resume.wait(10)
        return []


def test_recorded_bodies_have_the_shape_of_the_sandboxs(
    recorded: list[Recorded], ours: Mapping[State, list[Shape]]
) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for source, operation, body in recorded:
        status = body.get("status") if isinstance(body, dict) else None
        candidates = ours.get((operation, status))
        if candidates is None:  # a status that the sandbox's own body never has
            candidates = [one for key, all_ in ours.items() if key[0] == operation for one in all_]
        assert candidates, f"the tour has no {operation}"
        here = frozenset(shape(body))
        fewest = min((differences(here, each) for each in candidates), key=len)
        if fewest:
            found.setdefault((operation, source), set()).update(fewest)
    assert found == {}
