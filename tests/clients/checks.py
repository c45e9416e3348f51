"""Other people's clients against the sandbox: ``make test-clients``."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from replicate_ext.sandbox import File, Sandbox

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "clients"  # where their packages are installed
SCRIPTS = {
    "official_1.py": "python-1",
    "official_2.py": "python-2",
    "langchain.py": "python-1",
    "official.mjs": "node",
    "ai-sdk.mjs": "node",
}


def register(sandbox: Sandbox) -> None:
    resume = threading.Event()

    @sandbox.model("acme/echo")
    def echo(text: str) -> str:
        return text

    @sandbox.model("acme/prompt")
    def prompt(prompt: str, temperature: float = 1) -> Iterator[str]:  # noqa: ARG001 - an input
        yield prompt

    @sandbox.model("acme/words")
    def words(text: str) -> Iterator[str]:
        yield from text.split()

    @sandbox.model("acme/files")
    def files(file: File) -> list[Path]:
        return [file.path]

    @sandbox.model("acme/picture")
    def picture(prompt: str) -> bytes:  # noqa: ARG001 - an input
        content = io.BytesIO()
        Image.new("RGB", (4, 4)).save(content, "png")
        return content.getvalue()

    @sandbox.model("acme/slow")
    def slow() -> str:
        resume.wait(60)
        return "late"

    @sandbox.model("acme/failing")
    def failing() -> str:
        raise ValueError("out of memory")

    for number in range(30):
        sandbox.model(f"acme/number-{number}")(echo)


class Receiver(BaseHTTPRequestHandler):
    """Takes webhooks, and gives the last one to whoever asks."""

    last: object = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        type(self).last = {"headers": headers, "body": body}
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        content = json.dumps(self.last).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook_url() -> Iterator[str]:
    Receiver.last = None
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.timeout(300)  # the import of langchain takes long
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_client_passes(script: str, webhook_url: str) -> None:
    with Sandbox(outputs="data", strict=True) as sandbox:
        register(sandbox)
        environment = {
            **{name: value for name, value in os.environ.items() if "REPLICATE" not in name},
            "REPLICATE_API_TOKEN": sandbox.api_token,
            "REPLICATE_BASE_URL": sandbox.origin,
            "REPLICATE_POLL_INTERVAL": "0.05",
            "WEBHOOK_URL": webhook_url,
        }
        begin = time.monotonic()
        done = subprocess.run(
            command(script), env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout.strip().splitlines()[-1:]) == (0, ["passed"]), (
            f"{done.stdout[-2_000:]}{done.stderr[-4_000:]}"
        )
        assert sandbox.contract_violations == []
    print(f"{script}: {time.monotonic() - begin:.1f} s")


def command(script: str) -> list[str]:
    if SCRIPTS[script] == "node":
        # Node finds packages beside the script.
        copy = BUILD / script
        copy.write_text((HERE / script).read_text(encoding="utf-8"), encoding="utf-8")
        return ["node", str(copy)]
    folder = "Scripts" if os.name == "nt" else "bin"
    return [str(BUILD / SCRIPTS[script] / folder / "python"), str(HERE / script)]
