"""What a fresh interpreter imports, and that it makes no client before it needs one."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx
import pytest

HTTPX_IS_LAZY = tuple(map(int, httpx.__version__.split(".")[:2])) >= (0, 28)
needs_lazy_httpx = pytest.mark.skipif(
    not HTTPX_IS_LAZY, reason="httpx before 0.28 imports httpcore, and that imports trio and attrs"
)


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import replicate_ext", ("httpx", "attrs", "anyio", "replicate_ext._client")),
        pytest.param(
            "from replicate_ext import Replicate",
            ("attrs", "anyio", "asyncio", "dateutil"),
            marks=needs_lazy_httpx,
        ),
        ("from replicate_ext.errors import APIError", ("httpx", "attrs")),
        (
            "from replicate_ext import WebhookVerifier, validate_webhook, is_newer",
            ("httpx", "attrs", "replicate_api"),
        ),
    ],
)
def test_imports_bring_no_more_than_they_need(code: str, absent: tuple[str, ...]) -> None:
    check = f"{code}\nimport sys; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def imported_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after a statement and not before."""
    script = (
        "import json, sys; before = set(sys.modules); "
        f"{statement}; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("client", ["Replicate", "AsyncReplicate"])
def test_importing_a_client_imports_few_modules(client: str) -> None:
    # A module takes about 0.3 ms, and importing httpx 70 ms: 15 modules are about 5 % of that.
    found = imported_by(f"from replicate_ext import {client}")
    ours = {name for name in found if name.startswith("replicate_")}
    assert f"replicate_ext._{'async_' * (client != 'Replicate')}client" in ours
    assert len(ours) <= 15, sorted(ours)


@needs_lazy_httpx
def test_importing_the_package_imports_no_model() -> None:
    found = imported_by("import replicate_api")
    assert "replicate_api" in found
    assert not {name for name in found if name.startswith(("attr", "replicate_api.models"))}


def test_importing_a_model_imports_no_other_than_it_needs() -> None:
    found = imported_by("from replicate_api.models import Prediction")
    assert "replicate_api.models.prediction" in found
    assert not found & {"replicate_api.models.training", "replicate_api.models.model"}


def test_the_default_client_is_made_on_first_use_and_needs_no_token_for_that() -> None:
    check = (
        "import sys, replicate_ext; assert 'replicate_ext._default' not in sys.modules\n"
        "replicate_ext.run, replicate_ext.wait, replicate_ext.predictions.create\n"
        "try: replicate_ext.run('owner/name', {})\n"
        "except replicate_ext.MissingTokenError: print('missing')"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": ""},
    )
    assert done.stdout.strip() == "missing"
