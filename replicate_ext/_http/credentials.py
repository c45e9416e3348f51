"""The token, headers and certificates that a client is given, checked without quoting them."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from typing import Any

from replicate_ext._messages import shown
from replicate_ext.errors import InvalidInputError

TOKEN_VARIABLE = "REPLICATE_API_TOKEN"  # noqa: S105 - the variable's name, not a token

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_HEADER_VALUE = re.compile(r"[\t -~]*")

# The functions below return problems rather than raise them: a frame that raises is shown, with its
# locals, by tools that print tracebacks, and theirs are secrets.


def checked_token(token: object) -> tuple[str | None, str]:
    """Return a token without white space around it, and what is wrong with it, not quoting it.

    Args:
        token: The token; None or a blank text where there is none, which is returned as None.
    """
    problem = misplaced_token(token)
    if problem or not isinstance(token, str) or not token.strip():
        return None, problem
    stripped = token.strip()
    problem = next((said for form, said in _TOKEN_PROBLEMS if re.match(form, stripped)), "")
    return None if problem else stripped, problem


def misplaced_token(token: object) -> str:
    """Return what to say of another argument in the token's place, an empty text of a token.

    Args:
        token: What was given as the token.
    """
    if token is not None and not isinstance(token, str):
        return f"must be a string, got {type(token).__name__}"
    if token and "://" in token:
        return "is a URL: the token comes first, as in Replicate(api_token, base_url)"
    return ""


_TOKEN_PROBLEMS = (
    (r"""['"]|.*['"]$""", "has quotes around it: remove them"),
    (
        r"(?i)(bearer|token)[\s:]",
        "begins with 'Bearer' or 'Token': remove it, the token alone is needed",
    ),
    (rf"{TOKEN_VARIABLE}=", f"begins with {TOKEN_VARIABLE}=: the token alone is needed"),
    (r"(?s).*\s", "has a space or a line break in it: check that it is the token alone"),
    (r".*[^!-~]", "has a character that no HTTP header can have: copy the token again"),
)


def checked_headers(headers: object) -> tuple[dict[str, str], str]:
    """Return headers as a dict, and what is wrong with one of them, not quoting its value.

    Args:
        headers: A mapping of names to values, or None.
    """
    if headers is None:
        return {}, ""
    if not isinstance(headers, Mapping):
        return {}, f"must be a dict, got {type(headers).__name__}"
    for name, value in headers.items():
        problem = _header_problem(name, value)
        if problem:
            return {}, problem
    return dict(headers), ""


def _header_problem(name: Any, value: Any) -> str:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        return f"has a name that no HTTP header can have: {shown(name)}"
    if not isinstance(value, str):
        return f"has a {type(value).__name__} as value of {name!r}: expected a string"
    if not _HEADER_VALUE.fullmatch(value):
        return (
            f"has characters in the value of {name!r} that no HTTP header can have: line breaks, "
            "control characters or non-ASCII text"
        )
    if value != value.strip():
        return f"has white space around the value of {name!r}: remove it"
    return ""


def without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without those that HTTP defines for credentials.

    Args:
        headers: The headers.
    """
    secret = ("authorization", "proxy-authorization", "cookie")
    return {name: value for name, value in headers.items() if name.lower() not in secret}


def certificates(verify: object, name: str = "verify") -> ssl.SSLContext | bool:
    """Return how servers are verified, with the certificates of a path loaded.

    Args:
        verify: As the clients take it.
        name: The argument or variable that it comes from, for messages.

    Raises:
        InvalidInputError: It is none of these, or the path has no certificates.
    """
    if isinstance(verify, ssl.SSLContext | bool):
        return verify
    if not isinstance(verify, str | os.PathLike) or not os.fspath(verify):
        raise InvalidInputError(
            f"{name} must be True, False, an ssl.SSLContext or the path of certificates, got "
            f"{shown(verify)}"
        )
    try:
        is_folder = os.path.isdir(verify)  # noqa: PTH112 - it may be bytes, which Path is not
        if is_folder:
            return ssl.create_default_context(capath=verify)
        return ssl.create_default_context(cafile=verify)
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(
            f"{name}: cannot read certificates from {shown(os.fspath(verify))}: {reason}"
        ) from None
