"""The read-only page at `/`."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated

import pytest
from PIL import Image
from support.sandboxes import HELLO, Local, create, fetch, finish, output
from support.server import serving

from replicate_ext.sandbox import Fault, Input, ModelDetails, Sandbox

EVIL = """<script>alert(1)</script>'"><img src=x onerror=alert(1)>"""


class Tags(HTMLParser):
    """The elements of a page, and the values of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs


def page(sandbox: Sandbox) -> str:
    response = fetch(f"{sandbox.origin}/")
    assert response.status_code == 200
    return response.text


def png() -> Image.Image:
    return Image.new("RGB", (4, 3))


def wav(tmp_path: Path) -> Path:
    (tmp_path / "sound.wav").write_bytes(b"RIFF")
    return tmp_path / "sound.wav"


class TestContent:
    def test_models_with_their_inputs(self, local: Local) -> None:
        @local.sandbox.model("me/draw")
        def draw(
            prompt: str,
            steps: Annotated[int, Input(description="How many", ge=1, le=8)] = 4,
            size: Annotated[str, Input(choices=["small", "large"])] = "small",
        ) -> str:
            """Draw something."""
            raise NotImplementedError((prompt, steps, size))

        text = page(local.sandbox)
        assert "<h3>me/draw</h3><p>Draw something.</p>" in text
        assert "<td>prompt</td><td>string</td><td>required</td>" in text
        assert "<td>integer</td><td>default 4</td><td>at least 1, at most 8</td><td>How m" in text
        assert "one of [&#x27;small&#x27;, &#x27;large&#x27;]" in text

    def test_predictions_with_outputs_logs_and_errors(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/failing")
        def failing() -> str:
            print("about to fail")  # noqa: T201 - models print
            raise ValueError("out of memory")

        local.sandbox.model("me/png")(png)

        @local.sandbox.model("me/wav")
        def sound() -> list[Path]:
            return [wav(tmp_path)]

        output(local.client, HELLO, text="Ada")
        picture = output(local.client, "me/png")
        [audio] = output(local.client, "me/wav")
        finish(local.client, create(local.client, "me/failing").json()["id"])
        text = page(local.sandbox)
        assert "<pre>hello Ada</pre>" in text
        assert f'<img alt="output" src="{picture}">' in text
        assert f'<audio controls src="{audio}"></audio>' in text
        assert "<h4>Logs</h4><pre>about to fail\n</pre>" in text
        assert "<h4>Error</h4><pre>out of memory</pre>" in text
        assert "predict_time" in text

    def test_webhooks_and_faults(self, local: Local) -> None:
        with serving() as receiver:
            body = {"version": HELLO, "input": {"text": "x"}, "webhook": receiver.url}
            local.client.post("/predictions", json=body)
            local.sandbox.wait_idle()
        local.sandbox.faults.add(Fault.error(503), on="GET /nothing")
        local.sandbox.faults.latency = 0.01
        text = page(local.sandbox)
        assert f"<td>completed</td><td>{receiver.url}</td><td>attempt 1</td>" in text
        assert "status=503" in text
        assert "latency of 0.01 s" in text

    def test_data_uris_are_shown(self) -> None:
        with Sandbox({"me/png": png}, outputs="data") as sandbox:
            with Local.running() as other:
                url = sandbox.origin
                headers = {"Authorization": f"Bearer {sandbox.api_token}", "Prefer": "wait"}
                body = {"version": "me/png", "input": {}}
                other.client.post(f"{url}/v1/predictions", json=body, headers=headers)
            assert '<img alt="output" src="data:image/png;base64,' in page(sandbox)


class TestSafety:
    def test_nothing_of_a_user_becomes_html(self, local: Local) -> None:
        details = ModelDetails(description=EVIL)

        @local.sandbox.model("me/evil", details=details)
        def evil(text: Annotated[str, Input(description=EVIL)] = EVIL) -> list[str]:
            print(text)  # noqa: T201 - models print
            return [text, f"{local.sandbox.origin}/outputs/x/{text}.png", f"data:image/{text}"]

        @local.sandbox.model("me/error")
        def error() -> str:
            raise ValueError(EVIL)

        output(local.client, "me/evil")
        finish(local.client, create(local.client, "me/error").json()["id"])
        text = page(local.sandbox)
        found = Tags(text)
        assert "script" not in found.names
        names = {name for name, _ in found.attributes}
        assert names <= {"lang", "charset", "class", "alt", "src", "controls"}
        sources = [value or "" for name, value in found.attributes if name == "src"]
        assert sources
        assert all(re.match("data:image/|http://127.0.0.1", source) for source in sources)

    def test_the_browser_is_told_to_load_nothing_else(self, sandbox: Sandbox) -> None:
        headers = fetch(f"{sandbox.origin}/").headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self' data:;")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_other_sites_cannot_read_it(self, sandbox: Sandbox, headers: dict[str, str]) -> None:
        response = fetch(f"{sandbox.origin}/", **headers)
        assert response.status_code == 403
        assert "<html" not in response.text

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_it_changes_nothing(self, sandbox: Sandbox, method: str) -> None:
        assert fetch(f"{sandbox.origin}/", method).status_code == 405

    def test_long_values_are_cut(self, local: Local) -> None:
        output(local.client, HELLO, text="x" * 100_000)
        assert len(page(local.sandbox)) < 60_000

    def test_a_lone_surrogate_does_not_break_it(self, local: Local) -> None:
        @local.sandbox.model("me/odd")
        def odd() -> str:
            return "\ud800"

        finish(local.client, create(local.client, "me/odd").json()["id"])
        assert "me/odd" in page(local.sandbox)
