"""Flows that send the files of an input, inline or as uploads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from replicate_ext._files.file_source import Source
from replicate_ext._files.inputs import prepared, unsendable
from replicate_ext._files.json_values import mapped
from replicate_ext._files.request_body import Body, CountedBody, DataUri, json_body, multipart_body
from replicate_ext._http.flow import Flow, together, work
from replicate_ext._http.responses import not_the_api, read_object
from replicate_ext._http.send import send
from replicate_ext.errors import (
    APIConnectionError,
    InvalidInputError,
    OutcomeUnknownError,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.settings import Settings
    from replicate_ext.types import FileEncoding, OnTransfer

_log = logging.getLogger("replicate_ext")

MAX_INLINE = 256_000
"""Limit of all inline files together, in bytes.

https://replicate.com/docs/topics/predictions/input-files
"""
MAX_FALLBACK = 10_000_000
"""The same limit if files go inline because their upload failed, as in the JavaScript client."""
_SMALL_UPLOAD = 4_000_000
"""Maximum size of files that are uploaded at the same time, in bytes; larger ones go one by one."""
MAX_UPLOAD = 100_000_000
"""Limit of one file, in bytes: https://replicate.com/docs/reference/http#files.create"""


def encode(
    settings: Settings,
    input: dict[str, Any],
    file_encoding: FileEncoding,
    *,
    deadline: float | None,
) -> Flow[dict[str, Any]]:
    """Return the input with a DataUri or the URL of an upload in place of each file, at any depth.

    Args:
        settings: Settings of the client.
        input: Input of the model. It is not changed.
        file_encoding: "auto" sends small files inline and uploads larger ones.
        deadline: Clock time after which uploads are given up; None for no deadline.

    Raises:
        InvalidInputError: A value in the input cannot be sent.
        APIError: A file could not be uploaded.
    """
    sources: dict[int, Source] = {}
    plain = yield from work(lambda: prepared(input, "input", sources))
    files = list(sources.values())
    check_sizes(files)
    sent: dict[int, str | DataUri] = {id(source): DataUri(source) for source in files}
    waiting = _to_upload(files, file_encoding)
    inline = sum(source.size for source in files) - sum(source.size for source in waiting)

    def replace(source: Source) -> Flow[None]:
        nonlocal inline
        # If an upload fails, the file is sent inline, or uploaded again if it is too large for
        # that. Its inline bytes are reserved first, as other uploads may fail at the same time.
        reserved = source.size if inline + source.size <= MAX_FALLBACK else None
        inline += reserved or 0
        try:
            uploaded = yield from upload(
                settings, source, deadline=deadline, repeatable=reserved is None
            )
        except (ServerError, APIConnectionError, OutcomeUnknownError) as error:
            if reserved is None:
                raise
            _log.info("%s could not be uploaded and is sent as a data URI: %s", source.key, error)
        else:
            inline -= reserved or 0
            sent[id(source)] = uploaded["urls"]["get"]

    # Large uploads use the whole bandwidth: sending them at the same time would not be faster.
    yield from together([replace(source) for source in waiting if source.size <= _SMALL_UPLOAD])
    for source in waiting:
        if source.size > _SMALL_UPLOAD:
            yield from replace(source)
    encoded: dict[str, Any] = mapped(
        plain, lambda leaf: sent[id(leaf)] if isinstance(leaf, Source) else leaf
    )
    return encoded


def upload(
    settings: Settings,
    source: Source,
    metadata: dict[str, Any] | None = None,
    *,
    deadline: float | None = None,
    repeatable: bool = True,
    on_progress: OnTransfer | None = None,
) -> Flow[dict[str, Any]]:
    """Upload a file and return the API's description of it, as JSON.

    Args:
        settings: Settings of the client.
        source: The file.
        metadata: A JSON object to store with the file.
        deadline: Clock time after which the upload is given up; None for no deadline.
        repeatable: Whether to retry after failures in which the API may have stored the file.
        on_progress: Called with the number of bytes sent so far and the total number of bytes.

    Raises:
        InvalidInputError: A value in the metadata cannot be sent.
        APIError: The file could not be uploaded.
    """
    from replicate_api.api.files import create as operation
    from replicate_api.models import FileCreateRequest

    body, content_type = multipart_body(
        source, None if metadata is None else prepared(metadata, "metadata")
    )
    if on_progress is not None:
        body = CountedBody(body, on_progress)
    # Only the path of the generated request is used: its body could not be streamed.
    path = operation.request(body=FileCreateRequest(content=b""))["url"]
    arguments = request_with(body, path, {"Content-Type": content_type})
    response = yield from send(
        settings,
        arguments,
        deadline=deadline,
        repeatable=repeatable and operation.REPEATABLE,
    )
    uploaded = read_object(response)
    urls = uploaded.get("urls")
    if not (isinstance(urls, dict) and isinstance(urls.get("get"), str)):
        raise not_the_api(response)
    return uploaded


def json_request(path: str, value: dict[str, Any], headers: dict[str, str]) -> RequestArguments:
    """Return a POST request with a JSON body; files in it are read while it is sent.

    Args:
        path: Path of the URL.
        value: The JSON object, its input as ``encode`` returns it.
        headers: Headers other than those of the body.

    Raises:
        InvalidInputError: A value in the object cannot be sent.
    """
    try:
        body = json_body(value)
    except (ValueError, RecursionError) as error:
        rest = {name: item for name, item in value.items() if name != "input"}
        raise unsendable({"method": "POST", "url": path, "json": rest}, error) from error
    return request_with(body, path, {**headers, "Content-Type": "application/json"})


def request_with(body: Body, path: str, headers: dict[str, str]) -> RequestArguments:
    """Return a POST request with a body that is read while it is sent."""
    length = {"Content-Length": str(len(body))}
    return {"method": "POST", "url": path, "content": body, "headers": {**headers, **length}}


def check_sizes(files: Iterable[Source]) -> None:
    """Check that no file is too large for the API.

    Raises:
        InvalidInputError: A file is too large.
    """
    for source in files:
        if source.size > MAX_UPLOAD:
            raise InvalidInputError(
                f"{source.key}: the file has {source.size:,} bytes, the API accepts "
                f"{MAX_UPLOAD:,}; upload it to your own storage and pass its https URL"
            )


def _to_upload(files: list[Source], file_encoding: FileEncoding) -> list[Source]:
    if file_encoding != "auto":
        return files if file_encoding == "upload" else []
    left = MAX_INLINE
    large = []
    for source in sorted(files, key=len):
        left -= source.size
        if left < 0:
            large.append(source)
    return large
