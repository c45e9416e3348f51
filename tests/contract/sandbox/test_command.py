"""`python -m replicate_ext.sandbox`, and what importing it needs."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from support.sandboxes import HELLO, fetch, until

from replicate_ext.sandbox import Sandbox


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refuses(url: str, token: str) -> bool:
    try:
        return not fetch(f"{url}/account", Authorization=f"Bearer {token}").is_success
    except httpx.TransportError:
        return True


class TestCommand:
    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
    def test_serves_until_it_is_told_to_end(
        self, ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        with python("-m", "replicate_ext.sandbox") as process:
            assert process.stdout is not None
            shown = "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
            url, token = re.findall(r"^(?:Base URL|API token) +(\S+)$", shown, re.MULTILINE)
            assert fetch(f"{url}/account", Authorization=f"Bearer {token}").is_success
            assert HELLO in shown
            assert list(tmp_path.iterdir())
            process.send_signal(ending)
            # An impatient second one, while it ends.
            until(lambda: refuses(url, token) or process.poll() is not None or None)
            process.send_signal(ending)
            assert process.communicate(timeout=5)[1] == ""
        assert process.returncode == 0
        assert not list(tmp_path.iterdir())

    def test_a_taken_port(self, sandbox: Sandbox) -> None:
        port = str(httpx.URL(sandbox.base_url).port)
        with python("-m", "replicate_ext.sandbox", "--port", port) as process:
            errors = process.communicate(timeout=10)[1]
        assert process.returncode == 2
        assert "cannot listen" in errors
        assert "Traceback" not in errors

    @pytest.mark.parametrize(
        "name", ["starlette", "uvicorn", "python_multipart", "PIL", "jsonschema"]
    )
    def test_without_the_extra(self, name: str) -> None:
        code = f"import sys; sys.modules[{name!r}] = None; import replicate_ext.sandbox"
        with python("-c", code) as process:
            errors = process.communicate(timeout=10)[1]
        assert "pip install 'replicate-ext[sandbox]'" in errors.splitlines()[-1]

    @pytest.mark.parametrize("name", ["replicate_ext.sandbox._events", "httpx"])
    def test_what_else_is_missing_is_not_blamed_on_the_extra(self, name: str) -> None:
        code = f"import sys; sys.modules[{name!r}] = None; import replicate_ext.sandbox"
        with python("-c", code) as process:
            errors = process.communicate(timeout=10)[1]
        assert "pip install" not in errors
        assert errors.splitlines()[-1].startswith("ModuleNotFoundError")
        assert name in errors.splitlines()[-1]

    def test_imports_nothing_else_of_the_package(self) -> None:
        code = (
            "import sys, replicate_ext; before = set(sys.modules); import replicate_ext.sandbox; "
            "print(*(set(sys.modules) - before))"
        )
        with python("-c", code) as process:
            names = process.communicate(timeout=10)[0].split()
        own = [name for name in names if name.startswith("replicate")]
        assert own
        assert all(name.startswith("replicate_ext.sandbox") for name in own)
