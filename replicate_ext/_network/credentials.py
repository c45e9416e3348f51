"""Check the token, headers and certificates of a client; no message shows a secret."""

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

# The functions below return problems instead of raising them. Tools that print tracebacks show the
# local variables of a function that raises, and here these are secrets.


def checked_token(token: object) -> tuple[str | None, str]:
    """Return a token without surrounding white space, and a description of what is wrong with it.

    Args:
        token: The token; None and blank strings mean that there is no token.
    """
    problem = misplaced_token(token)
    if problem or not isinstance(token, str) or not token.strip():
        return None, problem
    stripped = token.strip()
    problem = next((said for form, said in _TOKEN_PROBLEMS if re.match(form, stripped)), "")
    return None if problem else stripped, problem


def misplaced_token(token: object) -> str:
    """Return a description of the problem if another argument was passed as the token, else "".

    Args:
        token: The value that was passed as the token.
    """
    if token is not None and not isinstance(token, str):
        return f"must be a string, got {type(token).__name__}"
    if token and "://" in token:
        return "is a URL: use Replicate(base_url=...) or Replicate(api_token, base_url)"
    return ""


_TOKEN_PROBLEMS = (
    (r"""['"]|.*['"]$""", "is in quotes: remove them"),
    (
        r"(?i)(bearer|token)[\s:]",
        "begins with 'Bearer' or 'Token': pass the token alone",
    ),
    (rf"{TOKEN_VARIABLE}=", f"begins with {TOKEN_VARIABLE}=: pass the token alone"),
    (r"(?s).*\s", "contains a space or a line break: pass the token alone"),
    (
        r".*[^!-~]",
        "contains a character that is invalid in an HTTP header: copy the token again",
    ),
)


def checked_headers(headers: object) -> tuple[dict[str, str], str]:
    """Return headers as a dict, and a description of the first problem; it shows no value.

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
        return f"has an invalid HTTP header name: {shown(name)}"
    if not isinstance(value, str):
        return f"has a value of type {type(value).__name__} for {name!r}: expected a string"
    if not _HEADER_VALUE.fullmatch(value):
        return (
            f"has characters in the value of {name!r} that are not allowed in an HTTP header: line "
            "breaks, control characters or non-ASCII text"
        )
    if value != value.strip():
        return f"has white space before or after the value of {name!r}: remove it"
    return ""


def without_credentials(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without Authorization, Proxy-Authorization and Cookie.

    Args:
        headers: The headers.
    """
    secret = ("authorization", "proxy-authorization", "cookie")
    return {name: value for name, value in headers.items() if name.lower() not in secret}


def certificates(verify: object, name: str = "verify") -> ssl.SSLContext | bool:
    """Return the ``verify=`` argument of a client, with a path replaced by a TLS context.

    Args:
        verify: True, False, a TLS context, or the path of a file or folder of certificates.
        name: Name of the argument or variable, for messages.

    Raises:
        InvalidInputError: The value has another type, or the certificates cannot be read.
    """
    if isinstance(verify, ssl.SSLContext | bool):
        return verify
    if not isinstance(verify, str | os.PathLike) or not os.fspath(verify):
        raise InvalidInputError(
            f"{name} must be True, False, an ssl.SSLContext or the path of a file or folder of "
            f"certificates, got {shown(verify)}"
        )
    try:
        is_folder = os.path.isdir(verify)  # noqa: PTH112 - the path may be bytes
        if is_folder:
            return ssl.create_default_context(capath=verify)
        return ssl.create_default_context(cafile=verify)
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(
            f"{name}: cannot read certificates from {shown(os.fspath(verify))}: {reason}"
        ) from None
