"""Webhook deliveries as web frameworks pass them: headers, bodies and requests."""

from __future__ import annotations

import asyncio
import math
from collections import ChainMap
from email.message import Message
from types import MappingProxyType, SimpleNamespace
from typing import Any

import django.http
import flask
import httpx
import pytest
import werkzeug
from django.conf import settings as django_settings
from django.test import RequestFactory
from fastapi import FastAPI
from fastapi import Request as FastAPIRequest
from multidict import CIMultiDict, CIMultiDictProxy
from starlette.datastructures import Headers
from starlette.requests import Request as StarletteRequest
from support.webhooks import BODY, NOW, RUN, SECRET, signed, signed_now

from replicate_ext import (
    WebhookBodyError,
    WebhookHeaderError,
    WebhookVerifier,
    validate_webhook,
)

URL = "https://customer.test/webhook"
SIGNED = signed()
PAIRS = list(SIGNED.items())
ENVIRON = {
    "REQUEST_METHOD": "POST",
    "CONTENT_LENGTH": str(len(BODY)),
    "wsgi.errors": object(),
    **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in PAIRS},
}
RAW_PAIRS = [(name.encode(), value.encode()) for name, value in PAIRS]
SCOPE = {"type": "http", "path": "/", "headers": RAW_PAIRS, "state": {}}


def verifier() -> WebhookVerifier:
    return WebhookVerifier(SECRET, clock=lambda: NOW)


def message(pairs: list[tuple[str, str]]) -> Message:
    """What the standard library's own HTTP server has."""
    made = Message()
    for name, value in pairs:
        made[name] = value
    return made


FORMS = {
    "dict": SIGNED,
    "title case": {name.title(): value for name, value in PAIRS},
    "upper case": {name.upper(): value for name, value in PAIRS},
    "mixed case": {"wEBhook-iD": SIGNED["webhook-id"], **dict(PAIRS[2:])},
    "bytes": dict(RAW_PAIRS),
    "bytes in title case": {name.title(): value for name, value in RAW_PAIRS},
    "bytes for text": {name: value.encode() for name, value in PAIRS},
    "read-only": MappingProxyType(SIGNED),
    "chained": ChainMap({}, SIGNED),
    "pairs": PAIRS,
    "pairs of bytes": RAW_PAIRS,
    "lists": [list(pair) for pair in RAW_PAIRS],
    "items": SIGNED.items(),
    "message": message(PAIRS),
    "WSGI": ENVIRON,
    "ASGI": SCOPE,
    "ASGI tuple": {**SCOPE, "headers": tuple(RAW_PAIRS)},
    "API gateway": {"headers": SIGNED, "body": BODY.decode()},
    "httpx": httpx.Headers(SIGNED),
    "werkzeug": werkzeug.datastructures.Headers(SIGNED),
    "werkzeug environ": werkzeug.datastructures.EnvironHeaders(ENVIRON),
    "starlette": Headers(SIGNED),
    "starlette raw": Headers(raw=RAW_PAIRS),
    "starlette scope": StarletteRequest(SCOPE).headers,
    "django": django.http.request.HttpHeaders(ENVIRON),
}


@pytest.mark.parametrize("form", FORMS)
def test_headers_are_accepted_in_every_form(form: str) -> None:
    headers: Any = FORMS[form]
    verifier().verify(headers, BODY)
    assert verifier().unwrap(headers, BODY).id == RUN["id"]


def test_headers_may_be_read_only_once() -> None:
    verifier().verify(iter(PAIRS), BODY)


def test_the_headers_of_aiohttp_are_accepted() -> None:
    verifier().verify(CIMultiDictProxy(CIMultiDict(PAIRS)), BODY)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", b""])
def test_a_missing_header_is_named(name: str, value: Any) -> None:
    headers = {key: val for key, val in SIGNED.items() if key != name}
    if value is not None:
        headers[name] = value
    for form in (headers, list(headers.items())):
        with pytest.raises(WebhookHeaderError, match=f"{name} is missing or empty"):
            verifier().verify(form, BODY)
        with pytest.raises(WebhookHeaderError, match=f"{name} is missing or empty"):
            validate_webhook(headers=form, body=BODY, secret=SECRET)


