"""Test an app that calls ``replicate_ext.run``, without a network and at no cost.

In this folder:

pip install '..[sandbox]' pytest
pytest test_app.py
"""

from collections.abc import Iterator

import pytest

from replicate_ext import PredictionFailed, Replicate, run, set_default_client
from replicate_ext.sandbox import Fault, Sandbox


def caption(text: str) -> str:
    """Return a caption. This is the app; usually, it is in another module."""
    return str(run("acme/captions", {"text": text})).strip()


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[Sandbox]:
    """Start a sandbox with a model, behind ``replicate_ext.run``."""
    with Sandbox() as sandbox, set_default_client(Replicate(sandbox.api_token, sandbox.base_url)):

        @sandbox.model("acme/captions")
        def captions(text: str) -> str:
            if not text:
                raise ValueError("no text")
            return f" {text.title()} "

        yield sandbox


def test_caption() -> None:
    assert caption("a cat") == "A Cat"


def test_the_model_fails() -> None:
    with pytest.raises(PredictionFailed, match="no text"):
        caption("")


def test_the_api_is_busy(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.throttle(retry_after=1))
    assert caption("a cat") == "A Cat"
