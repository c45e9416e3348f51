"""Every exception that this package raises.

    ReplicateError
    ├── APIError                      a request failed; status, detail, invalid_fields, response
    │   ├── AuthenticationError       401: the API token is missing or invalid
    │   ├── PaymentRequiredError      402: the account has no credit left
    │   ├── NotFoundError             404
    │   ├── ValidationError           422, or 400 with fields; see invalid_fields
    │   ├── RateLimitError            429: too many requests; see retry_after
    │   ├── ServerError               5xx
    │   ├── APIConnectionError        no response was received
    │   │   └── APITimeoutError       no response was received in time (also a TimeoutError)
    │   ├── InvalidResponseError      a successful response that is not the expected JSON
    │   └── OutcomeUnknownError       a create was sent and may have succeeded
    ├── MissingTokenError             no API token is set
    ├── InvalidTokenError             the API token is malformed (also a ValueError)
    ├── PredictionError               a run did not succeed; see prediction
    │   ├── PredictionFailed
    │   ├── PredictionCanceled
    │   ├── PredictionAborted         the run was ended before it started
    │   └── PredictionTimeout         the deadline passed first (also a TimeoutError)
    ├── StreamError                   a stream is not a valid event stream
    │   └── StreamInterrupted         a stream ended early and could not be resumed; see text
    ├── PaginationError               the link to a list's next page cannot be followed
    ├── WebhookError                  a webhook delivery could not be verified
    │   ├── WebhookSecretError        the secret is missing or malformed
    │   ├── WebhookHeaderError        a header is missing, repeated or malformed
    │   ├── WebhookTimestampError     the delivery is too old, or its time is in the future
    │   ├── WebhookSignatureError     no signature matches
    │   └── WebhookBodyError          the body is missing, is not text, or is not a JSON object
    ├── InvalidReferenceError         not a valid model reference (also a ValueError)
    └── InvalidInputError             an argument or an input is invalid (also a ValueError)

The API token and webhook secrets appear in no message, repr or pickle of an error. The token is
removed from the request, and replaced in a response that repeats it.
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
    """Base class of every error of this package."""


_MOST_FIELDS = 20
"""Number of invalid fields that a message lists."""


def _listed(message: str, fields: tuple[InvalidField, ...]) -> str:
    lines = [f"  {brief(f'{one.field}: {one.description}')}" for one in fields[:_MOST_FIELDS]]
    if len(fields) > _MOST_FIELDS:
        lines.append(f"  and {len(fields) - _MOST_FIELDS} more: see invalid_fields")
    return "\n".join([message, *lines])


class APIError(ReplicateError):
    """A request failed.

    Args:
        message: What happened, and what to do.
        request: The request, without the token.
        response: The response; None if none was received.
    """

    is_transient: bool = False
    """Whether the failure may be temporary, so that a later request can succeed."""

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
        return _listed(f"{self.request.method} {path}: {self.message}", self.invalid_fields)

    def __reduce__(self) -> tuple[type[APIError], tuple[Any, ...]]:
        return type(self), (self.message, self.request, self.response)

    @property
    def status(self) -> int | None:
        """Status code of the response; None if no response was received."""
        return None if self.response is None else self.response.status_code

    @property
    def title(self) -> str | None:
        """Title of the problem, as the API sent it; None if it sent no title."""
        return text_or_none(self._problem.get("title"))

    @property
    def detail(self) -> str | None:
        """Description of the problem, as the API sent it; None if it sent none."""
        return text_or_none(self._problem.get("detail"))

    @property
    def body(self) -> bytes:
        """Body of the response as bytes; empty if no response was received."""
        return b"" if self.response is None else self.response.content

    @property
    def invalid_fields(self) -> tuple[InvalidField, ...]:
        """Fields that the API rejected; empty if it named none."""
        return invalid_fields(self._problem)

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait before the next attempt; None if the API does not say."""
        return None if self.response is None else retry_after(self.response)


class AuthenticationError(APIError):
    """401: the API token is missing or invalid."""


class PaymentRequiredError(APIError):
    """402: the account has no credit left."""


