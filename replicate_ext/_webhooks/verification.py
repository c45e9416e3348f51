"""Webhooks: whether a delivery comes from Replicate, and what it says. No I/O.

Deliveries are signed as https://replicate.com/docs/topics/webhooks/verify-webhook has it.
"""

from __future__ import annotations

import json
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from datetime import timedelta
from hmac import compare_digest, digest
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, overload

from replicate_ext._status import TERMINAL
from replicate_ext._webhooks.delivery import (
    ID,
    RAW_BODY_ADVICE,
    SIGNATURE,
    TIMESTAMP,
    body_of,
    headers_of,
    raw_body,
    signed_headers,
)
from replicate_ext.errors import (
    WebhookBodyError,
    WebhookHeaderError,
    WebhookSecretError,
    WebhookSignatureError,
    WebhookTimestampError,
)

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training, WebhookSecret

    from replicate_ext._webhooks.delivery import Body, Headers, Request

Run = TypeVar("Run", "Prediction", "Training")
Secret: TypeAlias = "str | WebhookSecret"  # noqa: S105 - a type

_TOLERANCE = timedelta(minutes=5)
_MAX_SIGNATURES = 32
"""Entries of one signature header. A sender has one for each of its few secrets."""
_MAX_DIGITS = 20
"""Of a timestamp; with thousands of them ``int`` takes long, or refuses."""

_HOW_SECRETS_LOOK = (
    "expected whsec_ and base64, as GET /webhooks/default/secret returns it "
    "(client.webhooks.default.secret.get())"
)


