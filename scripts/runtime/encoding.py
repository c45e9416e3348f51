"""Writing the values of requests: JSON, multipart bodies, queries and headers."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeGuard

from .decoding import is_list, is_object
from .paths import is_encodable
from .timestamps import aware, rfc3339, timestamp
from .types import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .types import FilePart

_HEADER = re.compile(r"([!-~]([\t -~]*[!-~])?)?")


def unparsed(source: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a model: the one it was read from, with later changes.

    Args:
        source: The JSON object that the model was read from. Empty for a new model.
        fields: Values of the model's fields by their names in JSON. A field that is None is left
            out unless the source has a value for it.
    """
    made = dict(source)
    for name, value in fields.items():
        old = source.get(name)
        if value is None:
            if old is not None:
                made[name] = None
        elif isinstance(value, datetime):
            if timestamp(old) != aware(value):
                made[name] = rfc3339(value)
        else:
            made[name] = as_json(value)
    return made


def as_json(value: Any) -> Any:
    """Return a value as JSON, with the models and datetimes in it converted.

    Args:
        value: A model, a datetime, or JSON that may contain them.
    """
    if is_list(value):
        return [as_json(item) for item in value]
    if is_object(value):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.to_dict() if hasattr(value, "to_dict") else value


def parts(fields: Mapping[str, Any]) -> list[tuple[str, FilePart]]:
    """Return the parts of a multipart body. httpx chooses a new boundary for every request.

    Args:
        fields: Values by name: files, scalars, and objects, which are sent as JSON. Each item of a
            list is a part. None is left out.

    Raises:
        ValueError: A text holds a lone surrogate.
    """
    return [
        (name, _part(name, item))
        for name, value in fields.items()
        if value is not None
        for item in (value if is_list(value) else [value])
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
    """Return the parameters of a query as text. None is left out.

    Args:
        fields: Names and values. A datetime is written as RFC 3339; a list repeats its name.

    Raises:
        TypeError: A value is neither a scalar nor a list of scalars.
        ValueError: A text holds a lone surrogate.
    """
    return {
        name: [_text(name, item) for item in value] if _is_sequence(value) else _text(name, value)
        for name, value in fields
        if value is not None
    }


def as_headers(fields: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return headers as text. None is left out.

    Args:
        fields: Names and values.

    Raises:
        TypeError: A value is not a scalar.
        ValueError: A value is not printable ASCII, or begins or ends with a space.
    """
    headers = {name: _text(name, value) for name, value in fields if value is not None}
    for name, value in headers.items():
        if not _HEADER.fullmatch(value):
            # The message does not quote the value, which may be a secret.
            raise ValueError(
                f"{name}: the value cannot be sent in a header: use printable ASCII without line "
                "breaks, and without spaces at either end"
            )
    return headers


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float | date):
        got = type(value).__name__
        raise TypeError(f"{name} must be a string, number, bool, date or datetime, got {got}")
    text = rfc3339(value) if isinstance(value, datetime) else str(value)
    if not is_encodable(text):
        raise ValueError(f"{name}: the text holds a lone surrogate, which cannot be encoded")
    return text


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)
