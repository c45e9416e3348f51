"""Reading responses and the values in them.

A value of an unexpected type is kept unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from . import errors
from .types import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

T = TypeVar("T")


def detailed(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> Response[T]:
    """Return a response with the object that it holds.

    Args:
        response: The response.
        parse: Reads the object. Called only if the status is 2xx.
    """
    found = read(response, parse) if response.is_success else None
    return Response(response.status_code, response.content, response.headers, found)


def read(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> T:
    """Return the object that a successful response holds.

    Args:
        response: The response.
        parse: Reads the object.

    Raises:
        errors.UnreadableResponse: The response is not the expected JSON.
    """
    try:
        return parse(response)
    except ValueError as error:
        raise errors.UnreadableResponse(str(error), response) from error


def success(response: httpx.Response) -> httpx.Response:
    """Return the response if its status is 2xx.

    Args:
        response: The response.

    Raises:
        errors.UnexpectedStatus: The status is not 2xx.
    """
    if response.is_success:
        return response
    raise errors.UnexpectedStatus(response.status_code, response.content, response)


def json_value(response: httpx.Response) -> Any:
    """Return the JSON of a response.

    Args:
        response: The response.

    Raises:
        ValueError: The body is not valid JSON, or is nested too deeply.
    """
    try:
        return response.json()
    except RecursionError as error:
        raise ValueError("the JSON of the response is nested too deeply") from error


def json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a response.

    Args:
        response: The response.

    Raises:
        ValueError: The body is not a JSON object.
    """
    value = json_value(response)
    if is_object(value):
        return value
    raise ValueError(f"the response must be a JSON object, got {type(value).__name__}")


def json_list(response: httpx.Response) -> list[Any]:
    """Return the JSON array of a response.

    Args:
        response: The response.

    Raises:
        ValueError: The body is not a JSON array.
    """
    value = json_value(response)
    if is_list(value):
        return value
    raise ValueError(f"the response must be a JSON array, got {type(value).__name__}")


def parsed(read: Callable[[dict[str, Any]], Any], value: Any) -> Any:
    """Return the object read from a dict; return any other value unchanged.

    Args:
        read: The ``from_dict`` of a model.
        value: A value from JSON.
    """
    return read(value) if is_object(value) else value


def each(read: Callable[[Any], Any], values: Any) -> Any:
    """Return a list with every item read; return any other value unchanged.

    Args:
        read: Reads one item.
        values: A value from JSON.
    """
    return [read(value) for value in values] if is_list(values) else values


def getter(source: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return the function that looks up a field, or None for a missing one.

    Args:
        source: A JSON object.
    """
    return source.get


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a JSON object.

    Args:
        value: A value from JSON.
    """
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a value is a JSON array.

    Args:
        value: A value from JSON.
    """
    return isinstance(value, list)
