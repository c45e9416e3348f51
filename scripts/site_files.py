"""Add files outside docs/ to the documentation site; a hook of MkDocs.

The documents link to files of the repository by their paths, so that the links also work in the
repository. On the site, the project's own documents become pages, and the examples are files beside
them. https://www.mkdocs.org/dev-guide/plugins/#on_files
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
    "tests/javascript-rows.md": "javascript-rows.md",
}
"""Documents outside docs/ that become pages, and the names of the pages."""

FILES = ("benchmarks/situations.py",)
"""Programs outside examples/ that a document links to."""

_LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents and the examples."""
    for source, name in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(
            File.generated(config, name, content=text, inclusion=InclusionLevel.NOT_IN_NAV)
        )
    for path in (*sorted((ROOT / "examples").iterdir()), *map(ROOT.joinpath, FILES)):
        if path.is_file():
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Replace links to files of the repository by links to the pages and files of the site."""
    sources = {name: source for source, name in PAGES.items()}
    place = Path(sources.get(page.file.src_uri, f"docs/{page.file.src_uri}")).parent
    up = "../" * page.file.src_uri.count("/")

    def on_site(match: re.Match[str]) -> str:
        target = (ROOT / place / match[1]).resolve()
        if not target.is_relative_to(ROOT):
            return match[0]
        path = target.relative_to(ROOT).as_posix()
        name = PAGES.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(name) is None:
            return match[0]
        return f"]({up}{name}{match[2] or ''})"

    return _LINK.sub(on_site, markdown)
