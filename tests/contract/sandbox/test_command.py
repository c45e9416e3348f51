"""`python -m replicate_ext.sandbox`, and the imports of the package."""

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from support.sandboxes import HELLO, JSON, fetch, until

from replicate_ext.sandbox import Sandbox

SECONDS = 30
"""Seconds after which a process that does not end is killed, so that no test hangs."""


@contextmanager
def python(*arguments: str, **options: JSON) -> Iterator[subprocess.Popen[str]]:
    """Run Python, and kill it at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    watch = threading.Timer(SECONDS, process.kill)
    watch.start()
    try:
        with process:
            yield process
            process.kill()
    finally:
        watch.cancel()


def introduced(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait until the server runs, and return its introduction and base URL."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    shown = "".join(itertools.takewhile(lambda line: line != "Press Ctrl-C to stop.\n", lines))
    [url] = re.findall(r"^Base URL +(\S+)$", shown, re.MULTILINE)
    return shown, url


def refuses(url: str, token: str) -> bool:
    try:
        return not fetch(f"{url}/account", Authorization=f"Bearer {token}").is_success
    except httpx.TransportError:
        return True


def most_memory(process: subprocess.Popen[str]) -> int:
    """Return the largest memory use of a process, in bytes."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", text)[0]) * 1024


