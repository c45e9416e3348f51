"""The pytest plugin, in runs of pytest of their own."""

from __future__ import annotations

import pytest
from support.plugin import FOR_ALL, Run

pytest_plugins = ["pytester"]


class TestFixtures:
    def test_the_application_uses_the_sandbox(self, run: Run) -> None:
        run(
            """
            import os
            import httpx
            import replicate_ext
            from replicate_ext import Replicate, run

            def test_default_client(replicate_sandbox):
                assert run("replicate/hello-world", {"text": "Ada"}) == "hello Ada"
                replicate_sandbox.assert_ran("replicate/hello-world", text="Ada")

            def test_client_of_the_application(replicate_sandbox):
                with Replicate() as client:
                    assert client.run("replicate/hello-world", {"text": "Eve"}) == "hello Eve"
                assert len(replicate_sandbox.requests) == 1

            def test_other_clients_read_the_environment(replicate_sandbox):
                headers = {"Authorization": f"Token {os.environ['REPLICATE_API_TOKEN']}"}
                for url in (
                    os.environ["REPLICATE_BASE_URL"] + "/v1/account",
                    os.environ["REPLICATE_BASE_URL"] + "/account",
                ):
                    assert httpx.get(url, headers=headers).status_code == 200

            def test_the_client_of_the_fixture(replicate_client, replicate_sandbox):
                assert replicate_client.base_url == replicate_sandbox.base_url
                assert replicate_client.run("replicate/hello-world", {"text": "x"}) == "hello x"
            """
        ).assert_outcomes(passed=4)

    def test_async_clients(self, run: Run) -> None:
        run(
            """
            import pytest
            import replicate_ext

            pytestmark = pytest.mark.anyio

            async def test_fixture(async_replicate_client):
                output = await async_replicate_client.run("replicate/hello-world", {"text": "x"})
                assert output == "hello x"

            async def test_default_client(replicate_sandbox):
                output = await replicate_ext.async_run("replicate/hello-world", {"text": "y"})
                assert output == "hello y"
                replicate_sandbox.assert_ran("replicate/hello-world", text="y")
            """,
            "-p",
            "anyio.pytest_plugin",
        ).assert_outcomes(passed=4)

    def test_every_test_finds_a_fresh_sandbox_on_the_same_port(self, run: Run) -> None:
        run(
            """
            import pytest
            from replicate_ext import run
            from replicate_ext.sandbox import Fault

            URLS = set()

            @pytest.mark.parametrize("number", range(3))
            def test_fresh(replicate_sandbox, replicate_client, number):
                URLS.add(replicate_sandbox.base_url)
                assert len(URLS) == 1
                assert "me/new" not in replicate_sandbox.models
                assert replicate_sandbox.predictions == replicate_sandbox.requests == []
                assert replicate_sandbox.faults.pending == []
                replicate_sandbox.model("me/new")(lambda: 1)
                assert run("me/new") == 1
                replicate_sandbox.faults.add(Fault.error(500), on="GET /nothing")
                replicate_client.predictions.create(
                    "sandbox/storyteller", {"prompt": "x", "delay": 60}
                ) if number else None
            """
        ).assert_outcomes(passed=3)

    def test_the_environment_and_the_default_client_are_restored(self, run: Run) -> None:
        run(
            """
            import os
            import socket
            import replicate_ext

            before = dict(os.environ), socket.getaddrinfo
            mine = replicate_ext.Replicate("r8_mine", "http://127.0.0.1:9/v1")
            replicate_ext.set_default_client(mine)

            def test_with(replicate_sandbox):
                assert replicate_ext.default_client() is not mine

            def test_without():
                changed = dict(os.environ, PYTEST_CURRENT_TEST="")
                assert changed == dict(before[0], PYTEST_CURRENT_TEST="")
                assert socket.getaddrinfo is before[1]
                assert replicate_ext.default_client() is mine
            """
        ).assert_outcomes(passed=2)

    def test_fixtures_of_the_application_are_set_up_after_the_sandbox(self, run: Run) -> None:
        run(
            """
            import os
            import pytest

            @pytest.fixture
            def app():
                return os.environ["REPLICATE_BASE_URL"]

            def test_order(app, replicate_sandbox):
                assert app == replicate_sandbox.origin
            """
        ).assert_outcomes(passed=1)

    def test_a_proxy_of_the_environment_is_not_used(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("NO_PROXY", "example.com")
        run(
            """
            import httpx
            import os
            import pytest
            from replicate_ext import run
            from replicate_ext.testing import RealAPIBlocked

            def test_run(replicate_sandbox):
                assert run("replicate/hello-world", {"text": "x"}) == "hello x"
                assert "example.com" in os.environ["NO_PROXY"]
                with pytest.raises(RealAPIBlocked):
                    httpx.get("https://api.replicate.com/v1/account")
            """
        ).assert_outcomes(passed=1)


class TestMarker:
    def test_models_latency_and_faults(self, run: Run, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            my_models="""
            def register(sandbox):
                @sandbox.model("me/upper")
                def upper(text: str) -> str:
                    return text.upper()
            """
        )
        run(
            """
            import time
            import pytest
            import replicate_ext
            from replicate_ext.sandbox import Fault

            pytestmark = pytest.mark.replicate(models="my_models.py")

            def double(number: int) -> int:
                return 2 * number

            def test_models_of_a_file():
                assert replicate_ext.run("me/upper", {"text": "a"}) == "A"

            @pytest.mark.replicate(models={"me/double": double}, latency=0.05)
            def test_the_closest_marker_is_added():
                begin = time.monotonic()
                assert replicate_ext.run("me/double", {"number": 2}) == 4
                assert replicate_ext.run("me/upper", {"text": "b"}) == "B"
                assert time.monotonic() - begin >= 0.1

            @pytest.mark.replicate(faults=[Fault.error(402)])
            def test_a_fault():
                with pytest.raises(replicate_ext.PaymentRequiredError):
                    replicate_ext.run("me/upper", {"text": "a"})

            @pytest.mark.replicate(faults={"GET /account": Fault.error(402)})
            def test_a_fault_of_one_request():
                assert replicate_ext.run("me/upper", {"text": "c"}) == "C"
                with pytest.raises(replicate_ext.PaymentRequiredError):
                    replicate_ext.account.get()

            @pytest.mark.parametrize(
                "number", [1, pytest.param(2, marks=pytest.mark.replicate(latency=0.01))]
            )
            def test_marker_of_a_parameter(number, request):
                sandbox = request.getfixturevalue("replicate_sandbox")
                assert sandbox.faults.latency == (0.01 if number == 2 else 0)
            """
        ).assert_outcomes(passed=6)

    def test_only_marked_tests_use_the_sandbox(self, run: Run) -> None:
        run(
            """
            import os
            import unittest
            import pytest

            @pytest.mark.parametrize(
                "used", [False, pytest.param(True, marks=pytest.mark.replicate)]
            )
            def test_environment(used):
                assert ("REPLICATE_BASE_URL" in os.environ) == used

            @pytest.mark.replicate
            class Test(unittest.TestCase):
                def test_environment(self):
                    assert "REPLICATE_BASE_URL" in os.environ
            """
        ).assert_outcomes(passed=3)

    def test_an_unknown_keyword_is_an_error(self, run: Run) -> None:
        result = run(
            """
            import pytest

            @pytest.mark.replicate(model="x")
            def test_marker():
                pass
            """
        )
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*expected the keywords models, latency and faults*"])


class TestForAll:
    CODE = """
        import os
        import socket

        import pytest
        import replicate_ext
        from replicate_ext.testing import RealAPIBlocked

        CLIENT = replicate_ext.Replicate()
        TOKEN = os.environ["REPLICATE_API_TOKEN"]

        def test_a_client_made_at_import():
            assert CLIENT.run("replicate/hello-world", {"text": "x"}) == "hello x"

        def test_fresh(replicate_sandbox):
            assert replicate_sandbox.requests == []

        def test_blocked():
            with pytest.raises(RealAPIBlocked):
                socket.getaddrinfo("api.replicate.com", 443)

        @pytest.mark.replicate_live
        def test_live():
            assert os.environ["REPLICATE_API_TOKEN"] == "r8_real"
            assert "REPLICATE_BASE_URL" not in os.environ
            assert not hasattr(socket.getaddrinfo, "__wrapped__")

        def test_after_live():
            assert os.environ["REPLICATE_API_TOKEN"] == TOKEN != "r8_real"

        def test_conftest():
            import conftest
            assert conftest.URL == os.environ["REPLICATE_BASE_URL"]
    """

    @pytest.mark.parametrize("workers", [0, 2])
    def test_the_sandbox_is_there_before_modules_are_imported(
        self, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: int
    ) -> None:
        monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_real")
        pytester.makeconftest("import os\nURL = os.environ.get('REPLICATE_BASE_URL')")
        args = ["-p", "xdist", f"-n{workers}"] if workers else []
        run(self.CODE, *args, ini=FOR_ALL).assert_outcomes(passed=6)

    def test_the_controller_of_xdist_starts_no_sandbox(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        pytester.makeconftest(
            """
            import os, sys
            def pytest_sessionfinish():
                if "PYTEST_XDIST_WORKER" not in os.environ:
                    print("sandbox:", "replicate_ext.sandbox" in sys.modules)
            """
        )
        result = run("def test_one(): pass", "-p", "xdist", "-n1", "-s", ini=FOR_ALL)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["*sandbox: False"])

    def test_a_live_test_cannot_use_the_sandbox(self, run: Run) -> None:
        result = run(
            """
            import pytest

            @pytest.mark.replicate_live
            def test_both(replicate_sandbox):
                pass
            """,
            ini=FOR_ALL,
        )
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*replicate_live cannot use the sandbox*"])


VCR = """
    import vcr
    import pytest
    from pathlib import Path
    from replicate_ext import Replicate

    CASSETTE = Path("cassette.yaml")

    def calls(client):
        client.files.create(b"contents of a file", filename="a.bin")
        output = client.run("me/file", {"file": b"inline contents"})
        secret = client.webhooks.default.secret.get().key
        return output.read(), secret

    def test_record(replicate_sandbox, replicate_client, replicate_vcr_config):
        @replicate_sandbox.model("me/file")
        def file(file: bytes) -> bytes:
            return b"contents of an output"

        with vcr.VCR(**replicate_vcr_config).use_cassette(str(CASSETTE)):
            content, secret = calls(replicate_client)
        text = CASSETTE.read_text()
        for hidden in (secret, replicate_sandbox.api_token, "contents of", "aW5saW5lIGNvbnRlbnRz"):
            assert hidden not in text
        assert "replicate/" not in text and "me/file" in text
        Path("url").write_text(replicate_sandbox.base_url)

    def test_replay(replicate_vcr_config):
        recorder = vcr.VCR(record_mode="none", **replicate_vcr_config)
        with Replicate("r8_x", Path("url").read_text()) as client, \\
                recorder.use_cassette(str(CASSETTE)):
            assert calls(client) == (b"hidden", "whsec_aGlkZGVu")
"""


def test_cassettes_have_neither_secrets_nor_contents_of_files(run: Run) -> None:
    run(VCR).assert_outcomes(passed=2)
