"""Options of a map, checked on construction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias

from replicate_ext.batch._pace import interval_of
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from replicate_api.models import Deployment, Model, ModelVersion

    from replicate_ext import ModelReference
    from replicate_ext.types import FileEncoding

Reference: TypeAlias = "str | ModelReference | Model | ModelVersion | Deployment"
OnError: TypeAlias = Literal["keep", "raise"]
OnExit: TypeAlias = Literal["leave", "cancel"]

_LIMIT_FROM, _LIMIT_TO = 5, 24 * 60 * 60 - 1
"""Range of the timeouts that the API can enforce, too, in seconds."""


class MapOptions(NamedTuple):
    """Options of a map; the arguments of ``Batch.map``."""

    input: Callable[[Any], dict[str, Any]] | None
    key: str | Callable[[Any], object] | None
    concurrency: int
    ordered: bool
    on_error: OnError
    max_errors: int | None
    retry_failed: bool
    retry_unknown: bool
    timeout: float | None
    save_to: Path | None
    interval: float
    hold: bool
    file_encoding: FileEncoding | None

    @classmethod
    def of(
        cls,
        *,
        input: Callable[[Any], dict[str, Any]] | None,
        key: str | Callable[[Any], object] | None,
        concurrency: int,
        ordered: bool,
        on_error: OnError,
        max_errors: int | None,
        retry_failed: bool,
        retry_unknown: bool,
        timeout: float | None,
        save_to: str | PathLike[str] | None,
        rate: str | None,
        hold: bool,
        file_encoding: FileEncoding | None,
    ) -> Self:
        """Return checked options.

        Raises:
            InvalidInputError: An option is not valid.
        """
        _check_count("concurrency", concurrency)
        if max_errors is not None:
            _check_count("max_errors", max_errors)
        if on_error not in ("keep", "raise"):
            raise InvalidInputError(f'on_error must be "keep" or "raise", got {on_error!r}')
        if input is not None and not callable(input):
            raise InvalidInputError(
                f"input must be a function that returns the input of a row, got {input!r}"
            )
        if not (key is None or isinstance(key, str) or callable(key)):
            raise InvalidInputError(
                "key must be the name of a field of the row, or a function that takes the row, "
                f"got {key!r}"
            )
        if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
            raise InvalidInputError(
                f"timeout must be a positive number of seconds, got {timeout!r}"
            )
        return cls(
            input=input,
            key=key,
            concurrency=concurrency,
            ordered=ordered,
            on_error=on_error,
            max_errors=max_errors,
            retry_failed=retry_failed,
            retry_unknown=retry_unknown,
            timeout=timeout,
            save_to=None if save_to is None else Path(save_to),
            interval=interval_of(rate),
            hold=hold,
            file_encoding=file_encoding,
        )

    @property
    def cancel_after(self) -> float | None:
        """Seconds after which the API cancels a prediction, even if this process has ended."""
        limit = self.timeout
        return limit + 1 if limit is not None and _LIMIT_FROM <= limit < _LIMIT_TO else None

    def input_of(self, row: Any) -> dict[str, Any]:
        """Return the input of a row.

        Args:
            row: The row.

        Raises:
            InvalidInputError: The input is not a dict.
        """
        made = row if self.input is None else self.input(row)
        if not isinstance(made, dict):
            raise InvalidInputError(
                f"The input of a row must be a dict, got {type(made).__name__}. Pass "
                "input=lambda row: {...} to make it from the row"
            )
        return made

    def key_of(self, row: Any) -> str | None:
        """Return the key of a row; None for the default key.

        Args:
            row: The row.

        Raises:
            InvalidInputError: The row does not have the field, or its key is None or not UTF-8.
        """
        if self.key is None:
            return None
        if callable(self.key):
            key = self.key(row)
        else:
            try:
                key = row[self.key]
            except (KeyError, TypeError, IndexError):
                key = getattr(row, self.key, None)
        if key is None:
            raise InvalidInputError(f"key={self.key!r} found no value in a row: {row!r:.200}")
        text = str(key)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidInputError(f"The key {text!r:.200} cannot be encoded as UTF-8") from error
        return text


def _check_count(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidInputError(f"{name} must be a whole number of at least 1, got {value!r}")


def check_on_exit(on_exit: OnExit) -> OnExit:
    """Return the option if it is valid.

    Args:
        on_exit: What happens to running predictions at the end.

    Raises:
        InvalidInputError: The option is not valid.
    """
    if on_exit not in ("leave", "cancel"):
        raise InvalidInputError(f'on_exit must be "leave" or "cancel", got {on_exit!r}')
    return on_exit
