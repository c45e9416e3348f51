"""A page of another site can neither read nor change anything, by whatever route.

The page may know the token, which is public. `tests/browser` has the same attack in a browser.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest
from support.fuzz import Operation, existing, operations
from support.sandboxes import STORY, client_of, create, finish, output

from replicate_ext.sandbox import Sandbox

NAME = "evil.example"
HOSTILE = {
    "another site": {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "cross-site"},
    "another site in an old browser": {"Origin": f"https://{NAME}"},
    "an opaque origin": {"Origin": "null"},
    "a request without an origin": {"Sec-Fetch-Site": "cross-site"},
    "a name that resolves to this machine": {"Host": NAME},
    "that name, with its own origin": {
        "Host": f"{NAME}:80",
        "Origin": f"http://{NAME}",
        "Sec-Fetch-Site": "same-origin",
    },
}
SIMPLE = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
"""Content types that a page may send without a preflight."""
TYPES = ["application/json", *SIMPLE]
FORM = b'--b\r\nContent-Disposition: form-data; name="content"; filename="x"\r\n\r\nx\r\n--b--\r\n'


class Target:
    """A sandbox with something behind each route, and a client with the token."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox = sandbox
        self.client = client
        self.operations = list(operations(existing(sandbox)))
        stream = create(client, STORY, prompt="x").json()
        finish(client, stream["id"])
        self.stream = stream["urls"]["stream"]
        self.output = output(client, "me/file")
        sandbox.wait_idle()
        self.before = self.state()

    def state(self) -> dict[str, object]:
        """Everything that the API shows."""
        reads = [each.path for each in self.operations if each.method == "GET"]
        return {path: self.client.get(path).text for path in reads if path != "/search"}


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Sandbox({"me/file": lambda: b"x"}) as sandbox, client_of(sandbox) as client:
        yield Target(sandbox, client)


def assert_refused(response: httpx.Response) -> None:
    """Assert that a page gets nothing, and may read not even that."""
    assert response.status_code == 403
    assert set(response.json()) <= {"detail", "status", "title"}
    assert_unreadable(response)


def assert_unreadable(response: httpx.Response) -> None:
    assert not [name for name in response.headers if name.startswith("access-control-")]


def body_of(operation: Operation, kind: str) -> bytes:
    return FORM if kind.startswith("multipart/") else json.dumps(operation.body).encode()


@pytest.mark.parametrize("headers", [pytest.param(each, id=name) for name, each in HOSTILE.items()])
class TestHostile:
    @pytest.mark.parametrize("versioned", [True, False])
    def test_no_operation_is_read_or_performed(
        self, target: Target, headers: dict[str, str], versioned: bool
    ) -> None:
        requests = len(target.sandbox.requests)
        root = target.sandbox.base_url if versioned else target.sandbox.origin
        for operation in target.operations:
            for kind in TYPES if versioned and operation.method != "GET" else TYPES[:1]:
                response = target.client.request(
                    operation.method,
                    f"{root}{operation.path}",
                    content=body_of(operation, kind),
                    headers={**headers, "Content-Type": kind},
                )
                assert_refused(response)
        assert len(target.sandbox.requests) == requests
        assert target.state() == target.before

    def test_no_preflight_is_granted(self, target: Target, headers: dict[str, str]) -> None:
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
            "Access-Control-Request-Private-Network": "true",
        }
        for operation in target.operations:
            assert_refused(target.client.options(operation.path, headers={**headers, **asked}))

    def test_the_page_is_not_read(self, target: Target, headers: dict[str, str]) -> None:
        for path in ("/", "//", "/?", "/index.html", "/v1", "/v1/"):
            response = target.client.get(f"{target.sandbox.origin}{path}", headers=headers)
            assert response.status_code in {403, 404}
            assert "me/file" not in response.text
            assert_unreadable(response)

    def test_outputs_and_streams_are_not_read(
        self, target: Target, headers: dict[str, str]
    ) -> None:
        for url in (target.output, target.stream):
            response = target.client.get(url, headers=headers)
            if headers.keys() & {"Origin", "Host"}:
                assert_refused(response)
            else:  # such as an image: the page shows it, but cannot read it
                assert_unreadable(response)

    def test_a_websocket_is_not_opened(self, target: Target, headers: dict[str, str]) -> None:
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": b64encode(secrets.token_bytes(16)).decode(),
        }
        for path in ("/", "/v1/predictions"):
            response = target.client.get(
                f"{target.sandbox.origin}{path}", headers={**headers, **upgrade}
            )
            assert_refused(response)


def test_no_page_of_this_machine_is_granted_a_preflight(target: Target) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    for operation in target.operations:
        response = target.client.options(operation.path, headers=headers)
        assert response.status_code == 405
        assert_unreadable(response)


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_simple_request_of_a_page_of_this_machine_has_no_token(target: Target, kind: str) -> None:
    headers = {"Origin": "http://localhost:3000", "Content-Type": kind}
    with httpx.Client(base_url=target.sandbox.base_url, trust_env=False) as client:
        for operation in target.operations:
            response = client.request(
                operation.method, operation.path, content=body_of(operation, kind), headers=headers
            )
            # Searches need no token, but a query.
            assert response.status_code == (400 if operation.path == "/search" else 401)
            assert_unreadable(response)
    assert target.state() == target.before
