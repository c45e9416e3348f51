"""The files of an output that are saved or shown, and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._files.file_name import has_ending, safe_name, split_ending
from replicate_ext._files.json_values import leaves
from replicate_ext._files.output import FileOutput, is_file_url
from replicate_ext._messages import shown
from replicate_ext._status import has_ended
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEFAULT_NAME = "{name}{ext}"
"""Template for the name that a file has in its URL."""


class FoundFile(NamedTuple):
    """A file in an output.

    Args:
        file: The file.
        id: ID of its prediction; None if it was not found in a prediction.
    """

    file: FileOutput
    id: str | None


def files_in(output: Any) -> list[FoundFile]:
    """Return the files of an output in the order in which they appear.

    Args:
        output: FileOutput objects, URLs and predictions, anywhere in lists and dicts.

    Raises:
        InvalidInputError: There are values, but no files.
    """
    from replicate_api.models import Prediction

    found: list[FoundFile] = []
    without: list[object] = []
    for leaf in leaves(output):
        is_prediction = isinstance(leaf, Prediction)
        for item in leaves(leaf.output) if is_prediction else [leaf]:
            file = FileOutput(item) if isinstance(item, str) and is_file_url(item) else item
            if isinstance(file, FileOutput):
                found.append(FoundFile(file, leaf.id if is_prediction else None))
            else:
                without.append(leaf)
    if without and not found:
        raise InvalidInputError(_no_files(without[0]))
    return found


def _no_files(value: object) -> str:
    from replicate_api.models import Prediction

    if isinstance(value, Prediction):
        status = str(value.status)
        if not has_ended({"status": status}) and value.output is None:
            return (
                f"prediction {value.id} has no output yet, its status is {status!r}; wait for it "
                "with client.wait(prediction)"
            )
        return f"the output of prediction {value.id} has no files or URLs, its status is {status!r}"
    return (
        f"the output has no files or URLs, it has {shown(value, 60)}; pass the output of a run, a "
        "prediction, or URLs"
    )


def file_names(
    found: Iterable[FoundFile], name: str | Callable[[FileOutput, int], str]
) -> list[str]:
    """Return a name for each file.

    Args:
        found: The files. A repeated file gets no second name, but takes up an index.
        name: A template, or a function of a file and its index.

    Raises:
        InvalidInputError: The template is invalid, or a name cannot be the name of a file.
    """
    names: dict[FileOutput, str] = {}
    for index, one in enumerate(found):
        if one.file not in names:
            text = _formatted(name, one, index) if isinstance(name, str) else name(one.file, index)
            names[one.file] = _checked(text, one.file)
    return list(names.values())


def _formatted(template: str, found: FoundFile, index: int) -> str:
    stem, ending = split_ending(found.file.name)
    fields: dict[str, str | int] = {"name": stem, "index": index, "ext": ending}
    if found.id is not None:
        fields["id"] = safe_name(found.id)
    try:
        return template.format(**fields)
    except KeyError as error:
        if error.args == ("id",):
            raise InvalidInputError(
                "name: {id} can only be used with predictions; pass predictions, not their outputs"
            ) from None
        reason = f"the field {error} is unknown"
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        reason = str(error)
    raise InvalidInputError(
        f"name: {template!r} is not a valid template: {reason}. Its fields are {{name}}, {{ext}}, "
        "{index} and {id}"
    )


def _checked(name: object, file: FileOutput) -> str:
    if not isinstance(name, str):
        raise InvalidInputError(f"name returned {shown(name)}: expected a file name as a string")
    if name in ("", ".", "..") or set(name) & set("/\\\0"):
        raise InvalidInputError(
            f"name: {shown(name)} is not a file name; use the directory argument for folders"
        )
    return name if has_ending(name) else name + split_ending(file.name)[1]
