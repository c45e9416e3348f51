"""What the plugin blocks, and what it leaves unchanged."""

from __future__ import annotations

import os

import pytest
from support.plugin import Run

pytest_plugins = ["pytester"]

EXTRAS = ("PIL", "jsonschema", "python_multipart", "starlette", "uvicorn")
"""The packages of the extras sandbox and testing, except pytest."""

REQUESTS = """
    import asyncio
    import http.client
    import socket
    import ssl
    import urllib.request

    import aiohttp
    import httpx
    import pytest
    import replicate_ext
    from replicate_ext.testing import RealAPIBlocked

    URL = "https://api.replicate.com/v1/account"

    def urllib_():
        urllib.request.urlopen(URL)

    def http_client():
        http.client.HTTPSConnection("API.Replicate.com.").request("GET", "/v1/account")

    def sync_httpx():
        httpx.get(URL)

    def async_httpx():
        async def main():
            async with httpx.AsyncClient() as client:
                await client.get(URL)
        asyncio.run(main())

    def aiohttp_():
        async def main():
            async with aiohttp.ClientSession() as session:
                await session.get(URL)
        asyncio.run(main())

    def another_resolver():
        ours, theirs = socket.socketpair()
        with ours, theirs:
            context = ssl.create_default_context()
            context.wrap_socket(ours, server_hostname="api.replicate.com")

    def asyncio_over_another_resolver():
        context = ssl.create_default_context()
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="api.replicate.com")

    def ours():
        replicate_ext.Replicate("r8_x", "https://api.replicate.com/v1").account.get()

    def ours_async():
        client = replicate_ext.AsyncReplicate("r8_x", "https://api.replicate.com/v1")
        asyncio.run(client.account.get())

    WAYS = [urllib_, http_client, sync_httpx, async_httpx, aiohttp_, another_resolver,
            asyncio_over_another_resolver, ours, ours_async]

    @pytest.mark.parametrize("way", WAYS)
    def test_blocked(way, replicate_sandbox):
        with pytest.raises(RealAPIBlocked, match="mark the test with @pytest.mark.replicate_live"):
            way()
"""


class TestBlocking:
    def test_the_real_api_is_blocked_for_every_library(self, run: Run) -> None:
        run(REQUESTS).assert_outcomes(passed=9)

    def test_other_hosts_are_not_blocked(self, run: Run) -> None:
        run(
            """
            import socket

            def test_lookup(replicate_sandbox):
                assert socket.getaddrinfo("localhost", 80)
                assert socket.getaddrinfo(host=b"127.0.0.1", port=80)
                assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
            """
        ).assert_outcomes(passed=1)


class TestUnrelated:
    CODE = """
        import json
        import os
        import socket
        import sys
        import threading
        from pathlib import Path

        import pytest

        class Test:
            def test_passes(self, tmp_path):
                assert tmp_path

            def test_fails(self):
                assert 1 == 2

            @pytest.mark.parametrize("number", [1, 2])
            def test_number(self, number, request):
                assert request.fixturenames[0] in ("number", "request")

            def test_state(self):
                heavy = ("httpx", "starlette", "uvicorn", "PIL", "attrs", "replicate_api",
                         "replicate_ext.sandbox", "replicate_ext.testing._offline")
                assert not [name for name in heavy if name in sys.modules]
                assert not [name for name in os.environ if name.startswith("REPLICATE")]
                assert not hasattr(socket.getaddrinfo, "__wrapped__")
                assert threading.active_count() == 1
    """

    @pytest.mark.parametrize("extras", [True, False])
    def test_another_suite_is_unchanged(
        self, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, extras: bool
    ) -> None:
        if not extras:
            monkeypatch.setenv("PYTHONPATH", str(pytester.path / "missing"), prepend=os.pathsep)
            pytester.mkdir("missing")
            for name in EXTRAS:
                broken = pytester.path / "missing" / f"{name}.py"
                broken.write_text(f"raise ModuleNotFoundError(name={name!r})")
        pytester.makeini("[pytest]\n")
        pytester.makepyfile(test_app=self.CODE)
        without = pytester.runpytest_subprocess("-v", "--tb=short")
        with_plugin = run(self.CODE, "-v", "--tb=short", ini="[pytest]\n")

        with_plugin.assert_outcomes(passed=4, failed=1)
        assert lines(with_plugin) == lines(without)

    def test_pytest_finds_the_plugin_by_itself(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
        result = pytester.runpytest_subprocess("--fixtures", "-p", "no:schemathesis")
        result.stdout.fnmatch_lines(["*replicate_sandbox*", "*A local sandbox of Replicate*"])


def lines(result: pytest.RunResult) -> list[str]:
    """The output without what differs between two runs: the time, and the list of plugins."""
    return [
        line.partition(" in ")[0]
        for line in result.outlines
        if not line.startswith(("plugins:", "cachedir:"))
    ]
