"""References to what can run: a model, one of its versions, or a deployment."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from replicate_ext.errors import InvalidReferenceError

if TYPE_CHECKING:
    from typing import Self

    from replicate_api.models import Deployment, Model, ModelVersion

# Not "." and not "..", which would lead to another path; nor halves of surrogate pairs.
_SEGMENT = r"(?!\.{1,2}(?:[/:]|$))[^/:\s\ud800-\udfff]+"
_NAMED = re.compile(rf"(?P<owner>{_SEGMENT})/(?P<name>{_SEGMENT})(:(?P<version>{_SEGMENT}))?")
_DEPLOYMENT = re.compile(rf"deployments/(?P<owner>{_SEGMENT})/(?P<name>{_SEGMENT})")
_VERSION = re.compile(r"[0-9a-f]{64}")

_FORMS = (
    "owner/name, owner/name:version, a version's id of 64 hexadecimal digits, or "
    "deployments/owner/name"
)


class ModelReference(NamedTuple):
    """What a prediction runs: a model, one of its versions, or a deployment.

    Args:
        owner: The user or organization; None for a bare version.
        name: The model's or deployment's name; None for a bare version.
        version: The version's id; None for a model's latest version and for a deployment.
        is_deployment: Whether owner and name are a deployment's.
    """

    owner: str | None = None
    name: str | None = None
    version: str | None = None
    is_deployment: bool = False

    @classmethod
    def of(cls, reference: Reference) -> Self:
        """Read a reference in any of its forms.

        Args:
            reference: ``owner/name``, ``owner/name:version``, a version's id,
                ``deployments/owner/name``, or one of the API's objects.

        Raises:
            InvalidReferenceError: It is none of these.
        """
        if isinstance(reference, str):
            return cls(*_parse(reference))
        if isinstance(reference, ModelReference) and (reference.version or reference.name):
            return cls(*reference)
        return cls._of_object(reference)

    @classmethod
    def _of_object(cls, source: object) -> Self:
        # Whoever has one of these objects has paid for their import already.
        from replicate_api.models import Deployment, Model, ModelVersion

        if isinstance(source, ModelVersion) and source.id:
            return cls(version=source.id)
        if isinstance(source, Model | Deployment) and source.owner and source.name:
            return cls(source.owner, source.name, is_deployment=isinstance(source, Deployment))
        raise InvalidReferenceError(f"{source!r} refers to no model: expected {_FORMS}")

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
    raise InvalidReferenceError(f"{text!r} refers to no model: expected {_FORMS}")


Reference: TypeAlias = "str | ModelReference | Model | ModelVersion | Deployment"
"""What ``run`` and its kin take."""
