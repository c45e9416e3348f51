"""The options of methods: listed where ``help()`` shows them, and checked by their names."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from replicate_ext._http.options import (
    CreateOptions,
    ExistingStreamOptions,
    NamedCreateOptions,
    ReadOptions,
    RunOptions,
    SharedOptions,
    StreamOptions,
    WaitOptions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F", bound="Callable[..., object]")

_REFERENCE = re.compile(r"^( +)\w+: See \w+.*(?:\n\1 +\S.*)*", re.MULTILINE)


# What the classes are made of, which a TypedDict does not keep.
_BASES: dict[type, tuple[type, ...]] = {
    CreateOptions: (SharedOptions, NamedCreateOptions),
    ExistingStreamOptions: (ReadOptions,),
    NamedCreateOptions: (SharedOptions,),
    RunOptions: (SharedOptions, WaitOptions),
    StreamOptions: (SharedOptions, ReadOptions),
}


def takes(options: type) -> Callable[[F], F]:
    """Have a method's documentation list its options in the place where it refers to them.

    Args:
        options: The TypedDict of the options.
    """
    listed = _listed(options)

    def complete(method: F) -> F:
        if method.__doc__:  # there is none with python -OO
            method.__doc__ = _REFERENCE.sub(
                lambda found: "\n".join(found[1] + line for line in listed), method.__doc__
            )
        return method

    return complete


@cache
def _listed(options: type) -> list[str]:
    described: dict[str, list[str]] = {}
    for part in (*_BASES.get(options, ()), options):
        described |= _described(part)
    return [line for name in options.__annotations__ for line in described.get(name, ())]


@cache
def _described(options: type) -> dict[str, list[str]]:
    """Return each argument's lines in a docstring by its name, the first without indentation."""
    lines = (options.__doc__ or "").partition("Args:\n")[2].splitlines()
    # Python 3.13 takes off a docstring's own indentation.
    indentation = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    described: dict[str, list[str]] = {}
    argument: list[str] = []
    for line in filter(str.strip, lines):
        text = line[indentation:]
        if not text.startswith(" "):
            argument = described[text.partition(":")[0]] = []
        argument.append(text)
    return described


def check_options(given: Mapping[str, object], options: type, method: str) -> None:
    """Refuse what a method does not take, in its own name.

    Args:
        given: What it was given by name.
        options: The TypedDict of what it takes.
        method: Its name.

    Raises:
        TypeError: There is something that it does not take.
    """
    unknown = given.keys() - options.__annotations__.keys()
    if not unknown:
        return
    from difflib import get_close_matches

    name = min(unknown)
    close = get_close_matches(name, options.__annotations__, 1)
    advice = (
        f"did you mean {close[0]!r}?" if close else "it takes " + ", ".join(options.__annotations__)
    )
    if "wait" in options.__annotations__ and not close:
        advice += "; what the model takes goes into its input, a dict"
    raise TypeError(f"{method}() got an unexpected keyword argument {name!r}: {advice}")