class WebhookVerifier:
    """Checks that deliveries come from Replicate, and reads them.

    What is sent again while it is fresh passes again: keep the ``webhook-id`` of what was handled
    where handling it twice would do harm. A verifier can be shared between threads. It does not
    pickle, as that would write its secrets down.

    Args:
        secrets: The secret that signs webhooks, ``whsec_`` and base64, or the object that
            ``client.webhooks.default.secret.get()`` returns; several while they are rotated.
        tolerance: How far from now a delivery's time may be, before or after: seconds or a
            timedelta, by default 5 minutes. Exactly that far passes; ``math.inf`` lets any pass.
        clock: Returns the Unix time in seconds.

    Raises:
        WebhookSecretError: There is no secret, or one that is malformed.
        ValueError: The tolerance is negative.
    """

    __slots__ = ("_clock", "_keys", "_tolerance")

    def __init__(
        self,
        secrets: Secret | Iterable[Secret],
        tolerance: float | timedelta = _TOLERANCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if isinstance(secrets, str | bytes) or not isinstance(secrets, Iterable):
            secrets = (secrets,)
        if isinstance(tolerance, timedelta):
            tolerance = tolerance.total_seconds()
        if not tolerance >= 0:
            raise ValueError(f"tolerance is {tolerance!r}: expected a number of seconds from 0 on")
        self._keys = tuple(_key(secret) for secret in secrets)
        if not self._keys:
            raise WebhookSecretError(f"There is no webhook secret: {_HOW_SECRETS_LOOK}")
        self._tolerance = tolerance
        self._clock = clock

    def __repr__(self) -> str:
        return f"WebhookVerifier(<{len(self._keys)} hidden>, tolerance={self._tolerance:g})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "A WebhookVerifier is not pickled, as it holds secrets: make one in each process"
        )

    def verify(self, headers: Headers, body: Body) -> None:
        """Raise unless a delivery comes from Replicate.

        Args:
            headers: The request's headers in any form: a mapping in any case, a framework's own,
                pairs, a WSGI environ, an ASGI scope; names and values are text or bytes.
            body: The request's body as it came; text stands for its UTF-8.

        Raises:
            WebhookHeaderError: A header is missing, repeated or malformed. There may be up to 32
                signatures in theirs.
            WebhookTimestampError: It was sent too long ago, or later than now.
            WebhookSignatureError: No signature is right.
            WebhookBodyError: The body is text that has no UTF-8.
            TypeError: The body was parsed already, or the headers are none.
        """
        raw = raw_body(body)
        message_id, timestamp, signatures = signed_headers(headers)
        self._check_time(timestamp)
        candidates = _candidates(signatures)
        signed = f"{message_id}.{timestamp}.".encode() + raw
        is_right = False
        # All are compared: the time it takes must not say which one was right, or how far.
        for key in self._keys:
            expected = b2a_base64(digest(key, signed, "sha256"), newline=False).decode()
            for candidate in candidates:
                is_right |= compare_digest(expected, candidate)
        if not is_right:
            raise WebhookSignatureError(
                f"No signature fits this body of {len(raw)} bytes and the secret. Use the secret "
                f"of the account that the run belongs to; {RAW_BODY_ADVICE}"
            )

    @overload
    def unwrap(self, headers: Headers, body: Body) -> Prediction: ...
    @overload
    def unwrap(self, headers: Headers, body: Body, *, as_: type[Run]) -> Run: ...
    def unwrap(
        self, headers: Headers, body: Body, *, as_: type[Run] | None = None
    ) -> Run | Prediction:
        """Return the run that a delivery is about, if it comes from Replicate.

        Args:
            headers: As ``verify`` takes them.
            body: As ``verify`` takes it.
            as_: The class of the run: Prediction, if nothing is said, or Training.

        Raises:
            WebhookError: As in ``verify``; also a WebhookBodyError if the body is no JSON object.
            TypeError: As in ``verify``.
        """
        raw = raw_body(body)
        self.verify(headers, raw)
        source = _parsed(raw)
        if as_ is not None:
            return as_.from_dict(source)
        # Imported late: who only verifies needs neither attrs nor httpx.
        from replicate_api.models import Prediction

        return Prediction.from_dict(source)

    def _check_time(self, timestamp: str) -> None:
        # Not what int takes beyond digits, which are ASCII here: signs, spaces, underscores.
        if not timestamp.isdigit() or len(timestamp) > _MAX_DIGITS:
            raise WebhookHeaderError(
                f"The header {TIMESTAMP} is malformed: expected Unix time in whole seconds"
            )
        age = self._clock() - int(timestamp)
        if abs(age) <= self._tolerance:
            return
        when = f"{age:.1f} s ago" if age > 0 else f"{-age:.1f} s from now"
        raise WebhookTimestampError(
            f"The delivery says that it was sent {when}, which is "
            f"{abs(age) - self._tolerance:.1f} s beyond the tolerance: it may be an old one "
            "sent again by somebody else, or this machine's clock is wrong"
        )


