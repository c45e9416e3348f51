"""Send a request many times on one connection: requester.py URL TOKEN COUNT [BODY]."""

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main(url: str, token: str, count: str, body: str = "") -> None:
    """Send the requests one after the other, and fail at the first error."""
    _, address, path, *_ = urlsplit(url)
    connection = HTTPConnection(address)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if body:
        headers["Prefer"] = "wait"
    for _ in range(int(count)):
        connection.request("POST" if body else "GET", path, body or None, headers)
        response = connection.getresponse()
        content = response.read()
        if response.status not in (200, 201):
            sys.exit(f"{response.status}: {content!r}")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
