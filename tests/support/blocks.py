"""The Python blocks of the README and the docs. Run as a script, it checks their types strictly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STRICT = "\n# pyright: strict\n"


class Block(NamedTuple):
    """A Python block of a document.

    Args:
        document: The Markdown file.
        line: The line of the document on which the code begins, from 1.
        code: The code.
    """

    document: Path
    line: int
    code: str

    @property
    def padded(self) -> str:
        """The code with the line numbers of the document, for error messages."""
        return "\n" * (self.line - 1) + self.code


def blocks(document: Path) -> list[Block]:
    """Return the Python blocks of a document."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(document, text[: match.start()].count("\n") + 2, match[1])
        for match in _BLOCK.finditer(text)
    ]


def main() -> int:
    """Check the types of every block and example with mypy and pyright; return an exit status."""
    sources = [block for document in DOCUMENTS for block in blocks(document)]
    sources += [Block(path, 1, path.read_text(encoding="utf-8")) for path in EXAMPLES]
    with TemporaryDirectory() as folder:
        files: list[Path] = []
        for source in sources:
            name = re.sub(r"\W", "_", f"{source.document.name}_{source.line}")
            files.append(Path(folder, f"{name}.py"))
            files[-1].write_text(source.padded + _STRICT, encoding="utf-8")
        return max(
            subprocess.run(
                [sys.executable, "-m", *checker, *files], check=False, cwd=ROOT
            ).returncode
            for checker in (["mypy", "--strict"], ["pyright"])
        )


if __name__ == "__main__":
    sys.exit(main())
