"""The files of a package of generated modules.

Each model has a module and a JSON file of the same name. The JSON file has the schema, so that
inputs are checked without a request, and `types check` can compare it with the current schema.
"""

from __future__ import annotations

import json
import keyword
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._schemas.model import ModelSchema, components_of
from replicate_ext.cli.types.module import HEADER, Facts, module_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ROOTS = ("Input", "Output", "TrainingInput", "TrainingOutput")


class Found(NamedTuple):
    """A version of a model, as the API has it now.

    Args:
        reference: The model, with its version if it is pinned.
        version: ID of the version.
        openapi_schema: Its schema, with the parts that concern inputs and outputs.
    """

    reference: str
    version: str
    openapi_schema: dict[str, Any]

    @property
    def hash(self) -> str:
        """Hash of the schema."""
        text = json.dumps(self.openapi_schema, sort_keys=True)
        return f"sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


class NotOurs(Exception):
    """A file of the same name exists that this command did not write."""


class Package:
    """A package of generated modules.

    Args:
        folder: Its folder; it may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def models(self) -> dict[str, Found]:
        """Return the models of the package by the names of their modules."""
        found: dict[str, Found] = {}
        for path in sorted(self.folder.glob("*.json")):
            kept = json.loads(path.read_text("utf-8"))
            if isinstance(kept, dict) and "openapi_schema" in kept:
                found[path.stem] = Found(
                    str(kept["reference"]), str(kept["version"]), kept["openapi_schema"]
                )
        return found

    def write(self, found: Found) -> str:
        """Write the module of a model, and return its name.

        Args:
            found: The model.

        Raises:
            NotOurs: A file of the same name exists that was not generated.
        """
        name = self._name(found)
        date = datetime.now(UTC).date().isoformat()
        facts = Facts(name, found.reference, found.version, found.hash, date)
        text = module_of(facts, ModelSchema.of(found.openapi_schema))
        kept = {**facts._asdict(), "openapi_schema": found.openapi_schema}
        self.folder.mkdir(parents=True, exist_ok=True)
        module, init = self.folder / f"{name}.py", self.folder / "__init__.py"
        for path in (module, init):
            if path.exists() and HEADER not in path.read_text("utf-8"):
                raise NotOurs(f"{path} was not written by this command; choose another folder")
        module.write_text(text, "utf-8")
        module.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        self._write_init()
        return name

    def remove(self, name: str) -> None:
        """Delete the module of a model."""
        for suffix in (".py", ".json"):
            (self.folder / f"{name}{suffix}").unlink(missing_ok=True)
        self._write_init()

    def _write_init(self) -> None:
        names = sorted(self.models())
        imports = [f"from .{name} import {name}" for name in names]
        listed = "".join(f'\n    "{name}",' for name in names)
        parts = [
            f'"""Models as typed functions.\n\n{HEADER}\n"""',
            *(["\n".join(imports)] * bool(names)),
        ]
        text = "\n\n".join(
            [*parts, f"__all__ = [{listed}\n]" if names else "__all__: list[str] = []"]
        )
        (self.folder / "__init__.py").write_text(f"{text}\n", "utf-8")

    def _name(self, found: Found) -> str:
        """Return the module name of a model: its name, with its owner if that name is taken."""
        model = found.reference.partition(":")[0]
        owner, _, short = model.partition("/")
        models = self.models()
        for name in (identifier(short), identifier(f"{owner}_{short}")):
            if name not in models or models[name].reference.partition(":")[0] == model:
                return name
        raise NotOurs(
            f"no module name is free for {model} in {self.folder}; use another --out folder"
        )


def identifier(text: str) -> str:
    """Return a Python identifier for the name of a model.

    Args:
        text: Name of the model, such as ``flux-schnell`` or ``sdxl``.
    """
    name = re.sub(r"\W+", "_", text.lower(), flags=re.ASCII).strip("_") or "model"
    is_taken = keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return f"model_{name}" if name[0].isdigit() or is_taken else name


def needed(openapi_schema: object) -> dict[str, Any]:
    """Return the parts of a schema that concern inputs and outputs.

    Args:
        openapi_schema: The schema of a version.
    """
    components = components_of(openapi_schema)
    kept: dict[str, Any] = {}
    waiting = [name for name in _ROOTS if name in components]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = components[name]
            waiting += [one for one in _references(components[name]) if one in components]
    return {"components": {"schemas": {name: kept[name] for name in sorted(kept)}}}


def _references(schema: object) -> Iterable[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)
