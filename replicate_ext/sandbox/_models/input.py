"""Descriptions and bounds of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Description and bounds of an input: `Annotated[int, Input(ge=1, le=4)]`.

    Args:
        description: what the input is for.
        ge: smallest number allowed.
        le: largest number allowed.
        min_length: smallest number of characters.
        max_length: largest number of characters.
        regex: regular expression that the text must match.
        choices: values allowed.
    """

    description: str | None = None
    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    regex: str | None = None
    choices: Sequence[str | int] | None = None

    def keywords(self) -> dict[str, object]:
        """Return the JSON Schema keywords for the arguments that are set, except the choices."""
        named = {
            "description": self.description,
            "minimum": self.ge,
            "maximum": self.le,
            "minLength": self.min_length,
            "maxLength": self.max_length,
            "pattern": self.regex,
        }
        return {keyword: value for keyword, value in named.items() if value is not None}
