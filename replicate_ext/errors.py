"""Every exception that this package raises.

    ReplicateError
    ├── APIError                      a request failed; status, detail, invalid_fields, response
    │   ├── AuthenticationError       401: the token is missing or not valid
    │   ├── PaymentRequiredError      402: the account has no credit left
    │   ├── NotFoundError             404
    │   ├── ValidationError           422, or 400 with fields: it does not fit; see invalid_fields
    │   ├── RateLimitError            429: too many requests; see retry_after
    │   ├── ServerError               5xx
    │   ├── APIConnectionError        no answer came
    │   │   └── APITimeoutError       no answer came in time (also a TimeoutError)
    │   ├── InvalidResponseError      a success that is not the API's JSON
    │   └── OutcomeUnknownError       a create was sent, and whether it was taken is not known
    ├── MissingTokenError             there is no API token
    ├── InvalidTokenError             a token that cannot be right (also a ValueError)
    ├── PredictionError               a run ended without success; prediction
    │   ├── PredictionFailed
    │   ├── PredictionCanceled
    │   ├── PredictionAborted         it was ended before it started
    │   └── PredictionTimeout         the caller's deadline passed (also a TimeoutError)
    ├── StreamError                   a stream is not what streams are
    │   └── StreamInterrupted         it ended early and could not go on; text, prediction
    ├── PaginationError               a list's next page is no page of the list
    ├── WebhookError                  a delivery that cannot be verified, or is not to be trusted
    │   ├── WebhookSecretError        a secret is missing or malformed
    │   ├── WebhookHeaderError        a header is missing, repeated or malformed
    │   ├── WebhookTimestampError     it was sent too long ago, or later than now
    │   ├── WebhookSignatureError     no signature is right
    │   └── WebhookBodyError          the body is missing, no text, or no JSON object
    ├── InvalidReferenceError         no reference to a model (also a ValueError)
    └── InvalidInputError             an input that cannot be sent (also a ValueError)

No message, repr or pickle of an error has the token: it is taken off the request, and hidden in a
response that repeats it. Nor has one a webhook's secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext._messages import brief
from replicate_ext._problem import (
    InvalidField,
    invalid_fields,
    read_problem,
    retry_after,
    text_or_none,
)
from replicate_ext._redaction import redacted, redacted_text, take_tokens_off, tokens_of

if TYPE_CHECKING:
    import httpx
    from replicate_api.models import Prediction, Training

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AuthenticationError",
    "InvalidField",
    "InvalidInputError",
    "InvalidReferenceError",
    "InvalidResponseError",
    "InvalidTokenError",
    "MissingTokenError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PaginationError",
    "PaymentRequiredError",
    "PredictionAborted",
    "PredictionCanceled",
    "PredictionError",
    "PredictionFailed",
    "PredictionTimeout",
    "RateLimitError",
    "ReplicateError",
    "ServerError",
    "StreamError",
    "StreamInterrupted",
    "ValidationError",
    "WebhookBodyError",
    "WebhookError",
    "WebhookHeaderError",
    "WebhookSecretError",
    "WebhookSignatureError",
    "WebhookTimestampError",
]


class ReplicateError(Exception):
    """Anything that went wrong here or at the API."""


_MOST_FIELDS = 20


class APIError(ReplicateError):
    """A request failed.

    Args:
        message: What happened, and what to do.
        request: What was sent, without the token.
        response: What came back; None where nothing did.
    """

    is_transient: bool = False
    """Whether the failure may pass by itself, so that a later request can succeed."""

    def __init__(
        self, message: str, request: httpx.Request, response: httpx.Response | None = None
    ) -> None:
        tokens = tokens_of(request, response)
        message = redacted_text(message, tokens)
        super().__init__(message)
        self.message = message
        self.request = request
        self.response: httpx.Response | None = (
            None if response is None else redacted(response, tokens)
        )
        take_tokens_off(request, self.response)
        del tokens  # tools that print tracebacks show a frame's locals
        self._problem = {} if self.response is None else read_problem(self.response.content)

    def __str__(self) -> str:
        path = brief(self.request.url.path, 200)
        lines = [f"{self.request.method} {path}: {self.message}"]
        fields = self.invalid_fields
        lines += [f"  {brief(f'{one.field}: {one.description}')}" for one in fields[:_MOST_FIELDS]]
        if len(fields) > _MOST_FIELDS:
            lines.append(f"  and {len(fields) - _MOST_FIELDS} more: see invalid_fields")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[APIError], tuple[Any, ...]]:
        return type(self), (self.message, self.request, self.response)

    @property
    def status(self) -> int | None:
        """The status of the answer; None where none came."""
        return None if self.response is None else self.response.status_code

    @property
    def title(self) -> str | None:
        """The problem's title in the API's words."""
        return text_or_none(self._problem.get("title"))

    @property
    def detail(self) -> str | None:
        """The problem in the API's words."""
        return text_or_none(self._problem.get("detail"))

    @property
    def body(self) -> bytes:
        """The answer as it came."""
        return b"" if self.response is None else self.response.content

    @property
    def invalid_fields(self) -> tuple[InvalidField, ...]:
        """The fields that the API refused; empty where it named none."""
        return invalid_fields(self._problem)

    @property
    def retry_after(self) -> float | None:
        """How many seconds the API asks to wait before the next try; None where it does not say."""
        return None if self.response is None else retry_after(self.response)


