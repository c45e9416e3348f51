"""Print docs/typed-modules.md: the modules of four well-known models.

    python scripts/print_typed_modules.py FOLDER

The folder has the schemas, as ``owner__name.json`` or ``owner__name@version.json``: the JSON of a
version, as ``GET /models/{owner}/{name}/versions/{id}`` returns it. The descriptions of the inputs
are left out, because the authors of the models wrote them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli.types.module import Facts, module_of
from replicate_ext.cli.types.package import Found, identifier, needed

PAGE = Path(__file__).resolve().parent.parent / "docs" / "typed-modules.md"
MODELS = {
    "black-forest-labs__flux-schnell.json": "black-forest-labs/flux-schnell",
    "stability-ai__sdxl@a00d0b7d.json": "stability-ai/sdxl:{version}",
    "meta__meta-llama-3-8b-instruct.json": "meta/meta-llama-3-8b-instruct",
    "openai__whisper.json": "openai/whisper:{version}",
}
"""The files, and the references of their models. Official models are not pinned to a version."""

DATE = "2026-11-27"
"""Date in the modules; fixed, so that the page changes only with the schemas or the generator."""

_START = """\
# Four typed modules

These are the modules that `replicate-ext types add` writes for four well-known models, complete but
for one thing: the description of each input, which the authors of the models wrote. In a module of
yours, it stands before the limits and the default.

How to write and use such modules: [typed-models.md](typed-models.md).
"""
_SECTION = """
## {model}

<details markdown="1">
<summary>{name}.py, {lines} lines</summary>

```py
{text}```

</details>
"""


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the schemas")
    PAGE.write_text(page(parser.parse_args().folder), encoding="utf-8", newline="\n")


def page(folder: Path) -> str:
    """Return the text of the page.

    Args:
        folder: Folder with the schemas.
    """
    return _START + "".join(
        _section(json.loads((folder / file).read_text("utf-8")), reference)
        for file, reference in MODELS.items()
    )


def _section(version: dict[str, str], reference: str) -> str:
    found = Found(
        reference.format(version=version["id"]), version["id"], needed(version["openapi_schema"])
    )
    model = reference.partition(":")[0]
    facts = Facts(
        identifier(model.partition("/")[2]), found.reference, found.version, found.hash, DATE
    )
    text = module_of(facts, _without_descriptions(ModelSchema.of(found.openapi_schema)))
    lines = len(text.splitlines())
    return _SECTION.format(model=model, name=facts.name, lines=lines, text=text)


def _without_descriptions(schema: ModelSchema) -> ModelSchema:
    inputs = {name: one._replace(description="") for name, one in (schema.inputs or {}).items()}
    return schema._replace(inputs=inputs)


if __name__ == "__main__":
    main()
