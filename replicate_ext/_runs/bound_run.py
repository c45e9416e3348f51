"""Base class of predictions and trainings that are bound to a client. No I/O."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

import attrs

from replicate_ext._files.json_values import may_have_files
from replicate_ext._messages import shown
from replicate_ext._runs.tqdm_logs import parse_progress
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training

    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.tqdm_logs import Progress


class HasSettings(Protocol):
    """Interface of a driver: an object with the settings of its client."""

    settings: Settings


DriverT = TypeVar("DriverT", bound=HasSettings)
RunT = TypeVar("RunT", bound="BoundRun[Any]")

_SHOWN = ("id", "model", "status", "output", "error")


class BoundRun(Generic[DriverT]):
    """A prediction or training that is bound to the client that returned it.

    A copy keeps the binding. A pickle does not: after unpickling, ``client.bind`` restores it.
    """

    _model: ClassVar[type[Any]]
    """The generated class, whose fields hold the JSON as the API sent it."""

    _driver: DriverT | None = None
    _use_file_output: bool = True
    _output: tuple[object, Any] | None = None

    def _update(self, run: Prediction | Training) -> None:
        """Take over the state of another object of the same run."""
        _copy_fields(self._model, run, self)

    @property
    def _run_id(self) -> str:
        """ID of the run."""
        return str(self._model.id.__get__(self))

    def _converted_output(self) -> Any:
        """Return the output with a FileOutput in place of each URL of a file."""
        raw = self._model.output.__get__(self)
        if self._driver is None or not self._use_file_output:
            return raw
        if self._output is None or self._output[0] is not raw:
            # Converted once, so that a file that was opened is the same object at each access.
            self._output = (raw, _with_files(raw, self._driver.settings))
        return self._output[1]

    def _set_output(self, value: Any) -> None:
        self._model.output.__set__(self, value)

    @property
    def progress(self) -> Progress | None:
        """Progress that the last progress bar in the logs shows; None if there is none."""
        return parse_progress(getattr(self, "logs", None))

    def to_dict(self) -> dict[str, Any]:
        """Return the run as JSON: the JSON from the API, with later changes to the fields."""
        plain: Any = object.__new__(self._model)
        _copy_fields(self._model, self, plain)
        result: dict[str, Any] = plain.to_dict()
        return result

    def _bound_driver(self) -> DriverT:
        if self._driver is None:
            raise ReplicateError(
                f"this {self._model.__name__} is not bound to a client. Call client.bind(...) first"
            )
        return self._driver

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, self._model):
            return NotImplemented
        theirs: Any = other
        return bool(self.to_dict() == theirs.to_dict())

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # mutable, so not hashable

    def __repr__(self) -> str:
        fields = (
            f"{name}={shown(value, 60)}"
            for name in _SHOWN
            if (value := getattr(self, name, None)) is not None
        )
        return f"{type(self).__name__}({', '.join(fields)})"

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        _copy_fields(self._model, self, made)
        vars(made).update(vars(self))
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        made = self.__copy__()
        memo[id(self)] = made
        _copy_fields(self._model, self._model.from_dict(copy.deepcopy(self.to_dict(), memo)), made)
        return made

    def __reduce__(self) -> tuple[Any, tuple[type[Self], dict[str, Any]]]:
        return _from_pickle, (type(self), self.to_dict())


def bound(
    kind: type[RunT], run: Prediction | Training, driver: HasSettings, *, use_files: bool
) -> RunT:
    """Return an object with the state of a run, bound to a client.

    Args:
        kind: Class of the object.
        run: The run, bound or not.
        driver: Driver of the client.
        use_files: Whether files in the output are FileOutput objects.
    """
    made = _with_fields_of(run, kind)
    vars(made).update(_driver=driver, _use_file_output=use_files)
    return made


def _from_pickle(kind: type[RunT], state: dict[str, Any]) -> RunT:
    """Return an unbound object."""
    return _with_fields_of(_model_of(kind).from_dict(state), kind)


def _with_fields_of(run: object, kind: type[RunT]) -> RunT:
    made = object.__new__(kind)
    _copy_fields(_model_of(kind), run, made)
    return made


def _model_of(kind: type[BoundRun[Any]]) -> type[Any]:
    return kind._model  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - in its module


def _copy_fields(model: type[Any], source: object, target: object) -> None:
    for field in attrs.fields(model):
        slot = model.__dict__[field.name]
        slot.__set__(target, slot.__get__(source))


def _with_files(output: Any, settings: Settings) -> Any:
    if not may_have_files(output):
        return output
    from replicate_ext._files.output import with_files

    return with_files(output, settings.download_client, settings.clock, settings.max_download_size)
