"""A model as a typed function of its inputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from replicate_ext import InvalidInputError
from replicate_ext._schemas.check import check
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.typed.table import as_text

if TYPE_CHECKING:
    from replicate_ext import AsyncReplicate, Replicate
    from replicate_ext.typed.signature import InputSignature

InputT_contra = TypeVar("InputT_contra", bound=Mapping[str, Any], contravariant=True)
OutputT_co = TypeVar("OutputT_co", covariant=True)


class _Documentation:
    """Descriptor for ``__doc__``: the docstring of a class, the table of inputs of an instance.

    Args:
        text: The docstring of the class.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __get__(self, function: ModelFunction[Any, Any] | None, owner: type) -> str:
        return self._text if function is None else function.documentation()


class ModelFunction(Generic[InputT_contra, OutputT_co]):
    """A model as a function of its inputs.

    Call it with the inputs as keyword arguments. To use the options of ``run``, pass it in place of
    a reference: ``client.run(function, {"prompt": "a fox"}, timeout=60)``. The input is checked
    before it is sent.

    Args:
        reference: ``owner/name`` of an official model, or ``owner/name:version``.
        schema: The ``openapi_schema`` of the version, or the path of a JSON file with it. If the
            file is missing, the client fetches the schema.
        client: Client that runs the model; with an AsyncReplicate, await the call. Default: the
            default client.
    """

    def __init__(
        self,
        reference: str,
        schema: Mapping[str, Any] | Path | None = None,
        client: Replicate | AsyncReplicate | None = None,
    ) -> None:
        self._reference = reference
        self._schema = schema
        self._client = client
        self._read: ModelSchema | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = cast("str", _Documentation(vars(cls).get("__doc__") or ""))

    @property
    def reference(self) -> str:
        """The model: ``owner/name``, or ``owner/name:version``."""
        return self._reference

    @property
    def signature(self) -> InputSignature:
        """The inputs, with their types and defaults; notebooks show it as a table."""
        # Imported late: programs that run models do not need it.
        from replicate_ext.typed.signature import InputSignature

        return InputSignature.of(self._inputs())

    @property
    def __signature__(self) -> InputSignature:
        return self.signature

    def check(self, input: InputT_contra) -> dict[str, Any]:
        """Return an input as it would be sent, with its values converted to the model's types.

        Args:
            input: Inputs of the model by name.

        Raises:
            InvalidInputError: The input does not match the model's schema.
        """
        checked = check(self._inputs().inputs, input)
        if checked.invalid:
            raise InvalidInputError(f"invalid input for {self._reference}", checked.invalid)
        return checked.input

    def __call__(self, /, *args: Any, **input: Any) -> OutputT_co:
        """Run the model and return its output.

        Args:
            *args: Not allowed; pass all inputs as keyword arguments.
            **input: Inputs of the model by name.

        Raises:
            InvalidInputError: The input does not match the model's schema; nothing was sent.
            PredictionError: The prediction failed, was canceled or aborted.
            APIError: A request failed.
        """
        if args:
            raise TypeError(f"pass the inputs of {self._reference} as keyword arguments")
        from replicate_ext import default_client

        client = default_client() if self._client is None else self._client
        output: Any = client.run(cast("ModelFunction[Any, Any]", self), input)
        return cast("OutputT_co", output)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._reference}>"

    def __openapi_schema__(self) -> object:
        """Return the schema of the model's version; None if it is not known."""
        if not isinstance(self._schema, Path):
            return self._schema
        try:
            return json.loads(self._schema.read_bytes()).get("openapi_schema")
        except FileNotFoundError:
            return None

    def documentation(self) -> str:
        """Return a table of the inputs as text, which ``help()`` shows."""
        return as_text(self._reference, self._inputs())

    def _inputs(self) -> ModelSchema:
        if self._read is None:
            self._read = ModelSchema.of(self.__openapi_schema__())
        return self._read


ModelFunction.__doc__ = cast("str", _Documentation(ModelFunction.__doc__ or ""))
