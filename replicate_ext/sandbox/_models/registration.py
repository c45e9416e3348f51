"""Registered models, from which a server creates its models at every start."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from replicate_ext.sandbox._models.details import ModelDetails
from replicate_ext.sandbox._models.model import NAME, Model, Program, Version

_VERSION = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registered model.

    Args:
        name: `owner/name`.
        official: whether it runs by name, without a version.
        details: texts, links and more.
        programs: what each version runs, by its id, oldest first.
    """

    name: str
    official: bool
    details: ModelDetails
    programs: Mapping[str, Program]

    def model(self) -> Model:
        """Return a new model."""
        program = list(self.programs.values())[-1]
        summary = (program.function.__doc__ or "").strip().partition("\n")[0]
        texts = {"description": summary} if summary else {}
        model = Model(
            name=self.name,
            official=self.official,
            texts=texts | self.details.texts(),
            collections=self.details.collections,
            example=self.details.default_example,
        )
        model.versions += [
            Version(model=model, program=program, id=id_) for id_, program in self.programs.items()
        ]
        return model


def check_name(name: str) -> None:
    """Validate the name of a model.

    Raises:
        ValueError: it is not `owner/name`.
    """
    owner, _, rest = name.partition("/")
    if not NAME.fullmatch(owner) or not NAME.fullmatch(rest):
        raise ValueError(f"invalid model name {name!r}: expected owner/name")


def check_version(id_: str) -> None:
    """Validate the id of a version.

    Raises:
        ValueError: it does not have 64 hexadecimal digits.
    """
    if not _VERSION.fullmatch(id_):
        raise ValueError(
            f"invalid version {id_!r}: expected 64 hexadecimal digits, in lower case, as in "
            "owner/name:version"
        )


def version_id(name: str, program: Program) -> str:
    """Compute the id of a version that was registered without one, from its name and schema."""
    text = json.dumps([name, program.signature.openapi_schema], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