class NotFoundError(APIError):
    """404: the resource does not exist, or the token has no access to it."""


class ValidationError(APIError):
    """422, or 400 with fields: the request is invalid; ``invalid_fields`` has the details."""


class RateLimitError(APIError):
    """429: too many requests, even after retries; ``retry_after`` has the seconds to wait."""


class ServerError(APIError):
    """5xx: the API failed to handle the request."""


class APIConnectionError(APIError):
    """No response was received."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No response was received in time."""


class InvalidResponseError(APIError):
    """A successful response is not the JSON that the API sends."""

    is_transient = True  # most of these are temporary responses of a proxy


class OutcomeUnknownError(APIError):
    """A request that must not be repeated was sent and may have succeeded.

    It was not retried, because a second run would be billed too. Check
    ``client.predictions.list()`` before you send it again.
    """


class MissingTokenError(ReplicateError):
    """No API token is set."""

    def __init__(self) -> None:
        super().__init__(
            "No API token is set. Set the environment variable REPLICATE_API_TOKEN or pass "
            "api_token=...; create a token at https://replicate.com/account/api-tokens"
        )

    def __reduce__(self) -> tuple[type[MissingTokenError], tuple[()]]:
        return type(self), ()


class InvalidTokenError(ReplicateError, ValueError):
    """The API token is malformed; the message does not show it."""


class PredictionError(ReplicateError):
    """A run did not succeed.

    Args:
        prediction: The prediction or training, in its last known state.
        message: What happened.
    """

    def __init__(self, prediction: Prediction | Training, message: str) -> None:
        super().__init__(prediction, message)
        self.prediction = prediction
        self.message = message

    def __str__(self) -> str:
        return self.message


class PredictionFailed(PredictionError):
    """The model failed; ``prediction.error`` has the reason."""


class PredictionCanceled(PredictionError):
    """The run was canceled."""


class PredictionAborted(PredictionError):
    """The run was ended before it started, because its ``Cancel-After`` time had passed."""


class PredictionTimeout(PredictionError, TimeoutError):
    """The deadline of the call (``timeout=``) passed before the run ended."""


class StreamError(ReplicateError):
    """A stream is not a valid event stream, or one of its events is too large."""


class StreamInterrupted(StreamError):
    """A stream ended early and could not be resumed.

    Args:
        message: What happened.
        text: The text that was received; only its end if it has more than 128 kB.
        prediction: The prediction in its last known state; None if it is not known.
    """

    def __init__(self, message: str, text: str, prediction: Prediction | None) -> None:
        super().__init__(message, text, prediction)
        self.message = message
        self.text = text
        self.prediction = prediction

    def __str__(self) -> str:
        return self.message


class PaginationError(ReplicateError):
    """The link to a list's next page leads to another host, or to a page that was already read."""


class WebhookError(ReplicateError):
    """A webhook delivery could not be verified; do not trust it."""


class WebhookSecretError(WebhookError):
    """The webhook secret is missing or malformed."""


class WebhookHeaderError(WebhookError):
    """A header of the webhook delivery is missing, repeated or malformed."""


class WebhookTimestampError(WebhookError):
    """The webhook delivery is too old, or its time is in the future."""


class WebhookSignatureError(WebhookError):
    """No signature of the webhook delivery matches its body and the secret."""


class WebhookBodyError(WebhookError):
    """The body of the webhook delivery is missing, is not text, or is not a JSON object."""


class InvalidReferenceError(ReplicateError, ValueError):
    """The reference to a model, version or deployment is invalid."""


class InvalidInputError(ReplicateError, ValueError):
    """An argument, or an input of a model, is invalid; nothing was sent.

    Args:
        message: What is invalid, and what to do.
        invalid_fields: The inputs that do not match the model's schema, if they were checked.
    """

    def __init__(self, message: str, invalid_fields: tuple[InvalidField, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.invalid_fields = invalid_fields

    def __str__(self) -> str:
        return _listed(self.message, self.invalid_fields)

    def __reduce__(self) -> tuple[type[InvalidInputError], tuple[Any, ...]]:
        return type(self), (self.message, self.invalid_fields)
