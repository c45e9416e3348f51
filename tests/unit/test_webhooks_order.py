"""is_newer: which of two states of a run is the later one."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replicate_api.models import Prediction, Training

from replicate_ext import is_newer

BEGUN = "2025-06-09T07:02:34.270303608Z"
ENDED = "2025-06-09T07:05:41.882143865Z"
TERMINAL = ("succeeded", "failed", "canceled", "aborted")


def run(kind: type[Any] = Prediction, **fields: Any) -> Any:
    return kind.from_dict({"id": "p1", **fields})


# Each is later than the one before it.
LATER_AND_LATER: list[dict[str, Any]] = [
    {"status": "starting"},
    {"status": "starting", "logs": ""},
    {"status": "starting", "logs": "pulling"},
    {"status": "processing"},
    {"status": "processing", "started_at": BEGUN, "logs": "a"},
    {"status": "processing", "started_at": BEGUN, "logs": "a\nb"},
    {"status": "processing", "started_at": BEGUN, "logs": "a\nb", "output": []},
    {"status": "processing", "started_at": BEGUN, "logs": "a\nb", "output": ["one"]},
    {"status": "processing", "started_at": BEGUN, "logs": "a\nb", "output": ["one", "two"]},
    {"status": "processing", "started_at": BEGUN, "logs": "a\nb\nc", "output": ["one"]},
    {"status": "succeeded"},
    {"status": "succeeded", "completed_at": ENDED},
    {"status": "succeeded", "completed_at": ENDED, "logs": "a"},
    {"status": "succeeded", "completed_at": ENDED, "logs": "a", "output": "text"},
]


@pytest.mark.parametrize("kind", [Prediction, Training])
def test_a_run_only_becomes_newer(kind: type[Any]) -> None:
    states = [run(kind, **fields) for fields in LATER_AND_LATER]
    for index, state in enumerate(states):
        newer = [is_newer(other, state) for other in states]
        assert newer == [other > index for other in range(len(states))], LATER_AND_LATER[index]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"status": "canceled", "started_at": None}, {"status": "processing", "logs": "long"}),
        ({"status": "aborted"}, {"status": "starting"}),
        ({"status": "failed", "error": "no"}, {"status": "processing", "output": ["x"] * 9}),
        ({"status": "processing"}, {"status": "queued"}),
        ({"status": "queued", "started_at": BEGUN}, {"status": "starting"}),
        ({"status": "starting", "output": 0}, {"status": "starting", "output": None}),
        ({"status": "succeeded", "output": {"a": 1}}, {"status": "succeeded", "output": {}}),
        ({"status": "succeeded", "logs": "x"}, {"status": "succeeded", "data_removed": True}),
        ({"status": "succeeded"}, {"status": ["succeeded"]}),
        (
            {"status": "canceled", "completed_at": ENDED},
            {"status": "canceled", "started_at": BEGUN},
        ),
        ({"status": "succeeded"}, {"status": None, "started_at": 3, "logs": 4}),
    ],
)
def test_one_state_is_newer_than_another(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert is_newer(run(**a), run(**b))
    assert not is_newer(run(**b), run(**a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            {"status": "processing", "output": "https://a"},
            {"status": "processing", "output": "https://b"},
        ),
        ({"status": "succeeded"}, {"status": "failed"}),
        ({"status": "starting"}, {"status": "queued"}),
        ({"status": "processing"}, {"status": "booting", "started_at": BEGUN}),
        ({}, {}),
    ],
)
def test_neither_of_two_is_newer(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not is_newer(run(**a), run(**b))
    assert not is_newer(run(**b), run(**a))


@pytest.mark.parametrize("kind", [Prediction, Training])
def test_different_runs_are_not_compared(kind: type[Any]) -> None:
    with pytest.raises(ValueError, match="p1 and p2: they are different runs"):
        is_newer(run(kind), run(kind, id="p2"))


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What a run sends in its life, in order: it grows, and ends."""
    made: list[dict[str, Any]] = []
    logs, output = "", list[str]()
    for number in range(draw(st.integers(0, 6))):
        grows = draw(st.sampled_from(("logs", "output")))
        logs += "line\n" if grows == "logs" else ""
        output = [*output, "word"] if grows == "output" else output
        status = draw(st.sampled_from(("processing", "unheard-of"))) if number else "starting"
        began = BEGUN if number else None
        made.append({"status": status, "started_at": began, "logs": logs, "output": output})
    end = {"status": draw(st.sampled_from(TERMINAL)), "completed_at": ENDED}
    return [*made, {"started_at": BEGUN, "logs": logs, "output": output, **end}]


@settings(deadline=None)  # the machine may be busy
@given(deliveries(), st.sampled_from((Prediction, Training)), st.data())
def test_the_final_state_wins_in_any_order_of_deliveries(
    sent: list[dict[str, Any]], kind: type[Any], data: st.DataObject
) -> None:
    # Some come twice.
    order = data.draw(st.permutations([*sent, *data.draw(st.lists(st.sampled_from(sent)))]))

    kept = reduce(
        lambda known, new: new if is_newer(new, known) else known,
        [run(kind, **fields) for fields in order],
    )

    assert kept.to_dict() == {"id": "p1", **sent[-1]}


STATES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from((*TERMINAL, "starting", "processing", "unheard-of", None)),
        "started_at": st.sampled_from((None, BEGUN, "no time")),
        "completed_at": st.sampled_from((None, ENDED, "no time")),
        "logs": st.none() | st.text(max_size=3) | st.integers(),
        "output": st.recursive(st.none() | st.text(max_size=3), st.lists, max_leaves=4),
    },
)


@settings(deadline=None)
@given(STATES, STATES, STATES)
def test_is_newer_is_an_order_in_which_ended_runs_come_last(
    a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]
) -> None:
    one, two, three = run(**a), run(**b), run(**c)

    assert not is_newer(one, one)
    assert not (is_newer(one, two) and is_newer(two, one))
    if is_newer(one, two) and is_newer(two, three):
        assert is_newer(one, three)
    if b.get("status") in TERMINAL and a.get("status") not in TERMINAL:
        assert is_newer(two, one)