class AuthenticationError(APIError):
    """401: the token is missing or not valid."""


class PaymentRequiredError(APIError):
    """402: the account has no credit left."""


class NotFoundError(APIError):
    """404: what was asked for does not exist, or the token may not see it."""


class ValidationError(APIError):
    """422, or 400 with fields: what was sent does not fit; ``invalid_fields`` has the details."""


class RateLimitError(APIError):
    """429: too many requests, also after waiting; ``retry_after`` has the seconds to wait."""


class ServerError(APIError):
    """5xx: the API failed."""


class APIConnectionError(APIError):
    """No answer came."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No answer came in time."""


class InvalidResponseError(APIError):
    """The status says success, but the answer is not the API's JSON."""

    is_transient = True  # most come from a proxy that is in the way for a moment


class OutcomeUnknownError(APIError):
    """A create was sent, but whether the API took it is not known.

    It was not sent again, as that could start, and bill, a second run. Look at
    ``client.predictions.list()`` before repeating it.
    """


class MissingTokenError(ReplicateError):
    """There is no API token."""

    def __init__(self) -> None:
        super().__init__(
            "There is no API token. Set the environment variable REPLICATE_API_TOKEN or pass "
            "api_token=...; tokens are made at https://replicate.com/account/api-tokens"
        )

    def __reduce__(self) -> tuple[type[MissingTokenError], tuple[()]]:
        return type(self), ()


class InvalidTokenError(ReplicateError, ValueError):
    """A token that no header can have, or that plainly is no token; it is not quoted."""


class PredictionError(ReplicateError):
    """A run ended without success.

    Args:
        prediction: The prediction or training as it was last seen.
        message: What happened.
    """

    def __init__(self, prediction: Prediction | Training, message: str) -> None:
        super().__init__(prediction, message)
        self.prediction = prediction
        self.message = message

    def __str__(self) -> str:
        return self.message


class PredictionFailed(PredictionError):
    """The model failed; ``prediction.error`` says why."""


class PredictionCanceled(PredictionError):
    """The run was canceled."""


class PredictionAborted(PredictionError):
    """The run was ended before it started: its deadline had passed."""


class PredictionTimeout(PredictionError, TimeoutError):
    """The caller's deadline passed before the run ended."""


class StreamError(ReplicateError):
    """A stream is not what streams of events are."""


class StreamInterrupted(StreamError):
    """A stream ended early, and what is missing could not be had in another way.

    Args:
        message: What happened.
        text: The text that was given.
        prediction: The prediction as it was last seen, None where it is not known.
    """

    def __init__(self, message: str, text: str, prediction: Prediction | None) -> None:
        super().__init__(message, text, prediction)
        self.message = message
        self.text = text
        self.prediction = prediction

    def __str__(self) -> str:
        return self.message


class PaginationError(ReplicateError):
    """The link to a list's next page leads to another host, or in circles."""


class WebhookError(ReplicateError):
    """A webhook's delivery cannot be verified, or is not to be trusted."""


class WebhookSecretError(WebhookError):
    """There is no secret, or one that is malformed."""


class WebhookHeaderError(WebhookError):
    """A header of the delivery is missing, repeated or malformed."""


class WebhookTimestampError(WebhookError):
    """The delivery was sent too long ago, or later than now."""


class WebhookSignatureError(WebhookError):
    """No signature of the delivery is right."""


class WebhookBodyError(WebhookError):
    """The delivery's body is missing, no text, or no JSON object."""


class InvalidReferenceError(ReplicateError, ValueError):
    """A text that refers to no model, version or deployment."""


class InvalidInputError(ReplicateError, ValueError):
    """An input that cannot be sent."""
