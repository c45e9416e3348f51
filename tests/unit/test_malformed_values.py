"""Malformed responses and arguments raise only documented errors. Guarantees 9 and 19."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from replicate_api.models import Prediction

from replicate_ext import (
    InvalidInputError,
    InvalidReferenceError,
    ModelReference,
    OutcomeUnknownError,
    RateLimitError,
    Replicate,
    parse_progress,
)
from replicate_ext._http.checks import cancel_after_header, check_webhook
from replicate_ext._http.policy import delay_before_retry
from replicate_ext._problem import retry_after

TOKEN = "r8_a_secret_of_the_tests"


def client(*answers: httpx.Response, **options: Any) -> Replicate:
    left = list(answers)
    transport = httpx.MockTransport(lambda _: left.pop(0) if len(left) > 1 else left[0])
    return Replicate(TOKEN, "https://api.test/v1", transport=transport, max_retries=0, **options)


@pytest.mark.parametrize(
    "body",
    [b'{"retry_after": 1' + b"0" * 400 + b"}", b"[" * 100_000, b'{"retry_after": NaN}', b"\xff"],
)
def test_any_error_body_makes_an_api_error(body: bytes) -> None:
    with pytest.raises(RateLimitError) as caught:
        client(httpx.Response(429, content=body)).run("a/b", {})

    assert caught.value.retry_after is None or caught.value.retry_after >= 0
    assert str(caught.value)


@pytest.mark.parametrize("header", ["nan", "inf", "-inf", "1e999", "7 seconds", "soon", "-"])
def test_an_invalid_retry_after_is_ignored(header: str) -> None:
    assert retry_after(httpx.Response(429, headers={"Retry-After": header})) in (None, 0.0)


@pytest.mark.parametrize("header", ["Sun Nov  6 08:49:37 2094", "Sun, 06 Nov 2094 08:49:37 -0000"])
@pytest.mark.parametrize("date", [{}, {"Date": "the day after"}])
def test_every_form_of_date_is_read(header: str, date: dict[str, str]) -> None:
    asked = retry_after(httpx.Response(429, headers={"Retry-After": header, **date}))
    assert asked is not None
    assert asked > 1e9


def test_back_off_has_no_last_attempt() -> None:
    delay = delay_before_retry(httpx.Response(500), 10**6, 1.0, repeatable=True)
    assert delay == 8.0


@pytest.mark.parametrize("logs", ["9" * 400 + "%|x| 1/2", "5%|x| " + "1" * 5000 + "/2"])
def test_malformed_progress_bars_are_ignored(logs: str) -> None:
    assert parse_progress(Prediction.from_dict({"logs": logs})) is None


@pytest.mark.parametrize("text", ["../x", "a/.", "../..", "./a", "\ud800/x", "deployments/../a"])
def test_references_never_lead_to_another_path(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        ModelReference.of(text)


def test_an_empty_reference_object_is_rejected() -> None:
    with pytest.raises(InvalidReferenceError):
        ModelReference.of(ModelReference())


def test_a_create_answered_without_an_id_has_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknownError):
        client(httpx.Response(201, json={"status": "starting"})).run("a/b", {}, wait=False)


@pytest.mark.parametrize("value", [10**400, "9" * 400 + "h", "9" * 5000 + "h"])
def test_a_huge_cancel_after_is_rejected(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        cancel_after_header(value)


@pytest.mark.parametrize(
    "url",
    ["https://exa mple.com/", " https://x/", "https://a\nb/", "https://x:no/", "https://x:99999/"],
)
def test_invalid_webhook_urls_are_rejected(url: str) -> None:
    with pytest.raises(InvalidInputError, match="webhook"):
        check_webhook(url, None)
