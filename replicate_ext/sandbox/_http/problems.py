"""Error responses with the bodies of the real API.

Where the real body is not known (malformed JSON, an invalid `Cancel-After`), the sandbox uses a
similar body with its own text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from replicate_ext.sandbox._http.responses import APIResponse

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """An error response; routes raise it.

    Args:
        status: HTTP status code.
        body: JSON body.
        media_type: content type of the body. Default: `application/problem+json`.
    """

    def __init__(
        self, status: int, body: Mapping[str, object], *, media_type: str = PROBLEM_JSON
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.media_type = media_type

    def response(self) -> Response:
        """Return the HTTP response."""
        return APIResponse(self.body, self.status, media_type=self.media_type)


async def problem_response(_request: Request, error: Exception) -> Response:
    """Return the response for a raised `Problem`; an exception handler for Starlette."""
    if not isinstance(error, Problem):
        raise error
    return error.response()


@dataclass(frozen=True, slots=True)
class InvalidField:
    """One entry of `invalid_fields`.

    Args:
        type: kind of error, as the gojsonschema library names it.
        field: path from the root of the body, joined by dots; "" for the root.
        description: error message.
    """

    type: str
    field: str
    description: str


def unauthenticated(*, token_given: bool) -> Problem:
    """401: the token is missing or unknown."""
    token = "a valid authentication token" if token_given else "an authentication token"
    detail = f"You did not pass {token}"
    return Problem(401, {"title": "Unauthenticated", "detail": detail, "status": 401})


def insufficient_credit() -> Problem:
    """402: the account has no credit left."""
    detail = (
        "You have insufficient credit to run this model. Go to "
        "https://replicate.com/account/billing#billing to purchase credit. Once you purchase "
        "credit, please wait a few minutes before trying again."
    )
    return Problem(402, {"title": "Insufficient credit", "detail": detail, "status": 402})


def throttled(seconds: int | None, *, in_body: bool = False) -> Problem:
    """429: too many requests.

    Args:
        seconds: seconds until the limit resets, or None to leave them out.
        in_body: whether the body has them in `retry_after` as well as in the text.
    """
    detail = "Request was throttled."
    if seconds is not None:
        detail += (
            " Your rate limit for creating predictions is reduced to 6 requests per minute with a "
            "burst of 1 requests while you have less than $5.0 in credit. "
            f"Your rate limit resets in ~{seconds}s."
        )
    retry_after = {"retry_after": seconds} if in_body else {}
    return Problem(429, {"detail": detail, "status": 429, **retry_after})


def unexplained(status: int, detail: str) -> Problem:
    """An error whose real body is not known."""
    return Problem(status, {"detail": detail, "status": status})


def not_found(detail: str = "The requested resource could not be found.") -> Problem:
    """404: most endpoints respond with this body."""
    return Problem(404, {"detail": detail, "status": 404})


def missing(detail: str = "Not found.") -> Problem:
    """404 with `application/json`, as for a missing version or README, or an invalid cursor."""
    return Problem(404, {"detail": detail}, media_type="application/json")


def file_not_found() -> Problem:
    """404: the file does not exist."""
    return Problem(404, {"detail": "File not found"})


def method_not_allowed(method: str) -> Problem:
    """405: the path does not support the method."""
    detail = f'Method "{method}" not allowed.'
    return Problem(405, {"detail": detail}, media_type="application/json")


def malformed(detail: str) -> Problem:
    """400: a body or header that cannot be parsed."""
    return Problem(400, {"detail": detail, "status": 400})


def invalid_version() -> Problem:
    """422: the version does not exist, or the account may not use it."""
    return Problem(
        422,
        {
            "title": "Invalid version or not permitted",
            "detail": (
                "The specified version does not exist "
                "(or perhaps you don't have permission to use it?)"
            ),
            "status": 422,
        },
    )


def invalid_input(fields: Sequence[InvalidField]) -> Problem:
    """422: the input or body does not match its schema.

    Args:
        fields: all violations, in the order of the response.
    """
    lines = [
        f"- {field.field}: {field.description}\n" if field.field else f"- {field.description}\n"
        for field in fields
    ]
    return Problem(
        422,
        {
            "detail": "".join(lines),
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [asdict(field) for field in fields],
        },
    )


def validation_failed(errors: Mapping[str, str]) -> Problem:
    """400: invalid values for a model or deployment.

    Args:
        errors: message for each invalid field of the body.
    """
    lines = "\n".join(f"- {name}: {detail}" for name, detail in errors.items())
    return Problem(
        400,
        {
            "status": 400,
            "title": "Validation failed",
            "detail": f"The following errors occurred:\n{lines}",
            "errors": [
                {"pointer": f"/{name}", "detail": detail} for name, detail in errors.items()
            ],
        },
    )


def not_allowed(detail: str) -> Problem:
    """403: the resource exists, but the operation is not allowed; the real body is not known."""
    return unexplained(403, detail)


def bad_query(detail: str) -> Problem:
    """400: a search without a query."""
    return Problem(400, {"detail": detail}, media_type="application/json")


def unknown_destination() -> Problem:
    """404: the destination of a training does not exist."""
    return not_found("The specified training destination does not exist")


def not_trainable() -> Problem:
    """400: the version cannot be trained; the real text is not known."""
    return unexplained(400, "The specified version does not support training")


def version_twice(path: str) -> Problem:
    """404: the base URL of the client ends in `/v1`, and the client adds `/v1` itself."""
    return not_found(
        f"The requested resource could not be found: {path} has /v1 twice. The client adds /v1 to "
        "its base URL: remove it there (for the official client 1.x, from REPLICATE_BASE_URL)."
    )


def body_too_large(max_size: int) -> Problem:
    """413: a body larger than the limit.

    Args:
        max_size: the limit in bytes.
    """
    return unexplained(413, f"The request body must not be larger than {max_size} bytes")


def file_too_large() -> Problem:
    """413: a file larger than the limit for uploads."""
    detail = "Files must be less than 100MB in size"
    return Problem(413, {"detail": detail})
