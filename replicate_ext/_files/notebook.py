"""Files of outputs as notebooks show them."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any

from replicate_ext._files.media_types import essence, sniffed
from replicate_ext._files.remote_file import RemoteFile
from replicate_ext._files.transfer import Transfer

if TYPE_CHECKING:
    from replicate_ext._files.output import FileOutput

MAX_EMBEDDED = 4_000_000
"""Largest picture, in bytes, that becomes part of a notebook."""

_IMAGE = '<img src="{src}" alt="{name}" style="max-width: 100%">'
_PLAYERS = {
    "audio": '<audio controls src="{src}"></audio>',
    "video": '<video controls src="{src}" style="max-width: 100%"></video>',
}
_LINK = '<a href="{href}">{content}</a>'


def html_of(file: RemoteFile) -> str | None:
    """Return the HTML that shows a file; None if only its text can be shown.

    A picture of up to ``MAX_EMBEDDED`` bytes is downloaded and embedded, so that a saved notebook
    shows it after its URL has expired. Other files are loaded from their URLs.

    Args:
        file: The file.
    """
    name, url = html.escape(file.name), html.escape(file.url)
    kind = (file.content_type or "").partition("/")[0].lower()
    if kind in _PLAYERS:
        return _PLAYERS[kind].format(src=url)
    embedded = _embedded(file) if kind == "image" else None
    if embedded is not None:
        return _IMAGE.format(src=embedded, name=name)
    if file.is_data:
        return None
    # If the URL has expired, a browser shows the name.
    content = _IMAGE.format(src=url, name=name) if kind == "image" else name
    return _LINK.format(href=url, content=content)


def _embedded(file: RemoteFile) -> str | None:
    """Return a small picture as a data URI; None if it is large or cannot be downloaded."""
    if file.is_data:
        return html.escape(file.url) if len(file.url) * 3 // 4 <= MAX_EMBEDDED else None
    # Another object, as the limits of the original are the caller's.
    picture = RemoteFile(file.url, file.download_client, file.clock, MAX_EMBEDDED, max_resumes=0)
    try:
        content = Transfer(picture).read()
    except Exception:  # noqa: BLE001 - a link is of more use in a notebook than a traceback
        return None
    media_type = sniffed(content) or essence(picture.content_type) or ""
    if not media_type.startswith("image/"):
        return None
    return f"data:{html.escape(media_type)};base64,{base64.b64encode(content).decode()}"


def show(output: Any) -> None:
    """Show the files of an output in a notebook: images, sound and video, or links.

    A FileOutput that is the result of a cell is shown without this function. For lists and dicts of
    files, notebooks show only text.

    Args:
        output: Output of a run, a prediction, a URL, or a list or dict of these.

    Raises:
        InvalidInputError: The output has no files.
        ImportError: IPython is not installed. Every notebook has it.
    """
    from replicate_ext._files.found_files import files_in

    files: list[FileOutput] = [each.file for each in files_in(output)]
    try:
        from IPython.display import display
    except ImportError:
        raise ImportError("show needs a notebook, or IPython: pip install ipython") from None
    display(*files)  # type: ignore[no-untyped-call]  # IPython does not annotate it
