"""URLs that a client is given, checked before anything is sent. No I/O."""

from __future__ import annotations

from urllib.parse import urlsplit

from replicate_api.client import DEFAULT_BASE_URL

from replicate_ext.errors import shown


def wrong_base_url_hint(base_url: str) -> str:
    """Return what to say of a 404 where the base URL's path is not the API's, else an empty text.

    Args:
        base_url: The client's base URL.
    """
    path = urlsplit(base_url).path.rstrip("/")
    if path.endswith("/v1"):
        return ""
    has = f"has the path {shown(path)}" if path else "has no path"
    return f"Check base_url: it {has}, and the API's ends with /v1, as in {DEFAULT_BASE_URL}"
