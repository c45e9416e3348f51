"""The life of a prediction written down beforehand, in place of a function that runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard, get_args

End: TypeAlias = Literal["succeeded", "failed", "canceled", "aborted"]
Step: TypeAlias = str | tuple[str, float]


def is_end(status: str) -> TypeGuard[End]:
    """Say whether nothing comes after a status."""
    return status in get_args(End)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What becomes of each prediction of a model, whatever its input.

    Args:
        steps: each status before the end, with the seconds for which it lasts; None is until
            somebody has looked at it.
        end: the last status; None is to go on for ever with the last of the steps.
        output: what it puts out if it succeeds.
        error: what it says went wrong.
    """

    steps: Sequence[tuple[str, float | None]]
    end: End | None
    output: object
    error: str | None

    @classmethod
    def of(cls, steps: Sequence[Step], *, output: object, error: str | None) -> "Script":
        """Read a script as users write it.

        Raises:
            ValueError: it has no steps, or goes on after an end, or an end has a duration.
        """
        *before, last = steps or [""]
        end = last if isinstance(last, str) and is_end(last) else None
        timed = [
            (step, None) if isinstance(step, str) else step
            for step in (before if end is not None else steps)
        ]
        if not steps or any(is_end(status) for status, _ in timed):
            raise ValueError(f"A script is a list of statuses, of which one may end it: {steps}")
        return cls(steps=timed, end=end, output=output, error=error)

    @property
    def first_status(self) -> str:
        """What a prediction is created as."""
        return self.steps[0][0] if self.steps else "starting"


def accept_anything() -> object:
    """Follow a script."""
    raise NotImplementedError
