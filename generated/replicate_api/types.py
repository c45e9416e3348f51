# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What the generated modules share: reading values as they come, and giving them back."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from importlib import import_module
from pathlib import PurePath
from typing import IO, Any, Generic, NamedTuple, Required, TypeAlias, TypedDict, TypeGuard, TypeVar
from urllib.parse import quote

import httpx

from . import errors

T = TypeVar("T")

FileContent: TypeAlias = IO[bytes] | bytes
FilePart: TypeAlias = tuple[str | None, FileContent | str, str | None]

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)

_SURROGATE = re.compile("[\ud800-\udfff]")
_HEADER = re.compile(r"([!-~]([\t -~]*[!-~])?)?")


class Upload(NamedTuple):
    """A file to upload.

    Args:
        payload: An open binary file, which is streamed, or bytes.
        file_name: The name that the API is told; by default the open file's own.
        mime_type: Its media type; by default what the name suggests.
    """

    payload: FileContent
    file_name: str | None = None
    mime_type: str | None = None


class RequestArguments(TypedDict, total=False):
    """A request as ``httpx.Client.request`` takes it."""

    method: Required[str]
    url: Required[str]
    params: dict[str, str | list[str]]
    headers: dict[str, str]
    json: Any
    content: str | bytes | Iterable[bytes] | AsyncIterable[bytes]
    files: list[tuple[str, FilePart]]


class Response(NamedTuple, Generic[T]):
    """An answer: its status, headers and body, and the object where it is a success.

    Args:
        status_code: Any number that the server sent.
        content: The body.
        headers: The headers.
        parsed: The object, or None where the status is no success.
    """

    status_code: int
    content: bytes
    headers: httpx.Headers
    parsed: T | None


