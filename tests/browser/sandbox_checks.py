"""The page of the sandbox in headless Chromium, and hostile pages: ``make test-browser``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser.script import Script
from PIL import Image
from support.sandboxes import HELLO, STORY, client_of, create, finish, output, until
from support.server import Api, answering, serving

from replicate_ext.sandbox import Sandbox

NAME = "evil.example"
RUN = {"version": HELLO, "input": {"text": "hostile"}}


@pytest.fixture
def browser() -> Iterator[Script]:
    with Script.running("sandbox.mjs") as script:
        yield script


@pytest.fixture
def hostile() -> Iterator[Api]:
    """A server of pages of another site."""
    with serving() as server:
        server.answer = answering(200, b"<p>hostile</p>", Content_Type="text/html")
        yield server


def picture() -> Image.Image:
    return Image.new("RGB", (40, 30), (0, 90, 160))


def test_predictions_appear_on_the_page(browser: Script, tmp_path: Path) -> None:
    go_on = threading.Event()

    def slow(text: str) -> str:
        go_on.wait(30)
        return f"<b>{text}</b>"

    with Sandbox({"me/picture": picture, "me/slow": slow}) as sandbox, client_of(sandbox) as client:
        url = f"{sandbox.origin}/"
        empty = browser.ask(url=url)
        assert empty["status"] == 200
        assert "me/picture" in empty["text"]
        assert empty["images"] == []

        id_ = create(client, "me/slow", text="Ada").json()["id"]
        until(lambda: client.get(f"/predictions/{id_}").json().get("started_at"))
        running = browser.ask(url=url)
        assert id_ in running["text"]
        assert "processing" in running["text"]

        go_on.set()
        finish(client, id_)
        output(client, "me/picture")
        screenshot = tmp_path / "page.png"
        ended = browser.ask(url=url, screenshot=str(screenshot))

        assert "<b>Ada</b>" in ended["text"]
        assert "processing" not in ended["text"]
        assert ended["images"] == [40]
        for shown in (empty, running, ended):
            assert shown["errors"] == []
            assert shown["requested"] == [sandbox.origin]
    with Image.open(screenshot) as image:
        assert image.height > 600


def attack(target: str, sandbox: Sandbox, stream: str) -> dict[str, object]:
    return {"target": target, "token": sandbox.api_token, "run": RUN, "stream": stream}


def test_a_page_of_another_site_reads_and_changes_nothing(browser: Script, hostile: Api) -> None:
    with Sandbox({"me/secret": picture}) as sandbox, client_of(sandbox) as client:
        made = create(client, STORY, prompt="x").json()
        finish(client, made["id"])
        requests = len(sandbox.requests)
        page = f"http://{NAME}:{hostile.server_port}"
        stream = made["urls"]["stream"]

        # The attack works where the browser allows it.
        own = browser.ask(url=f"{page}/", attack=attack(page, sandbox, f"{page}/stream"))["got"]
        assert {"read /", "read / with the token", "write", "delete", "frame"} <= names(own)
        posted = [one.path for one in hostile.received if one.method == "POST"]
        assert posted.count("/v1/predictions") == 5
        assert posted.count("/v1/files") == 1

        found = browser.ask(url=f"{page}/", attack=attack(sandbox.origin, sandbox, stream))
        assert found["got"] == []
        assert len(sandbox.requests) == requests
        assert [one.id for one in sandbox.predictions] == [made["id"]]


@pytest.mark.parametrize("allowed", [True, False])
def test_dns_rebinding_reads_and_changes_nothing(browser: Script, allowed: bool) -> None:
    hosts = [NAME] if allowed else []
    with Sandbox({"me/secret": picture}, allowed_hosts=hosts) as sandbox:
        page = f"http://{NAME}:{httpx.URL(sandbox.origin).port}"
        shown = browser.ask(url=f"{page}/v1/hardware", attack=attack(page, sandbox, f"{page}/x"))
        got: list[Any] = shown["got"]
        secret = sandbox.webhook_secret
        assert {"read /", "write", "delete"} <= names(got)
        if allowed:  # so the attack works
            assert any("me/secret" in text for _, _, text in got)
            assert any(secret in text for _, _, text in got)
            assert sandbox.predictions
        else:
            assert {status for _, status, _ in got} <= {403, 0}
            assert all("is not allowed" in text for _, _, text in got)
            assert sandbox.predictions == []
            assert sandbox.requests == []


def names(got: list[Any]) -> set[str]:
    return {name for name, _, _ in got}
