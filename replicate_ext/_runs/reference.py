"""References to a model, a version of a model, or a deployment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Never, TypeAlias, TypeVar

from replicate_ext._messages import shown
from replicate_ext.errors import InvalidReferenceError

if TYPE_CHECKING:
    from typing import Self

    from replicate_api.models import Deployment, Model, ModelVersion

    from replicate_ext.typed import ModelFunction

# Not "." or "..", which would change the path of the URL, and no lone surrogates.
_SEGMENT = r"(?!\.{1,2}(?:[/:]|$))[^/:\s\ud800-\udfff]+"
_NAMED = re.compile(rf"(?P<owner>{_SEGMENT})/(?P<name>{_SEGMENT})(:(?P<version>{_SEGMENT}))?")
_DEPLOYMENT = re.compile(rf"deployments/(?P<owner>{_SEGMENT})/(?P<name>{_SEGMENT})")
_VERSION = re.compile(r"[0-9a-f]{64}")

_FORMS = (
    "owner/name, owner/name:version, the id of a version (64 hexadecimal digits), or "
    "deployments/owner/name"
)


class ModelReference(NamedTuple):
    """A reference to a model, a version of a model, or a deployment.

    Example: ``ModelReference.of("owner/name:version").version``

    Args:
        owner: The user or organization; None if only the version is known.
        name: Name of the model or deployment; None if only the version is known.
        version: ID of the version; None for the latest version, and for a deployment.
        is_deployment: Whether owner and name are those of a deployment.
    """

    owner: str | None = None
    name: str | None = None
    version: str | None = None
    is_deployment: bool = False

    @classmethod
    def of(cls, reference: AnyReference) -> Self:
        """Parse a reference.

        Args:
            reference: ``owner/name``, ``owner/name:version``, a version ID,
                ``deployments/owner/name``, or a Model, ModelVersion, Deployment, ModelFunction or
                ModelReference object.

        Raises:
            InvalidReferenceError: The value has none of these forms.
        """
        if isinstance(reference, str):
            return cls(*_parse(reference))
        if isinstance(reference, ModelReference) and (reference.version or reference.name):
            return cls(*reference)
        return cls._of_object(reference)

    @classmethod
    def _of_object(cls, source: object) -> Self:
        named = getattr(source, "reference", None)  # a ModelFunction
        if isinstance(named, str):
            return cls(*_parse(named))
        # Imported late: a caller with such an object has imported the models already.
        from replicate_api.models import Deployment, Model, ModelVersion

        if isinstance(source, ModelVersion) and source.id:
            return cls(version=source.id)
        if isinstance(source, Model | Deployment) and source.owner and source.name:
            return cls(source.owner, source.name, is_deployment=isinstance(source, Deployment))
        raise InvalidReferenceError(f"invalid model reference {shown(source)}: expected {_FORMS}")

    def __str__(self) -> str:
        if self.name is None:
            return str(self.version)
        prefix = "deployments/" if self.is_deployment else ""
        suffix = f":{self.version}" if self.version else ""
        return f"{prefix}{self.owner}/{self.name}{suffix}"


@lru_cache
def _parse(text: str) -> tuple[str | None, str | None, str | None, bool]:
    if _VERSION.fullmatch(text):
        return None, None, text, False
    if match := _DEPLOYMENT.fullmatch(text):
        return match["owner"], match["name"], None, True
    if match := _NAMED.fullmatch(text):
        return match["owner"], match["name"], match["version"], False
    raise InvalidReferenceError(f"invalid model reference {shown(text)}: expected {_FORMS}")


Reference: TypeAlias = "str | ModelReference | Model | ModelVersion | Deployment"
"""A model reference: a string, or an object of the API."""

AnyReference: TypeAlias = "Reference | ModelFunction[Any, Any]"
"""A model reference, or a typed function."""

InputT = TypeVar("InputT", bound=Mapping[str, Any])
OutputT = TypeVar("OutputT")

# Nobody passes the function. It makes mypy infer this argument after the reference, so that the
# type of the input is known when mypy checks a dict.
TypedInput: TypeAlias = InputT | Callable[[InputT], Never]
"""The input of a ModelFunction."""
