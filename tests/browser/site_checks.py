"""The documentation site in headless Chromium, as wide as a phone and as a desktop."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "site"
BROWSER = ROOT / "build" / "browser"  # where the script's packages are installed
PAGES = sorted(  # written by `make docs`
    path.parent.relative_to(SITE).as_posix().removeprefix(".") for path in SITE.rglob("index.html")
)
pytestmark = pytest.mark.timeout(300)
WIDTHS = {"phone": 390, "desktop": 1280}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=WIDTHS)
def pages(request: pytest.FixtureRequest, address: str) -> dict[str, dict[str, Any]]:
    """What fits, by the path of the page."""
    pictures = BROWSER / "pictures"
    pictures.mkdir(exist_ok=True)
    paths = [f"{page}/" if page else "" for page in PAGES]
    command = ["node", str(BROWSER / "site.mjs"), address, str(pictures)]
    done = subprocess.run(
        [*command, str(WIDTHS[request.param]), *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = map(json.loads, done.stdout.splitlines())
    return {one["path"]: one for one in found}


def test_all_pages_were_opened(pages: dict[str, dict[str, Any]]) -> None:
    assert {"", "tutorial/", "reference/clients/"} < pages.keys()


def test_pages_do_not_scroll_sideways(pages: dict[str, dict[str, Any]]) -> None:
    assert {path: one for path, one in pages.items() if one["page"] > one["window"]} == {}


def test_text_is_inside_the_window(pages: dict[str, dict[str, Any]]) -> None:
    assert {path: one["outside"] for path, one in pages.items() if one["outside"]} == {}


def test_code_that_is_wider_than_the_window_scrolls(pages: dict[str, dict[str, Any]]) -> None:
    assert {path: one["stuck"] for path, one in pages.items() if one["stuck"]} == {}


def test_the_navigation_can_be_reached(pages: dict[str, dict[str, Any]]) -> None:
    assert [path for path, one in pages.items() if one["links"] < 4] == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, dict[str, Any]]) -> None:
    assert [one["elsewhere"] for one in pages.values() if one["elsewhere"]] == []