class TestCommand:
    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
    def test_serves_until_a_signal(
        self, ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        with python("-m", "replicate_ext.sandbox") as process:
            shown, url = introduced(process)
            [token] = re.findall(r"^API token +(\S+)$", shown, re.MULTILINE)
            assert fetch(f"{url}/account", Authorization=f"Bearer {token}").is_success
            assert HELLO in shown
            assert list(tmp_path.iterdir())
            process.send_signal(ending)
            # A second signal during shutdown.
            until(lambda: refuses(url, token) or process.poll() is not None or None)
            process.send_signal(ending)
            logged = process.communicate(timeout=5)[1]
        assert all(" GET /v1/account " in line for line in logged.splitlines())
        assert process.returncode == 0
        assert not list(tmp_path.iterdir())

    @pytest.mark.skipif(os.name != "posix", reason="runs the lines in a POSIX shell")
    def test_the_printed_lines_make_unchanged_code_use_the_sandbox(self) -> None:
        with python("-m", "replicate_ext.sandbox") as process:
            shown, url = introduced(process)
            token, address = re.findall(r"^  (export \S+)$", shown, re.MULTILINE)
            [attempt] = re.findall(r"^  python (-c .*)$", shown, re.MULTILINE)

            for line in (address, f"export REPLICATE_BASE_URL={url}"):
                script = "; ".join([token, line, f"{sys.executable} {attempt}"])
                shell = ["/bin/sh", "-c", script]
                assert subprocess.check_output(shell, text=True) == "hello Ada\n"
            # Version 1 of the official package adds /v1 to the URL.
            assert f"{address}/v1" == f"export REPLICATE_BASE_URL={url}"

    @pytest.mark.skipif(os.name != "posix", reason="signals are inherited on POSIX only")
    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.parametrize("inherited", ["ignored", "blocked"])
    def test_stops_even_if_the_signal_was_ignored_or_blocked(
        self, ending: signal.Signals, inherited: str
    ) -> None:
        # As with `command &` in a shell script, the command starts with the signal ignored.
        begin = (
            f"signal.signal({ending:d}, signal.SIG_IGN)"
            if inherited == "ignored"
            else f"signal.pthread_sigmask(signal.SIG_BLOCK, [{ending:d}])"
        )
        code = (
            f"import os, signal, sys; {begin}; "
            "os.execv(sys.executable, [sys.executable, '-m', 'replicate_ext.sandbox'])"
        )
        with python("-c", code) as process:
            introduced(process)
            process.send_signal(ending)
            assert process.communicate(timeout=10)[1] == ""
        assert process.returncode == 0

    def test_more_hosts_can_be_allowed(self) -> None:
        command = ("-m", "replicate_ext.sandbox", "--allow-host", "one", "--allow-host", "two")
        with python(*command) as process:
            _, url = introduced(process)
            responses = [
                fetch(f"{url}/search?query=x", Host=name) for name in ("one", "two", "six")
            ]
        assert [response.status_code for response in responses] == [200, 200, 403]

    def test_an_invalid_host_is_rejected(self) -> None:
        with python("-m", "replicate_ext.sandbox", "--allow-host", "http://one") as process:
            errors = process.communicate(timeout=10)[1]
        assert process.returncode == 2
        assert "invalid host in allowed_hosts: 'http://one'" in errors
        assert "Traceback" not in errors

    @pytest.mark.skipif(sys.platform != "linux", reason="reads how much memory was used from /proc")
    def test_memory_use_is_limited(self) -> None:
        with python("-m", "replicate_ext.sandbox") as process:
            _, url = introduced(process)
            headers = {"Authorization": "Bearer r8_sandbox", "Prefer": "wait"}
            with httpx.Client(headers=headers, trust_env=False, timeout=20) as client:
                before = most_memory(process)
                for _ in range(20):
                    run = {"version": HELLO, "input": {"text": "x" * 5_000_000}}
                    assert client.post(f"{url}/predictions", json=run).status_code == 201
                piece = b"x" * 1_000_000
                many = client.post(f"{url}/predictions", content=itertools.repeat(piece, 100))
                assert many.status_code == 413
                grown = most_memory(process) - before
        assert grown < 200_000_000

    def test_a_taken_port_is_an_error(self, sandbox: Sandbox) -> None:
        port = str(httpx.URL(sandbox.base_url).port)
        with python("-m", "replicate_ext.sandbox", "--port", port) as process:
            errors = process.communicate(timeout=10)[1]
        assert process.returncode == 2
        assert "cannot listen" in errors
        assert "Traceback" not in errors

    @pytest.mark.parametrize(
        "name", ["starlette", "uvicorn", "python_multipart", "PIL", "jsonschema"]
    )
    def test_a_missing_dependency_names_the_extra(self, name: str) -> None:
        code = f"import sys; sys.modules[{name!r}] = None; import replicate_ext.sandbox"
        with python("-c", code) as process:
            errors = process.communicate(timeout=10)[1]
        assert "pip install 'replicate-ext[sandbox]'" in errors.splitlines()[-1]

    @pytest.mark.parametrize("name", ["replicate_ext.sandbox._runs.events", "httpx"])
    def test_another_missing_module_does_not_name_the_extra(self, name: str) -> None:
        code = f"import sys; sys.modules[{name!r}] = None; import replicate_ext.sandbox"
        with python("-c", code) as process:
            errors = process.communicate(timeout=10)[1]
        assert "pip install" not in errors
        assert errors.splitlines()[-1].startswith("ModuleNotFoundError")
        assert name in errors.splitlines()[-1]

    def test_imports_no_other_part_of_the_package(self) -> None:
        code = (
            "import sys, replicate_ext; before = set(sys.modules); import replicate_ext.sandbox; "
            "print(*(set(sys.modules) - before))"
        )
        with python("-c", code) as process:
            names = process.communicate(timeout=10)[0].split()
        own = [name for name in names if name.startswith("replicate")]
        assert own
        assert all(name.startswith("replicate_ext.sandbox") for name in own)


def test_models_of_files_a_token_and_a_log_of_requests(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "def register(sandbox):\n    sandbox.script('me/scripted', ['succeeded'], output='x')\n"
    )
    options = ["--models", str(tmp_path / "models.py"), "--token", "r8_mine"]
    with python("-m", "replicate_ext.sandbox", *options) as process:
        shown, url = introduced(process)
        assert "me/scripted" in shown
        assert f"Page       {url.removesuffix('/v1')}\n" in shown
        assert fetch(f"{url}/account", Authorization="Bearer r8_sandbox").status_code == 401
        token = {"Authorization": "Bearer r8_mine"}
        assert fetch(f"{url}/models/me/scripted", **token).status_code == 200
        fetch(f"{url}/%1b[31m", **token)
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
    assert re.search(r"GET /v1/account 401 \d+ ms", log)
    assert re.search(r"GET /v1/models/me/scripted 200 \d+ ms", log)
    assert r"GET /v1/\x1b[31m 404" in log


@pytest.mark.parametrize("name", ["absent.py", "empty.py"])
def test_a_file_without_models_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.py").touch()
    with python("-m", "replicate_ext.sandbox", "--models", str(tmp_path / name)) as process:
        _, errors = process.communicate()
    assert process.returncode == 2
    assert name in errors