def detailed(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> Response[T]:
    """Return an answer with its object.

    Args:
        response: The answer.
        parse: What makes the object from a success.
    """
    made = parse(response) if response.is_success else None
    return Response(response.status_code, response.content, response.headers, made)


def success(response: httpx.Response) -> httpx.Response:
    """Return the answer if it is a success.

    Args:
        response: The answer.

    Raises:
        errors.UnexpectedStatus: It is none.
    """
    if response.is_success:
        return response
    raise errors.UnexpectedStatus(response.status_code, response.content)


def json_value(response: httpx.Response) -> Any:
    """Return the JSON of an answer.

    Args:
        response: The answer.

    Raises:
        ValueError: It is not JSON, or nested too deeply to be read.
    """
    try:
        return response.json()
    except RecursionError as error:
        raise ValueError("the answer's JSON is nested too deeply to be read") from error


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Args:
        response: The answer.

    Raises:
        ValueError: It is none.
    """
    value = json_value(response)
    if _is_object(value):
        return value
    raise ValueError(f"the answer is no JSON object, but a {type(value).__name__}")


def json_list(response: httpx.Response) -> list[Any]:
    """Return the JSON list of an answer.

    Args:
        response: The answer.

    Raises:
        ValueError: It is none.
    """
    value = json_value(response)
    if _is_list(value):
        return value
    raise ValueError(f"the answer is no JSON list, but a {type(value).__name__}")


def load(package: str, modules: Mapping[str, str], name: str) -> object:
    """Import a lazy package's attribute and keep it, as PEP 562 has it.

    Args:
        package: The package's name.
        modules: The module of each name.
        name: The attribute asked for.
    """
    if name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value = getattr(import_module(f".{modules[name]}", package), name)
    setattr(sys.modules[package], name, value)
    return value


def timestamp(value: Any) -> Any:
    """Return the aware datetime that a text stands for, or the value as it came if it is none.

    Args:
        value: What stands in the JSON. Digits beyond microseconds are dropped, and a time without
            a zone is UTC.
    """
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return _unusual_timestamp(value)
    return _aware(moment)


def _unusual_timestamp(value: str) -> datetime | str:
    if not _TIMESTAMP.fullmatch(value):
        return value
    from dateutil import parser

    try:
        moment = parser.parse(value)
        moment.utcoffset()  # refuses offsets of a day and more
    except (ValueError, OverflowError):
        return value
    return _aware(moment)


def _aware(moment: datetime) -> datetime:
    """The API has no local time: without a zone a time is in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _rfc3339(moment: datetime) -> str:
    return _aware(moment).isoformat().replace("+00:00", "Z")


def parsed(read: Callable[[dict[str, Any]], Any], value: Any) -> Any:
    """Return the object read from a dict, or the value as it came if it is none.

    Args:
        read: A model's ``from_dict``.
        value: What stands in the JSON.
    """
    return read(value) if _is_object(value) else value


def each(read: Callable[[Any], Any], values: Any) -> Any:
    """Return the list with every item read, or the value as it came if it is no list.

    Args:
        read: What reads one item.
        values: What stands in the JSON.
    """
    return [read(value) for value in values] if _is_list(values) else values


def getter(source: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return what looks up a field, None where it is missing.

    Args:
        source: A JSON object.
    """
    return source.get


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def unparsed(source: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object that came, with what has changed since.

    Args:
        source: The JSON object that a model was read from, empty for one made by hand.
        fields: The model's fields by their JSON names. None leaves out what did not come.
    """
    made = dict(source)
    for name, value in fields.items():
        came = source.get(name)
        if value is None:
            if came is not None:
                made[name] = None
        elif isinstance(value, datetime):
            if timestamp(came) != _aware(value):
                made[name] = _rfc3339(value)
        else:
            made[name] = as_json(value)
    return made


def as_json(value: Any) -> Any:
    """Return a value as JSON, with the models and times in it.

    Args:
        value: A model, a datetime, or JSON that may hold some.
    """
    if _is_list(value):
        return [as_json(item) for item in value]
    if _is_object(value):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return _rfc3339(value)
    return value.to_dict() if hasattr(value, "to_dict") else value


def parts(fields: Mapping[str, Any]) -> list[tuple[str, FilePart]]:
    """Return the parts of a multipart body; its boundary is chosen anew for every request.

    Args:
        fields: Files, scalars, and what is sent as JSON, by name; a list is a part for each of
            its items. None leaves a part out.

    Raises:
        ValueError: A text holds a lone surrogate, which cannot be encoded.
    """
    return [
        (name, _part(name, item))
        for name, value in fields.items()
        if value is not None
        for item in (value if _is_list(value) else [value])
    ]


def _part(name: str, value: Any) -> FilePart:
    if isinstance(value, str | int | float | date):
        return None, _text(name, value), None
    if isinstance(value, dict) or hasattr(value, "to_dict"):
        return None, json.dumps(as_json(value)), "application/json"
    file = value if isinstance(value, Upload) else Upload(value)
    own_name = getattr(file.payload, "name", None)
    file_name = file.file_name or (PurePath(own_name).name if isinstance(own_name, str) else "file")
    return file_name, file.payload, file.mime_type


def as_query(fields: Iterable[tuple[str, object]]) -> dict[str, str | list[str]]:
    """Return query parameters as text, without those that are None.

    Args:
        fields: Names and values; a datetime is sent as RFC 3339, a list as a repeated name.

    Raises:
        TypeError: A value is neither a scalar nor a list of scalars.
        ValueError: A text holds a lone surrogate, which cannot be encoded.
    """
    return {
        name: [_text(name, item) for item in value] if _is_sequence(value) else _text(name, value)
        for name, value in fields
        if value is not None
    }


def as_headers(fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return headers as text, without those that are None.

    Args:
        fields: Names and values.

    Raises:
        TypeError: A value is not a scalar.
        ValueError: A text is not printable ASCII, or begins or ends with a space.
    """
    headers = {name: _text(name, value) for name, value in fields if value is not None}
    for name, value in headers.items():
        if not _HEADER.fullmatch(value):
            # The value may be a secret.
            raise ValueError(
                f"{name}: the value cannot be sent in a header: use printable ASCII without line "
                "breaks, and without spaces at either end"
            )
    return headers


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float | date):
        kind = type(value).__name__
        raise TypeError(f"{name}: expected text, a number, a bool or a time, got {kind}")
    text = _rfc3339(value) if isinstance(value, datetime) else str(value)
    if not _is_encodable(text):
        raise ValueError(f"{name}: the text holds a lone surrogate, which cannot be encoded")
    return text


def _is_encodable(text: str) -> bool:
    return not _SURROGATE.search(text)


def joined_path(**parts: str | int | None) -> list[Any]:
    """Return the parts of a path that begins with an owner and a name.

    Args:
        parts: The parts by their names, in the path's order; ``owner/name`` may stand for the
            first two together, ``owner/name:version`` for three, and what follows moves up.

    Raises:
        TypeError: There are too few, or too many.
    """
    given: list[Any] = [part for part in parts.values() if part is not None]
    first: object = given[0] if given else None
    if isinstance(first, str) and "/" in first:
        given[:1] = first.split("/")
        if len(parts) > 2:
            given[1:2] = given[1].split(":")
    if len(given) != len(parts):
        got = [repr(part) if isinstance(part, str | int) else type(part).__name__ for part in given]
        raise TypeError(
            f"expected {', '.join(parts)}, of which the first two may come as 'owner/name'; got "
            + (", ".join(got) or "nothing")
        )
    return given


def as_segment(value: object, kind: type[str | int] = str) -> str:
    """Return one segment of a path, quoted.

    Args:
        value: Any text but one that would lead to another path, or a whole number.
        kind: Which of the two it has to be.

    Raises:
        TypeError: It is not of that kind.
        ValueError: It is empty, "." or "..", or holds a lone surrogate.
    """
    if not isinstance(value, kind) or isinstance(value, bool):
        expected = "a whole number" if kind is int else "an id or a name as text"
        advice = ": pass its id" if hasattr(value, "id") else ""
        raise TypeError(f"expected {expected}, got {type(value).__name__}{advice}")
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot be a part of a path: expected an id or a name")
    if not _is_encodable(str(value)):
        raise ValueError(f"{value!r} cannot be a part of a path: it holds a lone surrogate")
    return quote(str(value), safe="")
