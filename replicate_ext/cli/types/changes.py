"""Changes between two schemas of a model, and which of them break its callers.

As in the report of ``make update-spec``, callers who do not change their code must still be able to
send the same inputs and read the outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replicate_ext.typed.table import type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replicate_ext._schemas.model import InputSchema, ModelSchema
    from replicate_ext._schemas.value import ValueSchema


class Change(NamedTuple):
    """One difference between two schemas.

    Args:
        place: The input, or the place in the output.
        what: What changed.
        is_breaking: Whether it may break a caller who does not change their code.
    """

    place: str
    what: str
    is_breaking: bool

    def __str__(self) -> str:
        mark = "breaking" if self.is_breaking else "compatible"
        return f"{mark:<10}  {self.place}: {self.what}"


def changes(old: ModelSchema, new: ModelSchema) -> list[Change]:
    """Return the differences between two schemas, breaking ones first.

    Args:
        old: The schema that callers know.
        new: The current schema.
    """
    before, after = old.inputs or {}, new.inputs or {}
    found = [Change(f"input {name}", "removed", is_breaking=True) for name in before.keys() - after]
    for name, one in after.items():
        place = f"input {name}"
        if name in before:
            found += _input(place, before[name], one)
        else:
            what = "added, required" if one.is_required else "added, optional"
            found.append(Change(place, what, one.is_required))
    found += _output("output", old.output, new.output)
    return sorted(found, key=lambda one: (not one.is_breaking, one.place, one.what))


def _input(place: str, old: InputSchema, new: InputSchema) -> Iterator[Change]:
    if old.is_required is not new.is_required:
        what = "becomes required" if new.is_required else "no longer required"
        yield Change(place, what, new.is_required)
    if old.default != new.default and not (old.is_required and new.is_required):
        what = f"default changed from {old.default!r} to {new.default!r}"
        yield Change(place, what, old.has_default)
    yield from _sent(place, old.value, new.value)


def _sent(place: str, old: ValueSchema, new: ValueSchema) -> Iterator[Change]:
    """Compare what callers may send: removing a value is breaking, adding one is not."""
    if _kind(old) != _kind(new):
        is_wider = bool(old.types) and set(old.types) < set(new.types)
        is_wider |= (old.types, new.types) == (("integer",), ("number",)) or not new.types
        yield Change(place, f"type changed from {type_of(old)} to {type_of(new)}", not is_wider)
        return
    gone, added = _difference(old.enum, new.enum), _difference(new.enum, old.enum)
    if gone:
        yield Change(place, f"values removed: {', '.join(map(repr, gone))}", is_breaking=True)
    if added:
        yield Change(place, f"values added: {', '.join(map(repr, added))}", is_breaking=False)
    if (old.enum is None) is not (new.enum is None):
        what = "now limited to a list of values" if new.enum else "no longer limited to a list"
        yield Change(place, what, new.enum is not None)
    yield from _bounds(place, old, new)
    if old.items is not None and new.items is not None:
        yield from _sent(f"{place}[]", old.items, new.items)


def _bounds(place: str, old: ValueSchema, new: ValueSchema) -> Iterator[Change]:
    for name, sign in (("minimum", 1), ("maximum", -1), ("min_length", 1), ("max_length", -1)):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            is_tighter = after is not None and (before is None or (after - before) * sign > 0)
            what = f"{name.replace('_', ' ')} changed from {before} to {after}"
            yield Change(place, what, is_tighter)


def _output(place: str, old: ValueSchema, new: ValueSchema) -> Iterator[Change]:
    """Compare what callers read: a value of another type is breaking, a new member is not."""
    if _kind(old) != _kind(new):
        what = f"type changed from {type_of(old)} to {type_of(new)}"
        yield Change(place, what, is_breaking=bool(old.types or old.alternatives))
        return
    before, after = old.properties or {}, new.properties or {}
    for name in sorted(before.keys() | after.keys()):
        inner = f"{place}.{name}"
        if name not in after:
            yield Change(inner, "removed", is_breaking=True)
        elif name not in before:
            yield Change(inner, "added", is_breaking=False)
        else:
            if name in old.required - new.required:
                yield Change(inner, "no longer required", is_breaking=True)
            yield from _output(inner, before[name], after[name])
    if old.items is not None and new.items is not None:
        yield from _output(f"{place}[]", old.items, new.items)


def _kind(value: ValueSchema) -> tuple[object, ...]:
    """Return all that determines the Python type of a value, except the items of a container."""
    return value.types, value.is_file, value.is_nullable, tuple(map(_kind, value.alternatives))


def _difference(one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> list[object]:
    return [value for value in one or () if value not in (other or ())] if one and other else []
