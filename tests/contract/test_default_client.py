"""The default client: its functions and namespaces, replacing it, and its environment."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import anyio
import pytest
from support.clients import BASE_URL, TOKEN, Script, answer, created

import replicate_ext
from replicate_ext import AsyncReplicate, Replicate, predictions, run, set_default_client


@pytest.fixture(autouse=True)
def _no_clients_left() -> Iterator[None]:
    with set_default_client(None), set_default_client(None, AsyncReplicate):
        yield


def client(script: Script) -> Replicate:
    return Replicate(TOKEN, BASE_URL, transport=script.transport)


def test_names_that_were_imported_follow_the_default_client() -> None:
    first, second = (
        Script(created("succeeded", output="a")),
        Script(created("succeeded", output="b")),
    )

    with set_default_client(client(first)):
        assert run("owner/name") == "a"
        with set_default_client(client(second)):
            assert run("owner/name") == "b"
            assert predictions.get("p1").output == "b"
        assert replicate_ext.run("owner/name") == "a"

    assert len(first.seen) == len(second.seen) == 2


def test_the_async_default_client_is_another_one() -> None:
    script = Script(created("succeeded", output="a"))

    async def main() -> object:
        with set_default_client(AsyncReplicate(TOKEN, BASE_URL, transport=script.transport)):
            return await replicate_ext.async_run("owner/name")

    assert anyio.run(main) == "a"


def test_a_function_shows_the_signature_and_the_documentation_of_the_method() -> None:
    shown = inspect.signature(run)

    assert list(shown.parameters) == list(
        inspect.signature(client(Script(answer())).run).parameters
    )
    assert run.__doc__ == Replicate.run.__doc__
    assert "get" in dir(predictions)
    assert repr(predictions) == "<predictions of the default client>"


def test_another_object_is_rejected() -> None:
    with pytest.raises(TypeError, match="client must be a Replicate or AsyncReplicate, got 'x'"):
        set_default_client("x")  # type: ignore[arg-type] # that is the test


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REPLICATE_BASE_URL", "http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
        ("REPLICATE_BASE_URL", "http://127.0.0.1:9/", "http://127.0.0.1:9/v1"),
        ("REPLICATE_BASE_URL", "https://gateway.test/replicate", "https://gateway.test/replicate"),
        ("REPLICATE_API_BASE_URL", "https://gateway.test/a", "https://gateway.test/a/v1"),
        ("REPLICATE_API_BASE_URL", "https://gateway.test/v1", "https://gateway.test/v1"),
        ("REPLICATE_API_BASE_URL", "https://gateway.test", "https://gateway.test/v1"),
        ("REPLICATE_BASE_URL", " ", "https://api.replicate.com/v1"),
    ],
)
def test_the_base_url_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)

    for kind in (Replicate, AsyncReplicate):
        assert kind(TOKEN).base_url == expected
        assert kind(TOKEN, BASE_URL).base_url == BASE_URL