def test_all_headers_may_be_missing_and_others_take_no_place() -> None:
    svix = {name.replace("webhook", "svix"): value for name, value in PAIRS}
    inner: list[Any] = ["x", b"x", [], {}, svix]
    forms: list[Any] = [{}, [], svix, *({"headers": headers} for headers in inner)]
    for headers in forms:
        with pytest.raises(WebhookHeaderError, match="webhook-id is missing"):
            verifier().verify(headers, BODY)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("again", ["same", "other"])
def test_a_repeated_header_is_refused(name: str, again: str) -> None:
    pairs = [*PAIRS, (name.title(), SIGNED[name] if again == "same" else "other")]
    raw = [(key.encode(), value.encode()) for key, value in pairs]
    forms: list[Any] = [
        *(pairs, raw, {"type": "http", "headers": raw}, message(pairs)),
        *(httpx.Headers(pairs), Headers(raw=raw), werkzeug.datastructures.Headers(pairs)),
    ]
    for headers in forms:
        with pytest.raises(WebhookHeaderError, match=f"{name} is repeated"):
            verifier().verify(headers, BODY)


def test_a_dict_that_has_the_names_in_lower_case_is_read_by_them() -> None:
    verifier().verify({"Webhook-Id": "other", **SIGNED, "WEBHOOK-ID": "another"}, BODY)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["é", "\ud800", b"\xff", "\uff11", 3, ["msg"], {"a": 1}])
def test_a_header_that_is_not_ascii_text_is_malformed(name: str, value: Any) -> None:
    for headers in ({**SIGNED, name: value}, {**SIGNED, name: value}.items()):
        with pytest.raises(WebhookHeaderError, match=f"{name} is malformed"):
            verifier().verify(headers, BODY)


@pytest.mark.parametrize(
    "headers", [None, 3, "webhook-id: x", b"x", object(), [3], {3: 4}, ["abc"]]
)
def test_invalid_headers_are_a_type_error(headers: Any) -> None:
    with pytest.raises(TypeError, match=r"headers must be a mapping or \(name, value\) pairs"):
        verifier().verify(headers, BODY)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_bodies_are_accepted_as_bytes_or_text(kind: Any) -> None:
    for body in (BODY, "é€😀\r\n".encode(), b""):
        verifier().verify(signed(body), kind(body))
    assert verifier().unwrap(SIGNED, kind(BODY)).id == RUN["id"]
    verifier().verify(signed(BODY[::2]), memoryview(BODY)[::2])


def test_text_that_cannot_be_encoded_is_a_body_error() -> None:
    with pytest.raises(WebhookBodyError, match="cannot be encoded as UTF-8"):
        verifier().verify(SIGNED, "{\ud800}")


@pytest.mark.parametrize("body", [RUN, [RUN], None, 3, object()])
def test_a_parsed_body_is_a_type_error_that_says_how_to_get_the_raw_one(body: Any) -> None:
    with pytest.raises(TypeError, match=r"raw body.*get_data\(\).*Flask.*Django.*FastAPI.*aiohttp"):
        verifier().verify(SIGNED, body)


def flask_requests(headers: dict[str, str]) -> list[Any]:
    app = flask.Flask(__name__)
    found: list[Any] = []

    @app.post("/webhook")
    def handle() -> str:
        request = flask.request
        found.append(validate_webhook(request, SECRET))
        assert request.get_json() == RUN
        found.append(validate_webhook(request, SECRET))  # also after it was parsed
        found.append(validate_webhook(headers=request.headers, body=request.data, secret=SECRET))
        found.append(validate_webhook(headers=request.environ, body=request.data, secret=SECRET))
        return ""

    assert app.test_client().post("/webhook", data=BODY, headers=headers).status_code == 200
    return found


