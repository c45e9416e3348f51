"""The errors the API answers with, in its own words.

Where no real answer is known (malformed JSON, a bad `Cancel-After`), the nearest known shape is
used with a text of our own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from replicate_ext.sandbox._http.responses import JSONAnswer

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """An error answer, raised anywhere below a route.

    Args:
        status: the HTTP status code.
        body: the JSON body.
        media_type: its content type.
    """

    def __init__(
        self, status: int, body: Mapping[str, object], *, media_type: str = PROBLEM_JSON
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.media_type = media_type

    def response(self) -> Response:
        """Make the HTTP response."""
        return JSONAnswer(self.body, self.status, media_type=self.media_type)


async def answer(_request: Request, error: Exception) -> Response:
    """Turn a raised `Problem` into its response, for Starlette's table of exception handlers."""
    if not isinstance(error, Problem):
        raise error
    return error.response()


@dataclass(frozen=True, slots=True)
class InvalidField:
    """One entry of `invalid_fields`.

    Args:
        type: the kind of error, in the words of the gojsonschema library.
        field: the path from the body's root, joined by dots; "" for the root.
        description: what is wrong, for people.
    """

    type: str
    field: str
    description: str


def unauthenticated(*, token_given: bool) -> Problem:
    """401: no token, or one that is not known."""
    token = "a valid authentication token" if token_given else "an authentication token"
    detail = f"You did not pass {token}"
    return Problem(401, {"title": "Unauthenticated", "detail": detail, "status": 401})


def insufficient_credit() -> Problem:
    """402: the account is empty."""
    detail = (
        "You have insufficient credit to run this model. Go to "
        "https://replicate.com/account/billing#billing to purchase credit. Once you purchase "
        "credit, please wait a few minutes before trying again."
    )
    return Problem(402, {"title": "Insufficient credit", "detail": detail, "status": 402})


def throttled(seconds: int | None, *, in_body: bool = False) -> Problem:
    """429: too many requests.

    Args:
        seconds: when the limit resets, or None to leave it unsaid.
        in_body: whether to say it in `retry_after` too and not only in words.
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
    """An error of which no real body is known."""
    return Problem(status, {"detail": detail, "status": status})


def not_found(detail: str = "The requested resource could not be found.") -> Problem:
    """404 of the prediction service."""
    return Problem(404, {"detail": detail, "status": 404})


def missing(detail: str = "Not found.") -> Problem:
    """404 of the services that answer in plain JSON (versions, cursors)."""
    return Problem(404, {"detail": detail}, media_type="application/json")


def file_not_found() -> Problem:
    """404 of the files, whose type is in the API's document."""
    return Problem(404, {"detail": "File not found"})


def method_not_allowed(method: str) -> Problem:
    """405: the path exists, but not with this method."""
    detail = f'Method "{method}" not allowed.'
    return Problem(405, {"detail": detail}, media_type="application/json")


def malformed(detail: str) -> Problem:
    """400: a body or header that cannot be read at all."""
    return Problem(400, {"detail": detail, "status": 400})


def invalid_version() -> Problem:
    """422: a version that is unknown, or that is not this account's to use."""
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
    """422: what was sent does not fit the schema.

    Args:
        fields: every violation, in the order in which it is to be listed.
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
    """400: what models and deployments cannot be made of.

    Args:
        errors: what is wrong with which member of the body.
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
    """403: it exists, but this must not be done with it; the real body is not known."""
    return unexplained(403, detail)


def bad_query(detail: str) -> Problem:
    """400: a search for nothing."""
    return Problem(400, {"detail": detail}, media_type="application/json")


def unknown_destination() -> Problem:
    """404: a training for a model that does not exist."""
    return not_found("The specified training destination does not exist")


def body_too_large(max_size: int) -> Problem:
    """413: a body that is neither a file nor of a reasonable size.

    Args:
        max_size: the limit, in bytes.
    """
    return unexplained(413, f"The request body must not be larger than {max_size} bytes")


def file_too_large() -> Problem:
    """413: an upload beyond the limit."""
    detail = "Files must be less than 100MB in size"
    return Problem(413, {"detail": detail})
