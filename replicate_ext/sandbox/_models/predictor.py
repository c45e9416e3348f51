"""Cog predictors: classes with `setup` and `predict`, which run unchanged.

https://github.com/replicate/cog/blob/main/docs/python.md
"""

import inspect
from collections.abc import Callable

Function = Callable[..., object]


def prepare(function: Function) -> tuple[Function, Function | None]:
    """Return the function that a model runs, and its setup function or None.

    Args:
        function: a function, or the class of a Cog predictor, which is instantiated.

    Raises:
        TypeError: a class has neither a method `predict` nor `run`.
    """
    if not inspect.isclass(function):
        return function, None
    predict = getattr(function, "predict", None) or getattr(function, "run", None)
    if predict is None:
        raise TypeError(
            f"invalid model {function.__name__}: expected a function, or a Cog predictor: a class "
            "with a method predict. To call the class itself, wrap it in a function"
        )
    predictor = function()
    return getattr(predictor, predict.__name__), getattr(predictor, "setup", None)