@overload
def validate_webhook(
    request: Request,
    secret: Secret | Iterable[Secret],
    *,
    body: Body | None = None,
    tolerance: float | timedelta = _TOLERANCE,
) -> bool: ...
@overload
def validate_webhook(
    *,
    secret: Secret | Iterable[Secret],
    headers: Headers,
    body: Body,
    tolerance: float | timedelta = _TOLERANCE,
) -> bool: ...
@overload
def validate_webhook(
    *,
    secret: Secret | Iterable[Secret],
    id: str,
    timestamp: str | int,
    signature: str,
    body: Body,
    tolerance: float | timedelta = _TOLERANCE,
) -> bool: ...
def validate_webhook(
    request: Request | None = None,
    secret: Secret | Iterable[Secret] = (),
    *,
    headers: Headers | None = None,
    id: str | None = None,
    timestamp: str | int | None = None,
    signature: str | None = None,
    body: Body | None = None,
    tolerance: float | timedelta = _TOLERANCE,
) -> bool:
    """Say whether a delivery comes from Replicate and is fresh.

    Args:
        request: What has ``headers`` and a body that can be read without waiting, like the
            requests of Flask, Django and httpx. From others (Starlette, FastAPI, aiohttp) read
            the body first, and pass it too.
        secret: As WebhookVerifier takes it, one or several.
        headers: In place of a request's: as WebhookVerifier.verify takes them.
        id: In place of headers: the value of ``webhook-id``.
        timestamp: In place of headers: the value of ``webhook-timestamp``.
        signature: In place of headers: the value of ``webhook-signature``.
        body: In place of a request's: the body as it came.
        tolerance: As WebhookVerifier takes it.

    Raises:
        WebhookHeaderError: A header is missing, repeated or malformed.
        WebhookBodyError: There is no body, or it is text that has no UTF-8.
        WebhookSecretError: There is no secret, or one that is malformed.
        TypeError: The body was parsed already, or there is nothing that has headers.
        ValueError: The tolerance is negative.
    """
    verifier = WebhookVerifier(secret, tolerance)
    if request is not None:
        headers = headers_of(request) if headers is None else headers
        body = body_of(request) if body is None else body
    elif headers is None:
        stamp = None if timestamp is None else str(timestamp)
        values = {ID: id, TIMESTAMP: stamp, SIGNATURE: signature}
        headers = {name: value for name, value in values.items() if value is not None}
    if body is None:
        raise WebhookBodyError(f"There is no body: {RAW_BODY_ADVICE}")
    try:
        verifier.verify(headers, body)
    except (WebhookSignatureError, WebhookTimestampError):
        return False
    return True


def is_newer(a: Prediction | Training, b: Prediction | Training) -> bool:
    """Say whether a is a later state of the same run than b, for deliveries come in any order.

    The first of these that differs decides: an ended run is later than one that goes on; one at
    work (``processing``, or with ``started_at``) is later than one that is not; one with
    ``completed_at`` is later than one without; longer logs are later; then a larger output is
    (more characters, items or fields, or any instead of none). Where none differs, neither is
    newer. A status that is not known does not end a run.

    Args:
        a: What has just come.
        b: What is known so far.

    Raises:
        ValueError: Their ids differ.
    """
    if a.id != b.id:
        raise ValueError(f"{a.id} and {b.id} are different runs, and neither is newer")
    return _state(a) > _state(b)


def _state(run: Prediction | Training) -> tuple[bool, bool, bool, int, int]:
    # Imported late: whoever has a run has paid for what comes with it.
    is_at_work = run.status == "processing" or run.started_at is not None
    is_done = str(run.status) in TERMINAL
    # A run may end without having begun.
    return (
        is_done,
        is_done or is_at_work,
        run.completed_at is not None,
        _size(run.logs),
        _size(run.output),
    )


def _size(value: object) -> int:
    return 1 + len(value) if isinstance(value, str | list | dict) else int(value is not None)


def _key(secret: object) -> bytes:
    text = getattr(secret, "key", secret)
    encoded = text.strip().removeprefix("whsec_") if isinstance(text, str) else ""
    padding = "=" * (-len(encoded) % 4)
    try:
        key = a2b_base64(encoded + padding, strict_mode=True)
    except ValueError:  # which does not show what it is about
        key = b""
    if not key:
        raise WebhookSecretError(f"The webhook secret is malformed: {_HOW_SECRETS_LOOK}")
    return key


def _candidates(signatures: str) -> list[str]:
    entries = signatures.split(None, _MAX_SIGNATURES)
    if len(entries) > _MAX_SIGNATURES:
        raise WebhookHeaderError(
            f"The header {SIGNATURE} is malformed: it has more than {_MAX_SIGNATURES} signatures"
        )
    candidates = [entry[3:] for entry in entries if entry[:3] == "v1,"]
    if not candidates:
        raise WebhookHeaderError(
            f"The header {SIGNATURE} is malformed: none of its entries is v1, and base64"
        )
    return candidates


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        source = json.loads(raw)
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict):
        raise WebhookBodyError("The body is signed, but no JSON object: it is not about a run")
    return source
