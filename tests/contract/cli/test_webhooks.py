"""`replicate-ext webhooks` and `replicate-ext sandbox`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from support.commands import Cli
from support.webhooks import SECRET, signed, signed_now

BODY = json.dumps({"id": "abc", "status": "succeeded", "model": "a/b", "input": {}}).encode()


def arguments(*, secret: str = SECRET, age: int = 0) -> list[str]:
    headers = signed(BODY, secret=secret, timestamp=int(time.time()) - age)
    names = ("id", "timestamp", "signature")
    return [part for name in names for part in (f"--{name}", headers[f"webhook-{name}"])]


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "replicate_ext", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class TestSecret:
    def test_is_printed(self, cli: Cli) -> None:
        [found] = cli.lines("webhooks", "secret")

        assert cli.shown("webhooks", "secret") == f"{found['key']}\n"


class TestVerify:
    @pytest.fixture(autouse=True)
    def _secret(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("REPLICATE_WEBHOOK_SECRET", SECRET)
        (tmp_path / "body.json").write_bytes(BODY)

    def test_prints_the_prediction(self, cli: Cli) -> None:
        shown = cli.shown("webhooks", "verify", "body.json", *arguments())

        assert "Verified  yes" in shown
        assert cli.lines("webhooks", "verify", "-", *arguments(), stdin=BODY)[0]["id"] == "abc"

    def test_uses_the_secret_of_the_account(
        self, cli: Cli, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("REPLICATE_WEBHOOK_SECRET")
        [found] = cli.lines("webhooks", "secret")

        assert cli.lines("webhooks", "verify", "body.json", *arguments(secret=found["key"]))

    def test_another_signature_is_exit_code_1(self, cli: Cli) -> None:
        other = arguments(secret="whsec_" + "A" * 32)

        result = cli("webhooks", "verify", "body.json", *other)

        assert result.exit_code == 1
        assert "Webhook signature mismatch" in result.stderr
        assert SECRET not in result.output

    def test_an_old_delivery_is_exit_code_1(self, cli: Cli) -> None:
        old = arguments(age=600)

        assert cli("webhooks", "verify", "body.json", *old).exit_code == 1
        assert cli("webhooks", "verify", "body.json", *old, "--tolerance", "900").exit_code == 0

    def test_a_missing_file_is_exit_code_1(self, cli: Cli) -> None:
        result = cli("webhooks", "verify", "no.json", *arguments())

        assert result.exit_code == 1
        assert result.stderr == "Error: no.json: No such file or directory\n"

    def test_missing_headers_are_exit_code_2(self, cli: Cli) -> None:
        assert cli("webhooks", "verify", "body.json").exit_code == 2


class TestListen:
    @pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
    def test_prints_verified_webhooks_until_an_interrupt(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REPLICATE_WEBHOOK_SECRET", SECRET)
        with command("webhooks", "listen", "--port", "0") as process:
            assert process.stderr is not None
            url = process.stderr.readline().split()[2].rstrip(";")
            accepted = httpx.post(url, content=BODY, headers=signed_now(BODY), trust_env=False)
            refused = httpx.post(url, content=b"{}", headers=signed_now(BODY), trust_env=False)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=20)

        assert (accepted.status_code, refused.status_code) == (204, 400)
        assert json.loads(output)["id"] == "abc"
        assert "Rejected a webhook: Webhook signature mismatch" in errors
        assert "Traceback" not in errors
        assert process.returncode in (0, 130)

    def test_a_port_in_use_is_exit_code_1(self, cli: Cli) -> None:
        port = str(httpx.URL(cli.sandbox.base_url).port)

        result = cli("webhooks", "listen", "--port", port, "--secret", SECRET)

        assert result.exit_code == 1
        assert "Address already in use" in result.stderr

    def test_a_malformed_secret_is_exit_code_1(self, cli: Cli) -> None:
        result = cli("webhooks", "listen", "--port", "0", "--secret", "whsec_?")

        assert result.exit_code == 1
        assert "The webhook secret is malformed" in result.stderr


@pytest.mark.parametrize("arguments", [["sandbox"], ["webhooks", "listen", "--secret", SECRET]])
def test_without_the_extra_its_name_is_printed(arguments: list[str]) -> None:
    code = (
        f"import sys; sys.modules['uvicorn'] = None; sys.argv[1:] = {arguments!r}; "
        "from replicate_ext.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    message = "Error: The sandbox needs uvicorn: pip install 'replicate-ext[sandbox]'\n"
    assert done.stderr == message


class TestSandbox:
    @pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
    def test_serves_until_an_interrupt(self) -> None:
        with command("sandbox") as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            assert httpx.get(f"{url}/account", trust_env=False).status_code == 401
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0

    def test_a_taken_port_is_exit_code_2(self, cli: Cli) -> None:
        result = cli("sandbox", "--port", str(httpx.URL(cli.sandbox.base_url).port))

        assert result.exit_code == 2
        assert "cannot listen" in result.stderr

    def test_a_wrong_port_is_exit_code_2(self, cli: Cli) -> None:
        assert cli("sandbox", "--port", "x").exit_code == 2
