"""Which prediction belongs to a row whose create request may have succeeded. No I/O.

A row whose create request got no clear response is compared with the predictions of the account. If
one of them fits, the row adopts it. If none fits, the row can be created again. Of *k* equal rows
and *m* predictions that fit, min(k, m) are adopted and the others are created again. If a
prediction may or may not fit, the row stays unknown: a second prediction would be charged too.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext.batch._inputs import Fit, fit_of_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from replicate_ext.batch._rows import Record

CLOCK_MARGIN = 30.0
"""Seconds by which the clocks of the API's servers may differ."""
LISTING_LAG = 10.0
"""Seconds for which a new prediction may be missing in the list."""


class Model(NamedTuple):
    """The model of a reference; None for each part that the reference does not have."""

    name: str | None
    version: str | None


class Candidate(NamedTuple):
    """A prediction of the account that belongs to no row.

    Args:
        id: ID of the prediction.
        created_at: When it was created, in seconds since 1970; None if that is not known.
        input: Its input; None if it is not known, because its data was removed.
        model: ``owner/name``; None if it is not known.
        version: ID of the version; None if it is not known, or hidden.
    """

    id: str
    created_at: float | None
    input: Any
    model: str | None
    version: str | None


class Verdict(Enum):
    """What to do with a row that may have been created."""

    CREATE = auto()
    """No prediction fits: create it again."""
    UNKNOWN = auto()
    """It cannot be decided whether a prediction fits."""


def reconcile(
    records: Iterable[Record],
    candidates: Iterable[Candidate] | None,
    model_of: Callable[[str], Model],
    hash_of: Callable[[str], str | None] = lambda _: None,
) -> dict[str, str | Verdict]:
    """Return the ID of the prediction to adopt, or a Verdict, for the key of each row.

    Args:
        records: The rows.
        candidates: The predictions that were created since the first of the rows was sent, without
            those that belong to other rows; None if they could not be listed.
        model_of: Returns the model of a reference.
        hash_of: Returns the hash of an uploaded file by its URL; None if it is not known.
    """
    equal: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        equal[record.digest].append(record)
    if candidates is None:
        return {each.key: Verdict.UNKNOWN for some in equal.values() for each in some}
    left = list(candidates)
    verdicts: dict[str, str | Verdict] = {}
    undecided: list[tuple[list[Record], list[Candidate]]] = []
    for some in equal.values():
        model = model_of(some[0].reference)
        fits = {each.id: _fit(some[0], model, each, hash_of) for each in left}
        certain = [each for each in left if fits[each.id] is Fit.YES]
        adopted = _matched(some, certain)
        verdicts.update(adopted)
        left = [each for each in left if each.id not in adopted.values()]
        rest = [record for record in some if record.key not in adopted]
        undecided.append((rest, [each for each in left if fits[each.id] is Fit.MAYBE]))
    remaining = {each.id for each in left}
    for some, possible in undecided:
        for record in some:
            is_possible = any(
                each.id in remaining and _is_in_time(record, each) for each in possible
            )
            verdicts[record.key] = Verdict.UNKNOWN if is_possible else Verdict.CREATE
    return verdicts


def _matched(records: Sequence[Record], candidates: Sequence[Candidate]) -> dict[str, str]:
    """Match as many rows as possible with predictions that were created after the row was sent.

    Rows that were sent later have fewer candidates, so they are matched first.
    """
    free = sorted(candidates, key=lambda each: each.created_at or 0.0)
    pairs: dict[str, str] = {}
    for record in sorted(records, key=lambda each: each.sent_at or 0.0, reverse=True):
        for candidate in reversed(free):
            if _is_in_time(record, candidate):
                pairs[record.key] = candidate.id
                free.remove(candidate)
                break
    return pairs


def _is_in_time(record: Record, candidate: Candidate) -> bool:
    if record.sent_at is None or candidate.created_at is None:
        return True
    return candidate.created_at >= record.sent_at - CLOCK_MARGIN


def _fit(
    record: Record, model: Model, candidate: Candidate, hash_of: Callable[[str], str | None]
) -> Fit:
    for ours, theirs in ((model.name, candidate.model), (model.version, candidate.version)):
        if ours is not None and theirs is not None and ours != theirs:
            return Fit.NO
    return (
        Fit.MAYBE
        if candidate.input is None
        else fit_of_inputs(record.input, candidate.input, hash_of)
    )
