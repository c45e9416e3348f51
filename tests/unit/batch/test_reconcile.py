"""Which predictions rows adopt after a create request without a clear response."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replicate_ext.batch._inputs import canonical, digest_of
from replicate_ext.batch._reconcile import CLOCK_MARGIN, Candidate, Model, Verdict, reconcile
from replicate_ext.batch._rows import Record, State

NOON = 1_800_000_000.0
FILE = {"$file": "a" * 64}


def row(key: str, input: Any = None, *, sent_at: float = NOON) -> Record:
    text = canonical(input or {"text": "a"})
    return Record(
        key, "o/n", digest_of("o/n", text), text, State.CREATING, attempts=1, sent_at=sent_at
    )


def candidate(
    id: str, input: Any = None, *, created_at: float = NOON + 1, **more: Any
) -> Candidate:
    given = {"model": None, "version": None, **more}
    return Candidate(id, created_at, {"text": "a"} if input is None else input, **given)


def removed(id: str, **more: Any) -> Candidate:
    return candidate(id, **more)._replace(input=None)


def decide(rows: list[Record], candidates: list[Candidate] | None, **more: Any) -> Any:
    return reconcile(rows, candidates, lambda _: Model("o/n", None), **more)


def test_a_row_adopts_the_prediction_with_its_input() -> None:
    assert decide([row("r")], [candidate("p")]) == {"r": "p"}


def test_a_row_without_a_prediction_is_created_again() -> None:
    assert decide([row("r")], []) == {"r": Verdict.CREATE}
    assert decide([row("r")], [candidate("p", {"text": "b"})]) == {"r": Verdict.CREATE}


@pytest.mark.parametrize(("theirs", "expected"), [({"n": 1}, "p"), ({"n": True}, Verdict.CREATE)])
def test_numbers_are_compared_as_json(theirs: Any, expected: Any) -> None:
    assert decide([row("r", {"n": 1.0})], [candidate("p", theirs)]) == {"r": expected}


@given(k=st.integers(1, 5), m=st.integers(0, 7), others=st.integers(0, 3))
def test_of_k_equal_rows_and_m_predictions_the_smaller_number_is_adopted(
    k: int, m: int, others: int
) -> None:
    rows = [row(f"r{i}") for i in range(k)]
    candidates = [candidate(f"p{i}") for i in range(m)]
    candidates += [candidate(f"o{i}", {"text": "other"}) for i in range(others)]

    verdicts = decide(rows, candidates)

    adopted = [verdict for verdict in verdicts.values() if isinstance(verdict, str)]
    assert len(adopted) == len(set(adopted)) == min(k, m)
    assert Counter(verdicts.values())[Verdict.CREATE] == k - min(k, m)
    assert all(id_.startswith("p") for id_ in adopted)


def test_a_prediction_from_before_the_row_was_sent_is_not_its_own() -> None:
    early = candidate("p", created_at=NOON - CLOCK_MARGIN - 1)

    assert decide([row("r")], [early]) == {"r": Verdict.CREATE}
    assert decide([row("r")], [candidate("p", created_at=NOON - CLOCK_MARGIN + 1)]) == {"r": "p"}


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), max_size=5),
)
def test_as_many_rows_adopt_as_the_times_allow(sent: list[int], created: list[int]) -> None:
    step = 2 * CLOCK_MARGIN
    rows = [row(f"r{i}", sent_at=NOON + step * n) for i, n in enumerate(sent)]
    candidates = [candidate(f"p{i}", created_at=NOON + step * n) for i, n in enumerate(created)]
    # Sets of fitting predictions contain each other, so this greedy count is the largest.
    free = sorted(created)
    most = 0
    for n in sorted(sent, reverse=True):
        if free and free[-1] >= n:
            free.pop()
            most += 1

    verdicts = decide(rows, candidates)

    adopted = {key: id_ for key, id_ in verdicts.items() if isinstance(id_, str)}
    assert len(adopted) == len(set(adopted.values())) == most
    for key, id_ in adopted.items():
        assert created[int(id_[1:])] >= sent[int(key[1:])]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "p"),
        ({"model": "o/n"}, "p"),
        ({"model": "o/other"}, Verdict.CREATE),
        ({"version": "v1"}, "p"),
    ],
)
def test_a_contradicting_model_excludes_a_prediction(more: Any, expected: Any) -> None:
    assert decide([row("r")], [candidate("p", **more)]) == {"r": expected}


@pytest.mark.parametrize(
    ("version", "expected"), [("v1", "p"), (None, "p"), ("v2", Verdict.CREATE)]
)
def test_a_contradicting_version_excludes_a_prediction(version: Any, expected: Any) -> None:
    made = reconcile([row("r")], [candidate("p", version=version)], lambda _: Model(None, "v1"))

    assert made == {"r": expected}


def test_a_prediction_whose_data_was_removed_leaves_the_row_unknown() -> None:
    assert decide([row("r")], [removed("p")]) == {"r": Verdict.UNKNOWN}
    assert decide([row("r")], [removed("p", model="o/other")]) == {"r": Verdict.CREATE}
    assert decide([row("r")], [removed("p", created_at=NOON - 100)]) == {"r": Verdict.CREATE}


def test_a_certain_prediction_comes_before_one_whose_data_was_removed() -> None:
    assert decide([row("r")], [removed("p"), candidate("q")]) == {"r": "q"}
    verdicts = decide([row("r"), row("s")], [removed("p"), candidate("q")])
    assert sorted(map(str, verdicts.values())) == [str(Verdict.UNKNOWN), "q"]


def test_rows_are_unknown_if_the_predictions_could_not_be_listed() -> None:
    assert decide([row("r")], None) == {"r": Verdict.UNKNOWN}


def test_a_file_is_compared_by_its_content() -> None:
    content = "data:text/plain;base64,aGVsbG8="
    ours = {"file": {"$file": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}}

    assert decide([row("r", ours)], [candidate("p", {"file": content})]) == {"r": "p"}
    other = {"file": "data:text/plain,other"}
    assert decide([row("r", ours)], [candidate("p", other)]) == {"r": Verdict.CREATE}


def test_an_uploaded_file_is_compared_by_the_hash_that_the_api_has() -> None:
    rows = [row("r", {"file": FILE, "n": 1})]
    url = "https://api.test/v1/files/f1"
    candidates = [candidate("p", {"file": url, "n": 1})]

    assert decide(rows, candidates) == {"r": Verdict.UNKNOWN}
    assert decide(rows, candidates, hash_of={url: "a" * 64}.get) == {"r": "p"}
    assert decide(rows, candidates, hash_of={url: "b" * 64}.get) == {"r": Verdict.CREATE}
    # Another value shows that it is another input, whatever the file is.
    others = [candidate("p", {"file": url, "n": 2})]
    assert decide(rows, others) == {"r": Verdict.CREATE}


@pytest.mark.parametrize("kind", ["$image", "$another"])
def test_a_file_that_is_not_described_by_its_bytes_is_never_decided(kind: str) -> None:
    ours = {"image": {kind: "a" * 64}}
    theirs = {"image": "data:image/png;base64,AAAA"}

    assert decide([row("r", ours)], [candidate("p", theirs)]) == {"r": Verdict.UNKNOWN}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_an_input_that_the_api_returns_fits(value: Any) -> None:
    returned = json.loads(json.dumps({"value": value}))

    assert decide([row("r", {"value": value})], [candidate("p", returned)]) == {"r": "p"}
