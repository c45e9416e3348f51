"""Every operation of the API's document works in the sandbox."""

import hashlib
import hmac
import json
import re
import time
from base64 import b64encode
from importlib import resources

import httpx
from support.sandboxes import HELLO, JSON, WAIT, Local

MODEL = "/models/acme/m"
DEPLOYMENT = "/deployments/sandbox/d"


def operations() -> dict[str, tuple[str, re.Pattern[str]]]:
    """Return the method and path of each operation of the document."""
    document = json.loads(resources.files("replicate_api").joinpath("openapi.json").read_text())
    return {
        operation["operationId"]: (
            method.upper(),
            re.compile("/v1" + re.sub(r"\{\w+\}", "[^/]+", path)),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


class Tour:
    """Calls every operation, and checks the status of each response."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.client = local.client

    def ask(self, method: str, path: str, **options: JSON) -> JSON:
        response = self.client.request(method, path, **options)
        assert response.is_success, (method, path, response.text)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        return response.json() if is_json else response.text

    def version(self, model: str) -> str:
        id_: str = self.ask("GET", model)["latest_version"]["id"]
        return id_

    def look_around(self) -> None:
        self.ask("GET", "/account")
        self.ask("GET", "/webhooks/default/secret")
        self.ask("GET", "/hardware")
        self.ask("GET", "/search", params={"query": "hello"})
        for collection in self.ask("GET", "/collections")["results"]:
            self.ask("GET", f"/collections/{collection['slug']}")
        self.ask("GET", "/models")
        self.ask("QUERY", "/models", content="hello", headers={"Content-Type": "text/plain"})

    def predict(self) -> None:
        hello = {"input": {"text": "x"}}
        self.ask("POST", "/predictions", json={**hello, "version": HELLO}, headers=WAIT)
        id_ = self.ask("POST", f"/models/{HELLO}/predictions", json=hello)["id"]
        self.ask("GET", f"/predictions/{id_}")
        self.ask("POST", f"/predictions/{id_}/cancel")
        self.ask("GET", "/predictions")
        self.ask("GET", f"/models/{HELLO}/examples")

    def train(self) -> None:
        body = {"owner": "acme", "name": "m", "visibility": "private", "hardware": "cpu"}
        self.ask("POST", "/models", json=body)
        self.ask("PATCH", MODEL, json={"readme": "# m"})
        self.ask("GET", f"{MODEL}/readme")
        self.local.sandbox.script("me/trainer", ["succeeded"])
        base = f"/models/me/trainer/versions/{self.version('/models/me/trainer')}"
        id_ = self.ask("POST", f"{base}/trainings", json={"destination": "acme/m", "input": {}})[
            "id"
        ]
        self.ask("GET", f"/trainings/{id_}")
        self.ask("POST", f"/trainings/{id_}/cancel")
        self.ask("GET", "/trainings")

    def deploy(self) -> None:
        body = {"name": "d", "model": "acme/m", "version": self.version(MODEL)}
        size = {"hardware": "cpu", "min_instances": 1, "max_instances": 1}
        self.ask("POST", "/deployments", json={**body, **size})
        self.ask("GET", "/deployments")
        self.ask("GET", DEPLOYMENT)
        self.ask("PATCH", DEPLOYMENT, json={"min_instances": 0})
        self.ask("POST", f"{DEPLOYMENT}/predictions", json={"input": {}})

    def upload(self) -> None:
        id_ = self.ask("POST", "/files", files={"content": ("x.txt", b"x")})["id"]
        self.ask("GET", f"/files/{id_}")
        self.ask("GET", "/files")
        expiry = int(time.time()) + 60
        signature = hmac.digest(
            self.local.sandbox.files_secret.encode(),
            f"sandbox {id_} {expiry}".encode(),
            hashlib.sha256,
        )
        query = {"owner": "sandbox", "expiry": expiry, "signature": b64encode(signature).decode()}
        self.ask("GET", f"/files/{id_}/download", params=query)
        self.ask("DELETE", f"/files/{id_}")

    def clear_up(self) -> None:
        self.ask("DELETE", DEPLOYMENT)
        for version in self.ask("GET", f"{MODEL}/versions")["results"]:
            self.ask("GET", f"{MODEL}/versions/{version['id']}")
            self.ask("DELETE", f"{MODEL}/versions/{version['id']}")
        self.ask("DELETE", MODEL)


def test_every_operation_succeeds(local: Local) -> None:
    tour = Tour(local)
    tour.look_around()
    tour.predict()
    tour.train()
    tour.deploy()
    tour.upload()
    tour.clear_up()
    expected = operations()
    requests = {
        name
        for name, (method, path) in expected.items()
        for request in local.sandbox.requests
        if request.method == method and path.fullmatch(request.path)
    }
    assert requests == expected.keys()
    assert local.sandbox.contract_violations == []


def test_methods_without_an_operation_are_not_allowed(local: Local) -> None:
    methods = {"GET", "POST", "PATCH", "DELETE", "QUERY", "PUT"}
    for method in methods:
        for path in ("/account", "/hardware", "/models", "/trainings", "/search"):
            known = any(
                method == each and pattern.fullmatch(f"/v1{path}")
                for each, pattern in operations().values()
            )
            response = local.client.request(method, path)
            assert (response.status_code == httpx.codes.METHOD_NOT_ALLOWED) is not known
