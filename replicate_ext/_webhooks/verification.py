"""Verify webhook deliveries and read them. No I/O.

The signatures are described at https://replicate.com/docs/topics/webhooks/verify-webhook.
"""

from __future__ import annotations

import json
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from datetime import timedelta
from hmac import compare_digest, digest
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias, TypeVar, overload

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
BoundT = TypeVar("BoundT")
BoundT_co = TypeVar("BoundT_co", covariant=True)


class Binder(Protocol[BoundT_co]):
    """A client: ``Replicate`` or ``AsyncReplicate``."""

    def bind(self, run: Prediction) -> BoundT_co:
        """Return a run that is bound to the client."""
        ...


Secret: TypeAlias = "str | WebhookSecret"  # noqa: S105 - a type

_TOLERANCE = timedelta(minutes=5)
_MAX_SIGNATURES = 32
"""Maximum number of entries in a signature header; a sender adds one for each active secret."""
_MAX_DIGITS = 20
"""Maximum number of digits in a timestamp; ``int`` is slow with thousands of digits, or fails."""

_EXPECTED_FORM = (
    "expected whsec_ followed by base64, as client.webhooks.default.secret.get() returns it"
)


class WebhookVerifier:
    """Verify that webhook deliveries come from Replicate, and read them.

    A delivery that arrives twice is accepted twice. If handling it twice would do harm, store the
    ``webhook-id`` of each handled delivery. A verifier can be shared between threads. It cannot be
    pickled, because the pickle would contain the secrets.

    Example: ``prediction = WebhookVerifier(secret).unwrap(request.headers, body)``

    Args:
        secrets: The signing secret: ``whsec_`` followed by base64, or the object that
            ``client.webhooks.default.secret.get()`` returns. Several secrets during a rotation.
        tolerance: Maximum difference between the time of a delivery and now, in both directions:
            seconds or a timedelta. ``math.inf`` accepts any time. Default: 5 minutes.
        clock: Returns the Unix time in seconds. Default: ``time.time``.

    Raises:
        WebhookSecretError: A secret is malformed, or there is none.
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
            raise ValueError(f"tolerance must be a number of seconds, 0 or more, got {tolerance!r}")
        self._keys = tuple(_key(secret) for secret in secrets)
        if not self._keys:
            raise WebhookSecretError(f"No webhook secret was passed: {_EXPECTED_FORM}")
        self._tolerance = tolerance
        self._clock = clock

    def __repr__(self) -> str:
        return f"WebhookVerifier(<{len(self._keys)} hidden>, tolerance={self._tolerance:g})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "cannot pickle a WebhookVerifier, as it contains secrets: create one in each process"
        )

    def verify(self, headers: Headers, body: Body) -> None:
        """Raise an error unless a delivery comes from Replicate.

        Args:
            headers: The headers of the request: the headers object of a web framework, a mapping
                with names in any case, (name, value) pairs, a WSGI environ or an ASGI scope. Names
                and values are text or bytes.
            body: The raw body of the request; text is encoded as UTF-8.

        Raises:
            WebhookHeaderError: A header is missing, repeated or malformed, or there are more than
                32 signatures.
            WebhookTimestampError: The delivery is too old, or its time is in the future.
            WebhookSignatureError: No signature matches.
            WebhookBodyError: The body is text that cannot be encoded as UTF-8.
            TypeError: The body is not raw (for example, parsed JSON), or the headers are not a
                mapping or pairs.
        """
        raw = raw_body(body)
        message_id, timestamp, signatures = signed_headers(headers)
        self._check_time(timestamp)
        candidates = _candidates(signatures)
        signed = f"{message_id}.{timestamp}.".encode() + raw
        is_right = False
        # All are compared, so that the time does not reveal which signature matched, or how much.
        for key in self._keys:
            expected = b2a_base64(digest(key, signed, "sha256"), newline=False).decode()
            for candidate in candidates:
                is_right |= compare_digest(expected, candidate)
        if not is_right:
            raise WebhookSignatureError(
                f"Webhook signature mismatch (body of {len(raw)} bytes). Check that the secret "
                f"belongs to the account that created the run, and {RAW_BODY_ADVICE}"
            )

    @overload
    def unwrap(self, headers: Headers, body: Body) -> Prediction: ...
    @overload
    def unwrap(self, headers: Headers, body: Body, *, client: Binder[BoundT]) -> BoundT: ...
    @overload
    def unwrap(
        self, headers: Headers, body: Body, *, as_: type[Run], client: Binder[Any] | None = None
    ) -> Run: ...
    def unwrap(
        self,
        headers: Headers,
        body: Body,
        *,
        as_: type[Run] | None = None,
        client: Binder[Any] | None = None,
    ) -> Any:
        """Verify a delivery and return the run in its body.

        Args:
            headers: The headers of the request, as in ``verify``.
            body: The raw body of the request, as in ``verify``.
            as_: Class of the run: ``Prediction`` or ``Training``. Default: ``Prediction``.
            client: Client to bind the run to, so that its methods work and its files are
                FileOutput objects. Default: none.

        Raises:
            WebhookError: The delivery could not be verified, as in ``verify``, or the body is not
                a JSON object (WebhookBodyError).
            TypeError: As in ``verify``.
        """
        raw = raw_body(body)
        self.verify(headers, raw)
        source = _parsed(raw)
        if as_ is None:
            # Imported late: verifying alone needs neither attrs nor httpx.
            from replicate_api.models import Prediction

            run: Any = Prediction.from_dict(source)
        else:
            run = as_.from_dict(source)
        return run if client is None else client.bind(run)

    def _check_time(self, timestamp: str) -> None:
        # int would also accept signs, spaces and underscores.
        if not timestamp.isdigit() or len(timestamp) > _MAX_DIGITS:
            raise WebhookHeaderError(
                f"The header {TIMESTAMP} is malformed: expected the Unix time in whole seconds"
            )
        age = self._clock() - int(timestamp)
        if abs(age) <= self._tolerance:
            return
        when = f"{age:.1f} s ago" if age > 0 else f"{-age:.1f} s from now"
        raise WebhookTimestampError(
            f"The time of the delivery is {when}, outside the tolerance of {self._tolerance:g} s. "
            "Somebody may have sent an old delivery again, or the clock of this machine is wrong"
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
    """Return whether a delivery comes from Replicate and is fresh.

    Example: ``validate_webhook(request, secret)``

    Args:
        request: A request of Flask, Django or httpx. For a request of Starlette, FastAPI or
            aiohttp, read the body first and pass it as ``body``.
        secret: The signing secret, or several during a rotation, as in WebhookVerifier.
        headers: Headers, instead of a request; as in WebhookVerifier.verify.
        id: Value of ``webhook-id``, instead of headers.
        timestamp: Value of ``webhook-timestamp``, instead of headers.
        signature: Value of ``webhook-signature``, instead of headers.
        body: The raw body, if it is not read from the request.
        tolerance: Maximum difference between the time of the delivery and now, in seconds or as a
            timedelta. Default: 5 minutes.

    Raises:
        WebhookHeaderError: A header is missing, repeated or malformed.
        WebhookBodyError: There is no body, or it is text that cannot be encoded as UTF-8.
        WebhookSecretError: A secret is malformed, or there is none.
        TypeError: The body is not raw (for example, parsed JSON), or no headers were passed.
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
    """Return whether a is a later state of the same run than b; deliveries arrive in any order.

    The states are compared by these criteria, in this order; the first difference decides:

    1. An ended run is later than a run that goes on. An unknown status does not end a run.
    2. A started run (``processing``, or with ``started_at``) is later than one not started.
    3. A run with ``completed_at`` is later than one without.
    4. Longer logs are later.
    5. A larger output is later: more characters, items or fields, or any output instead of null.

    If there is no difference, neither is newer.

    Args:
        a: The state that has just arrived.
        b: The last known state.

    Raises:
        ValueError: The ids of the runs differ.
    """
    if a.id != b.id:
        raise ValueError(f"cannot compare {a.id} and {b.id}: they are different runs")
    return _state(a) > _state(b)


def _state(run: Prediction | Training) -> tuple[bool, bool, bool, int, int]:
    is_at_work = run.status == "processing" or run.started_at is not None
    is_done = str(run.status) in TERMINAL
    # A run may end without having started.
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
    except ValueError:  # the message would not help, and must not show the secret
        key = b""
    if not key:
        raise WebhookSecretError(f"The webhook secret is malformed: {_EXPECTED_FORM}")
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
            f"The header {SIGNATURE} is malformed: expected entries like v1,<base64>"
        )
    return candidates


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        source = json.loads(raw)
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict):
        raise WebhookBodyError("The signature is valid, but the body is not a JSON object")
    return source
