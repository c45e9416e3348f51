"""Generated webhook deliveries: agreement with other packages, and malformed input."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import given, settings
from hypothesis import strategies as st
from support.webhooks import BODY, MESSAGE_ID, NOW, SECRET, signature, signed

from replicate_ext import (
    WebhookError,
    WebhookSecretError,
    WebhookSignatureError,
    WebhookVerifier,
)

RIGHT = signature(BODY)


def verifier() -> WebhookVerifier:
    return WebhookVerifier(SECRET, clock=lambda: NOW)


TEXTS = (
    "",
    "{}",
    " \t\r\n ",
    '{"a": "\u2028\u00a0\u3000"}',
    '\n{"test" :\t1}\r\n\r\n',
    "\ufeff{}",
    "\x00\x1f\x7f",
    "é€😀",
)


def test_a_thousand_messages_verify_here_as_in_other_packages_and_the_reverse() -> None:
    choose = random.Random(20260101)  # noqa: S311 - reproducible, not secret
    now = datetime.now(tz=UTC)
    for number in range(1000):
        key = choose.randbytes(choose.randint(1, 80))
        secret = f"whsec_{base64.b64encode(key).decode()}"
        sent = now + timedelta(seconds=choose.randint(-240, 240))
        message_id = f"msg_{choose.randrange(10**12)}"
        size = 1_000_000 if number < 3 else choose.choice((0, 1, 10, 100, 10_000))
        text = choose.choice(TEXTS) + "".join(choose.choices("abc é😀\n\t", k=size))
        theirs = (standardwebhooks.Webhook(secret), svix.webhooks.Webhook(secret))[number % 2]

        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": theirs.sign(message_id, sent, text),
        }
        WebhookVerifier(secret).verify(headers, text)
        WebhookVerifier(secret).verify(headers, text.encode())
        with pytest.raises(WebhookSignatureError):
            WebhookVerifier(secret).verify(headers, f"{text} ")

        ours = signature(
            text.encode(),
            secret=secret,
            message_id=message_id,
            timestamp=headers["webhook-timestamp"],
        )
        assert ours == headers["webhook-signature"]
        # One package parses the body by default; the other never does.
        if isinstance(theirs, standardwebhooks.Webhook):
            theirs.verify(text, {**headers, "webhook-signature": ours}, json_parse=False)
        else:
            theirs.verify(text, {**headers, "webhook-signature": ours})


NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature", "Webhook-Id", "headers", "x")
ANYTHING = st.recursive(
    st.none() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
HEADER = st.one_of(
    *(st.text(), st.binary(), st.just(str(NOW)), st.just(RIGHT), st.just(MESSAGE_ID), ANYTHING)
)
NAME = st.sampled_from(NAMES) | st.sampled_from([name.encode() for name in NAMES]) | st.text()


def as_bytes(name: str | bytes) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


HEADERS = st.dictionaries(NAME, HEADER) | st.lists(st.tuples(NAME, HEADER)) | ANYTHING
BODIES = st.text(st.characters()) | st.binary() | st.just(BODY) | ANYTHING


@settings(max_examples=300, deadline=None)
@given(HEADERS, BODIES)
def test_any_input_raises_only_documented_errors(headers: Any, body: Any) -> None:
    check = verifier()
    for act in (check.verify, check.unwrap):
        try:
            act(headers, body)
        except (WebhookError, TypeError):
            continue
        assert body in (BODY, BODY.decode())


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.text(), st.text() | st.binary())
def test_any_text_in_the_headers_raises_no_type_error(
    message_id: str, stamp: str, signatures: str, body: str | bytes
) -> None:
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signatures,
        "headers": "what an ASGI scope has under this name is no text",
    }
    for some in (headers, dict(list(headers.items())[1:]), {"headers": message_id}):
        with pytest.raises(WebhookError):
            verifier().verify(some, body)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NAME.map(as_bytes), st.binary() | st.just(RIGHT.encode()))), st.binary())
def test_any_bytes_in_the_headers_raise_no_type_error(
    pairs: list[tuple[bytes, bytes]], body: bytes
) -> None:
    for headers in (pairs, {"type": "http", "headers": pairs}):
        with pytest.raises(WebhookError):
            verifier().verify(headers, body)


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_any_invalid_secret_is_malformed(secret: Any) -> None:
    with pytest.raises(WebhookSecretError):
        WebhookVerifier([secret, "whsec_!"])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(("", "whsec_")), st.text("AZaz09+/=-_é", max_size=12))
def test_a_secret_is_malformed_or_means_here_what_it_means_elsewhere(
    prefix: str, rest: str
) -> None:
    try:
        check = WebhookVerifier(prefix + rest)
    except WebhookSecretError:
        return
    now = datetime.now(tz=UTC)
    headers = {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standardwebhooks.Webhook(prefix + rest).sign(MESSAGE_ID, now, "{}"),
    }
    check.verify(headers, "{}")


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1), st.binary(), st.integers(0, 10**12), st.data())
def test_changing_any_signed_bit_is_detected(
    key: bytes, body: bytes, stamp: int, data: st.DataObject
) -> None:
    secret = base64.b64encode(key).decode()
    headers = signed(body, secret=secret, timestamp=stamp)
    check = WebhookVerifier(secret, clock=lambda: stamp)
    check.verify(headers, body)

    changed = bytearray(body + b"\0")
    changed[data.draw(st.integers(0, len(body)))] ^= data.draw(st.integers(1, 255))
    for wrong in (
        (headers, changed),
        (headers, changed[:-1] if changed[:-1] != body else b"x" + body),
        ({**headers, "webhook-id": "msg_other"}, body),
        ({**headers, "webhook-timestamp": str(stamp + 1)}, body),
    ):
        with pytest.raises(WebhookSignatureError):
            check.verify(*wrong)
