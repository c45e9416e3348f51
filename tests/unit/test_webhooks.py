"""Verify webhook deliveries: signatures, timestamps, secrets and unwrap. Guarantee 14."""

from __future__ import annotations

import copy
import hmac
import json
import logging
import math
import pickle
import traceback
from datetime import timedelta
from typing import Any

import pytest
from replicate_api.models import Prediction, Training, WebhookSecret
from support.places import cases
from support.webhooks import (
    BODY,
    NOW,
    OTHER_SECRET,
    RUN,
    SECRET,
    signature,
    signed,
    signed_now,
)

from replicate_ext import (
    ReplicateError,
    WebhookBodyError,
    WebhookError,
    WebhookHeaderError,
    WebhookSecretError,
    WebhookSignatureError,
    WebhookTimestampError,
    WebhookVerifier,
    validate_webhook,
)
from replicate_ext._webhooks import verification


def verifier(secrets: Any = SECRET, *, now: float = NOW, **options: Any) -> WebhookVerifier:
    return WebhookVerifier(secrets, clock=lambda: now, **options)


@pytest.fixture(params=cases("webhooks/vectors.json"))
def deliveries(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Deliveries that were signed by another implementation."""
    found: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return found


def test_signed_deliveries_verify_and_changed_ones_do_not(deliveries: dict[str, Any]) -> None:
    assert len(deliveries["vectors"]) >= 3
    for vector in deliveries["vectors"]:
        headers = {f"webhook-{name}": vector[name] for name in ("id", "timestamp", "signature")}
        check = verifier(vector["secret"], now=float(vector["timestamp"]))

        check.verify(headers, vector["body"])
        with pytest.raises(WebhookSignatureError):
            check.verify(headers, vector["body"] + " ")


def test_javascript_rows_67_to_69_validate_a_request_and_its_parts(
    deliveries: dict[str, Any],
) -> None:
    vector = deliveries["vectors"][0]
    # Row 67 is the shape of what the secret's endpoint answers.
    secret = WebhookSecret.from_dict({"key": vector["secret"]})
    parts = {name: vector[name] for name in ("id", "timestamp", "signature")}
    headers = {f"Webhook-{name.title()}": value for name, value in parts.items()}
    body = vector["body"]

    # The JavaScript client does not look at the time; here it takes an endless tolerance.
    assert validate_webhook(secret=secret, headers=headers, body=body, tolerance=math.inf)
    assert validate_webhook(secret=secret, **parts, body=body, tolerance=math.inf)
    assert not validate_webhook(secret=secret, **parts, body=body)
    assert not validate_webhook(secret=secret, **parts, body="{}", tolerance=math.inf)


def test_a_recorded_delivery_is_read_as_a_prediction(deliveries: dict[str, Any]) -> None:
    real = deliveries.get("delivery") or deliveries["real_delivery"]
    body = real["body"].encode()
    stamp = real["headers"]["webhook-timestamp"]

    # Its secret is not known, so it is signed again.
    headers = {**real["headers"], **signed(body, timestamp=stamp)}
    prediction = verifier(now=float(stamp)).unwrap(headers, body)

    assert prediction.to_dict() == json.loads(body)
    assert prediction.status == "succeeded"
    with pytest.raises(WebhookSignatureError):
        verifier(now=float(stamp)).verify(real["headers"], body)


@pytest.mark.parametrize("body", [b"\xff\xfe{", b"\xed\xa0\x80", bytes(range(256)), b"\xff" * 1000])
def test_a_body_that_is_not_text_verifies_as_bytes(body: bytes) -> None:
    verifier().verify(signed(body), body)
    with pytest.raises(WebhookBodyError, match="not a JSON object"):
        verifier().unwrap(signed(body), body)


@pytest.mark.parametrize(
    ("seconds", "is_fine"),
    [(0, True), (3599, True), (3600, True), (3600.5, False), (3601, False), (1e9, False)],
)
@pytest.mark.parametrize("tolerance", [3600, 3600.0, timedelta(hours=1)])
def test_the_tolerance_applies_in_both_directions(
    seconds: float, tolerance: float | timedelta, *, is_fine: bool
) -> None:
    for now, words in ((NOW + seconds, "s ago"), (NOW - seconds, "s from now")):
        check = verifier(now=now, tolerance=tolerance)
        if is_fine:
            check.verify(signed(), BODY)
        else:
            with pytest.raises(WebhookTimestampError, match=f"{seconds:.1f} {words}"):
                check.verify(signed(), BODY)


def test_the_default_tolerance_is_five_minutes() -> None:
    for late in (-300, 300):
        verifier(now=NOW + late).verify(signed(), BODY)
    for late in (-301, 301):
        with pytest.raises(WebhookTimestampError, match="outside the tolerance of 300 s"):
            verifier(now=NOW + late).verify(signed(), BODY)
    assert validate_webhook(headers=signed_now(), body=BODY, secret=SECRET)
    assert not validate_webhook(headers=signed(), body=BODY, secret=SECRET)
    assert not validate_webhook(headers=signed(timestamp=2**40), body=BODY, secret=SECRET)


def test_a_tolerance_of_zero_and_an_infinite_tolerance() -> None:
    verifier(tolerance=0).verify(signed(), BODY)
    with pytest.raises(WebhookTimestampError):
        verifier(tolerance=0, now=NOW + 1).verify(signed(), BODY)
    verifier(tolerance=math.inf, now=0).verify(signed(), BODY)


@pytest.mark.parametrize("tolerance", [-1, math.nan, timedelta(seconds=-1)])
def test_a_tolerance_is_not_negative(tolerance: Any) -> None:
    with pytest.raises(ValueError, match="tolerance must be"):
        WebhookVerifier(SECRET, tolerance=tolerance)


def test_rotated_secrets_verify_each_others_deliveries() -> None:
    both = verifier([OTHER_SECRET, WebhookSecret(key=SECRET)])
    for secret in (SECRET, OTHER_SECRET):
        both.verify(signed(secret=secret), BODY)
        verifier(iter([secret])).verify(signed(secret=secret), BODY)
    with pytest.raises(WebhookSignatureError):
        verifier(OTHER_SECRET).verify(signed(), BODY)
    # While they are rotated, a sender signs with both.
    headers = signed()
    headers["webhook-signature"] += f" {signature(BODY, secret=OTHER_SECRET)}"
    for secret in (SECRET, OTHER_SECRET):
        verifier(secret).verify(headers, BODY)


def with_signatures(*entries: str) -> dict[str, str]:
    return {**signed(), "webhook-signature": " ".join(entries)}


RIGHT = signature(BODY)
WRONG = signature(b"else")


@pytest.mark.parametrize(
    "entries",
    [
        (RIGHT,),
        (WRONG, RIGHT),
        (RIGHT, WRONG),
        ("v2,abc", RIGHT, "v1a,abc"),
        ("", RIGHT, ""),
        (WRONG,) * 31 + (RIGHT,),
    ],
)
def test_one_valid_signature_of_several_is_enough(entries: tuple[str, ...]) -> None:
    verifier().verify(with_signatures(*entries), BODY)


@pytest.mark.parametrize(
    "entries",
    [
        (WRONG,),
        (WRONG, RIGHT.replace("v1,", "v2,")),
        (WRONG, RIGHT.removeprefix("v1,")),
        (RIGHT[:-1],),
        (f"{RIGHT}=",),
        (f"{RIGHT},",),
        (RIGHT.lower(),),
        ("v1,",),
        ("v1,*",),
    ],
)
def test_other_signatures_do_not_match(entries: tuple[str, ...]) -> None:
    with pytest.raises(WebhookSignatureError, match="pass the raw request body"):
        verifier().verify(with_signatures(*entries), BODY)
    assert not validate_webhook(
        headers=with_signatures(*entries), body=BODY, secret=SECRET, tolerance=math.inf
    )


@pytest.mark.parametrize("entries", [("v2,abc",), ("v1",), (RIGHT[3:],), (" ",), (WRONG,) * 33])
def test_a_header_without_signatures_or_with_too_many_is_malformed(
    entries: tuple[str, ...],
) -> None:
    with pytest.raises(WebhookHeaderError, match="webhook-signature is malformed"):
        verifier().verify(with_signatures(*entries), BODY)


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]])
@pytest.mark.parametrize("entries", [(RIGHT, WRONG, WRONG), (WRONG, WRONG, RIGHT), (WRONG,) * 3])
def test_every_secret_is_compared_with_every_signature(
    secrets: list[str], entries: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def counted(ours: str, theirs: str) -> bool:
        compared.append((ours, theirs))
        return hmac.compare_digest(ours, theirs)

    monkeypatch.setattr(verification, "compare_digest", counted)
    is_valid = validate_webhook(
        headers=with_signatures(*entries), body=BODY, secret=secrets, tolerance=math.inf
    )

    assert is_valid == (RIGHT in entries)
    assert len(compared) == len(secrets) * len(entries)


@pytest.mark.parametrize(
    "stamp", ["now", "-1", "+1", " 1749452742", "1_749_452_742", "1.5", "1e9", "9" * 21, "9" * 9999]
)
def test_a_timestamp_that_is_not_a_number_is_malformed(stamp: str) -> None:
    with pytest.raises(WebhookHeaderError, match="webhook-timestamp is malformed"):
        verifier().verify(signed(timestamp=stamp), BODY)


def test_a_very_long_header_is_malformed_without_being_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(verification, "compare_digest")
    for entries in ((WRONG,) * 100_000, ("v1," + "," * 1_000_000,) * 33):
        with pytest.raises(WebhookHeaderError, match="more than 32"):
            verifier().verify(with_signatures(*entries), BODY)


def test_a_secret_is_accepted_in_its_usual_forms() -> None:
    padded = OTHER_SECRET
    for secret in (padded, padded.removeprefix("whsec_"), padded.rstrip("="), f" {padded}\n"):
        verifier(secret).verify(signed(secret=padded), BODY)


@pytest.mark.parametrize(
    "secret",
    [
        *("", "whsec_", " ", "whsec_!", "whsec_abcde", "whsec_ab-_", "whsec_whsec_abcd", "whsec_é"),
        *("whsec_ab cd", "whsec_====", "r8_token", "whsec_\ud800", "whsec_ab=cd"),
        *(None, 3, b"whsec_abcd", WebhookSecret(), [], [SECRET, ""], [SECRET, None], ()),
    ],
)
def test_an_invalid_secret_is_rejected_with_advice(secret: Any) -> None:
    with pytest.raises(
        WebhookSecretError, match=r"whsec_ followed by base64.*default\.secret\.get"
    ):
        WebhookVerifier(secret)
    with pytest.raises(WebhookSecretError):
        validate_webhook(headers=signed(), body=BODY, secret=secret)


def shown(error: BaseException | None) -> str:
    """All that a traceback or a log of an error could show."""
    if error is None:
        return ""
    lines = traceback.format_exception(error, chain=True)
    own = [repr(error), str(error), repr(vars(error)), *lines]
    return "\n".join([*own, shown(error.__cause__), shown(error.__context__)])


@pytest.mark.parametrize("tail", ["!", "é", "\ud800", "=a", "_", "a"])
def test_no_error_shows_a_secret(tail: str) -> None:
    hidden = SECRET.removeprefix("whsec_")
    for check in (
        lambda: WebhookVerifier(SECRET + tail),
        lambda: WebhookVerifier([SECRET, SECRET + tail]),
        lambda: verifier().verify(signed(), b"{}"),
        lambda: verifier(now=0).verify(signed(), BODY),
        lambda: verifier().verify({}, BODY),
        lambda: pickle.dumps(verifier()),
    ):
        with pytest.raises((WebhookError, TypeError)) as caught:
            check()
        assert hidden not in shown(caught.value).replace("\\", "")


def test_neither_repr_nor_pickle_nor_copy_has_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    check = verifier([SECRET, OTHER_SECRET])
    with caplog.at_level(logging.DEBUG):
        check.verify(signed(), BODY)

    assert repr(check) == "WebhookVerifier(<2 hidden>, tolerance=300)"
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="create one in each process"):
            write(check)
    assert caplog.text == ""


def test_unwrap_returns_the_requested_class() -> None:
    prediction = verifier().unwrap(signed(), BODY)
    assert type(prediction) is Prediction
    assert prediction.to_dict() == RUN

    training = verifier().unwrap(signed(), bytearray(BODY), as_=Training)
    assert type(training) is Training
    assert training.id == RUN["id"]


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", '"run"', "1", "{", "{}{}", "NaN", "[" * 100_000, "1" * 10_000, "\ud800"],
)
def test_a_signed_body_that_is_not_an_object_is_an_error(body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    with pytest.raises(WebhookBodyError, match="not a JSON object"):
        verifier().unwrap(signed(raw), raw)


def test_unwrap_reads_nothing_that_is_not_verified() -> None:
    with pytest.raises(WebhookSignatureError):
        verifier().unwrap(signed(), b"no JSON")


def test_every_webhook_error_is_a_webhook_error() -> None:
    for kind in (WebhookHeaderError, WebhookTimestampError, WebhookSignatureError):
        assert issubclass(kind, WebhookError)
    assert issubclass(WebhookError, ReplicateError)