def django_requests(headers: dict[str, str]) -> list[Any]:
    if not django_settings.configured:
        django_settings.configure()
    request = RequestFactory().post(
        "/webhook", data=BODY, content_type="application/json", headers=headers
    )
    return [
        validate_webhook(request, SECRET),
        validate_webhook(request, SECRET),
        validate_webhook(headers=request.META, body=request.body, secret=SECRET),
    ]


def fastapi_requests(headers: dict[str, str]) -> list[Any]:
    app = FastAPI()
    found: list[Any] = []

    async def handle(request: FastAPIRequest) -> None:
        with pytest.raises(WebhookBodyError, match=r"await request\.body\(\)"):
            validate_webhook(request, SECRET)
        body = await request.body()
        found.append(validate_webhook(request, SECRET, body=body))
        found.append(validate_webhook(headers=request.headers, body=body, secret=SECRET))
        found.append(validate_webhook(headers=request.scope, body=body, secret=SECRET))

    async def deliver() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            return (await client.post(URL, content=BODY, headers=headers)).status_code

    app.add_api_route("/webhook", handle, methods=["POST"])
    assert asyncio.run(deliver()) == 200
    return found


def httpx_requests(headers: dict[str, str]) -> list[Any]:
    request = httpx.Request("POST", URL, content=BODY, headers=headers)
    response = httpx.Response(200, content=BODY, headers=headers)
    return [
        validate_webhook(request, SECRET),
        validate_webhook(response, SECRET),
        validate_webhook(request, [SECRET], body=request.content),
    ]


@pytest.mark.parametrize(
    "requests", [flask_requests, django_requests, fastapi_requests, httpx_requests]
)
def test_the_requests_of_frameworks_are_validated(requests: Any) -> None:
    right = requests(signed_now())
    assert right == [True] * len(right)
    assert right

    wrong = requests(signed_now(b"else"))
    assert wrong == [False] * len(wrong)


@pytest.mark.parametrize("body", [BODY, bytearray(BODY), BODY.decode()])
@pytest.mark.parametrize("name", ["content", "body", "data", "get_data"])
def test_any_object_with_headers_and_a_body_is_validated(name: str, body: Any) -> None:
    value = (lambda: body) if name == "get_data" else body
    request = SimpleNamespace(headers=SIGNED, **{name: value})

    assert validate_webhook(request, SECRET, tolerance=math.inf)
    assert not validate_webhook(request, SECRET, body=b"{}", tolerance=math.inf)


def test_a_body_that_was_read_already_is_a_body_error() -> None:
    if not django_settings.configured:
        django_settings.configure()
    read = RequestFactory().post("/", data=BODY, content_type="a/b", headers=signed_now())
    read.read()
    unread = httpx.Request("POST", URL, content=iter([BODY]), headers=signed_now())
    for request in (read, unread):
        with pytest.raises(WebhookBodyError, match="cannot be read") as caught:
            validate_webhook(request, SECRET)
        assert caught.value.__cause__


@pytest.mark.parametrize("body", [RUN, None, 3, print])
def test_a_request_without_a_raw_body_is_a_body_error(body: Any) -> None:
    with pytest.raises(WebhookBodyError, match=r"has no readable body: pass body="):
        validate_webhook(SimpleNamespace(headers=SIGNED, body=body), SECRET)


def test_a_missing_part_is_named() -> None:
    validate: Any = validate_webhook
    with pytest.raises(WebhookBodyError, match="There is no body"):
        validate(headers=SIGNED, secret=SECRET)
    with pytest.raises(TypeError, match=r"dict has no headers: pass headers=.* and body="):
        validate({"headers": SIGNED, "body": BODY}, SECRET)
    parts = {name: SIGNED[f"webhook-{name}"] for name in ("id", "timestamp", "signature")}
    assert validate(**parts, body=BODY, secret=SECRET, tolerance=math.inf)
    assert validate(**{**parts, "timestamp": NOW}, body=BODY, secret=SECRET, tolerance=math.inf)
    for name in parts:
        with pytest.raises(WebhookHeaderError, match=f"webhook-{name} is missing"):
            validate(**{**parts, name: None}, body=BODY, secret=SECRET)
