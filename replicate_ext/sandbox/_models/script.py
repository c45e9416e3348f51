"""Scripts: statuses that predictions go through without running a function."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard, get_args

End: TypeAlias = Literal["succeeded", "failed", "canceled", "aborted"]


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """A step of `Sandbox.script`: a status, and what happens when it begins.

    Args:
        status: status of the prediction.
        seconds: duration in seconds. Default: None, until a response has shown the status once.
        logs: text that is added to the logs.
        output: output so far: JSON or files. Default: None, no change. Trainings ignore it.
    """

    status: str
    seconds: float | None = None
    logs: str = ""
    output: object = None


Step: TypeAlias = str | tuple[str, float] | ScriptStep


def is_end(status: str) -> TypeGuard[End]:
    """Return whether a status is terminal."""
    return status in get_args(End)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The statuses of every prediction of a model, whatever its input.

    Args:
        steps: steps before the end.
        end: terminal status; None if the last step lasts forever.
        output: output of a prediction that succeeds.
        error: error message of a prediction that fails.
    """

    steps: Sequence[ScriptStep]
    end: End | None
    output: object
    error: str | None

    @classmethod
    def of(cls, steps: Sequence[Step], *, output: object, error: str | None) -> "Script":
        """Create a script from the arguments of `Sandbox.script`.

        Raises:
            ValueError: there are no steps, or a terminal status has a duration or a step after it.
        """
        *before, last = steps or [""]
        end = last if isinstance(last, str) and is_end(last) else None
        timed = [_step(step) for step in (before if end is not None else steps)]
        if not steps or any(is_end(step.status) for step in timed):
            raise ValueError(
                f"invalid script {steps}: it needs at least one status, and a terminal status "
                "must be the last one and have no duration"
            )
        return cls(steps=timed, end=end, output=output, error=error)

    @property
    def first_status(self) -> str:
        """The status of a new prediction."""
        return self.steps[0].status if self.steps else "starting"


def _step(step: Step) -> ScriptStep:
    if isinstance(step, ScriptStep):
        return step
    status, seconds = (step, None) if isinstance(step, str) else step
    return ScriptStep(status, seconds)


def any_input() -> object:
    """Follow a script; any input is accepted."""
    raise NotImplementedError
