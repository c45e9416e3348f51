"""Inputs with files in them: what goes into the request itself and what is uploaded. Flows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from replicate_ext._bodies import Body, DataUri, json_body, multipart_body
from replicate_ext._flow import Flow, work
from replicate_ext._outputs import FileOutput
from replicate_ext._send import Settings, log, not_the_api, read_object, send
from replicate_ext._sources import Source, is_file, source_of
from replicate_ext._trees import mapped
from replicate_ext.errors import APIConnectionError, InvalidInputError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replicate_api.types import RequestArguments

    from replicate_ext._options import FileEncoding

MAX_INLINE = 256_000
"""Bytes that go inline together: https://replicate.com/docs/topics/predictions/input-files"""
MAX_FALLBACK = 10_000_000
"""Bytes that go inline together if they cannot be uploaded; the JavaScript client's limit."""
MAX_UPLOAD = 100_000_000
"""Bytes of one file: https://replicate.com/docs/reference/http#files.create"""


def encode(
    settings: Settings,
    input: dict[str, Any],
    file_encoding: FileEncoding,
    *,
    deadline: float | None,
) -> Flow[dict[str, Any]]:
    """Return the input with every file in it, however deep, as a DataUri or an uploaded URL.

    Args:
        settings: The client's settings.
        input: What the model takes. It is not changed.
        file_encoding: "auto" sends small files inline and uploads larger ones.
        deadline: The clock's time after which nothing is waited for.

    Raises:
        InvalidInputError: Something in it cannot be sent.
        APIError: A file could not be uploaded.
    """
    sources: dict[int, Source] = {}
    prepared = yield from work(lambda: _prepare(input, "input", sources))
    files = list(sources.values())
    check_sizes(files)
    sent: dict[int, str | DataUri] = {id(source): DataUri(source) for source in files}
    waiting = _to_upload(files, file_encoding)
    inline = sum(source.size for source in files) - sum(source.size for source in waiting)
    for source in waiting:
        try:
            uploaded = yield from upload(settings, source, deadline=deadline)
        except (ServerError, APIConnectionError) as error:
            inline += source.size
            if inline > MAX_FALLBACK:
                raise
            log.info("%s could not be uploaded and goes inline: %s", source.key, error)
        else:
            sent[id(source)] = uploaded["urls"]["get"]
    encoded: dict[str, Any] = mapped(
        prepared, lambda leaf: sent[id(leaf)] if isinstance(leaf, Source) else leaf
    )
    return encoded


def upload(
    settings: Settings,
    source: Source,
    metadata: dict[str, Any] | None = None,
    *,
    deadline: float | None = None,
) -> Flow[dict[str, Any]]:
    """Upload a file and return it as the API describes it.

    Args:
        settings: The client's settings.
        source: The file.
        metadata: A JSON object of the caller's own.
        deadline: The clock's time after which nothing is waited for.
    """
    body, content_type = multipart_body(source, metadata)
    arguments = request_with(body, "/files", {"Content-Type": content_type})
    response = yield from send(settings, arguments, deadline=deadline, repeatable=True)
    uploaded = read_object(response)
    urls = uploaded.get("urls")
    if not (isinstance(urls, dict) and isinstance(urls.get("get"), str)):
        raise not_the_api(response)
    return uploaded


def json_request(path: str, value: dict[str, Any], headers: dict[str, str]) -> RequestArguments:
    """Return a POST of JSON with files in it, which are read as it is sent.

    Args:
        path: The URL's path.
        value: The JSON object, its input as ``encode`` returns it.
        headers: Headers beside those of the body.
    """
    return request_with(json_body(value), path, {**headers, "Content-Type": "application/json"})


def request_with(body: Body, path: str, headers: dict[str, str]) -> RequestArguments:
    """Return a POST of a body that is read while it is sent."""
    length = {"Content-Length": str(len(body))}
    return {"method": "POST", "url": path, "content": body, "headers": {**headers, **length}}


def _prepare(value: Any, key: str, sources: dict[int, Source]) -> Any:
    """Return the value as JSON, with a Source wherever a file is; one for one object."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise InvalidInputError(f"{key}: its names are not all text")
        return {name: _prepare(item, f"{key}.{name}", sources) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_prepare(item, f"{key}[{i}]", sources) for i, item in enumerate(value)]
    if is_file(value) and not isinstance(value, FileOutput):
        if id(value) not in sources:
            sources[id(value)] = source_of(value, key)
        return sources[id(value)]
    return _converted(value, key, sources)


def _converted(value: Any, key: str, sources: dict[int, Source]) -> Any:
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise InvalidInputError(f"{key}: {value} is no number that JSON has")
    if isinstance(value, FileOutput):
        return value.url
    if hasattr(value, "tolist") and hasattr(value, "dtype"):  # numpy's arrays and scalars
        return _prepare(value.tolist(), key, sources)
    url = getattr(getattr(value, "urls", None), "get", None)
    if isinstance(url, str):  # a file that was uploaded before
        return url
    raise InvalidInputError(
        f"{key}: a {type(value).__name__} cannot be sent; expected what JSON has, a path, an open "
        "binary file, bytes, a PIL image, or a file of an earlier run"
    )


def check_sizes(files: Iterable[Source]) -> None:
    """Check that the API takes files of this size.

    Raises:
        InvalidInputError: It does not.
    """
    for source in files:
        if source.size > MAX_UPLOAD:
            raise InvalidInputError(
                f"{source.key}: the file has {source.size:,} bytes, the API takes "
                f"{MAX_UPLOAD:,}: put it on a server of your own and give its https URL"
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
