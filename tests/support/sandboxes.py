"""Helpers for tests of the sandbox: a plain HTTP client, and models."""

import hashlib
import hmac
import io
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypedDict, TypeVar

import httpx
import yaml
from PIL import Image

from replicate_ext.sandbox import Input, Sandbox

JSON: TypeAlias = Any


T = TypeVar("T")


HELLO = "replicate/hello-world"


STORY = "sandbox/storyteller"


WAIT = {"Prefer": "wait"}


TERMINAL = {"succeeded", "failed", "canceled", "aborted"}


# The sandbox does not use TLS, and loading the certificate store takes 25 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def interactions(cassette: Path) -> list[JSON]:
    """Return the interactions in a cassette of vcrpy."""
    found: list[JSON] = yaml.safe_load(cassette.read_text(encoding="utf-8"))["interactions"]
    return found


def until(probe: Callable[[], T | None], seconds: float = 5.0) -> T:
    deadline = time.monotonic() + seconds
    while (found := probe()) is None:
        assert time.monotonic() < deadline, f"no result after {seconds} s"
    return found


def client_of(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {sandbox.api_token}"},
        trust_env=False,
        verify=NO_TLS,
        timeout=10,
    )


def fetch(url: str, method: str = "GET", **headers: str) -> httpx.Response:
    """Send a request without a token, unless the headers contain one."""
    return httpx.request(method, url, headers=headers, trust_env=False, verify=NO_TLS, timeout=10)


@dataclass
class Local:
    """A sandbox for one test, and a plain client for it."""

    sandbox: Sandbox
    client: httpx.Client

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Local"]:
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            yield cls(sandbox, client)


def double(number: int) -> int:
    return 2 * number


def create(
    client: httpx.Client, version: str, headers: dict[str, str] | None = None, /, **values: object
) -> httpx.Response:
    body = {"version": version, "input": values}
    return client.post("/predictions", json=body, headers=headers)


def finish(client: httpx.Client, id_: str) -> JSON:
    def probe() -> JSON:
        body = client.get(f"/predictions/{id_}").json()
        return body if body["status"] in TERMINAL else None

    return until(probe)


def output(client: httpx.Client, version: str, **values: object) -> JSON:
    body = finish(client, create(client, version, **values).json()["id"])
    assert body["status"] == "succeeded", body["error"]
    return body["output"]


def data_uri(content: bytes, kind: str = "application/octet-stream") -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


def png(color: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), color).save(buffer, "png")
    return buffer.getvalue()


Size = Literal["small", "large"]


class Report(TypedDict):
    text: str
    picture: Path


def everything_model(
    number: Annotated[int, Input(description="How many", ge=1)],
    text: str = "none",
    size: Size = "small",
    ratio: float | None = None,
    words: list[str] | None = None,
    file: Path | None = None,
    flag: bool = False,  # noqa: FBT002 - models have such parameters
) -> Report:
    """Take everything.

    Then nothing.
    """
    raise NotImplementedError((number, text, size, ratio, words, file, flag))


def file_signature(sandbox: Sandbox, file_id: str, expiry: int) -> str:
    """Return the signature of a download link for a file of the sandbox."""
    text = f"sandbox {file_id} {expiry}".encode()
    signature = hmac.digest(sandbox.files_secret.encode(), text, hashlib.sha256)
    return b64encode(signature).decode()
