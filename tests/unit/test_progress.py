"""Progress from the tqdm progress bars in the logs of a run."""

from __future__ import annotations

import time

import pytest
from replicate_api.models import Prediction, Training

from replicate_ext import Progress, parse_progress

BAR = "  2%|▏         | 1/50 [00:00<00:31,  1.57it/s]"


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        (BAR, (0.02, 1, 50)),
        ("  0%|          | 0/50 [00:00<?, ?it/s]", (0.0, 0, 50)),
        ("100%|██████████| 50/50 [00:02<00:00, 17.09it/s]", (1.0, 50, 50)),
        ("40%|████      | 2/5", (0.4, 2, 5)),
        ("\t40% |####------| 2/5", (0.4, 2, 5)),
        ("120%|██████████| 6/5", (1.2, 6, 5)),
        ("  7%|▋         | 7168/102400 [00:01<00:09]", (0.07, 7168, 102400)),
    ],
)
def test_a_bar_is_read(logs: str, expected: tuple[float, int, int]) -> None:
    assert parse_progress(logs) == Progress(*expected)


@pytest.mark.parametrize(
    "logs",
    [
        None,
        "",
        "Using seed: 42",
        "2/5",
        "40%",
        "40%|████",
        "40%|████      |",
        "40%|████      | 2",
        "40%|████      | two/five",
        "%|████      | 2/5",
        "accuracy: 40%|████      | 2/5",
        "Downloading: 40%|████      | 2/5",
        "2it [00:00, 17.09it/s]",
    ],
)
def test_without_a_bar_there_is_no_progress(logs: str | None) -> None:
    assert parse_progress(logs) is None


@pytest.mark.parametrize("between", ["\n", "\r", "\r\n", "\n\n", "\nloading weights\n"])
@pytest.mark.parametrize("around", ["", "\n", "\r", "\ndone"])
def test_the_last_bar_wins(between: str, around: str) -> None:
    bars = ["Using seed: 42", "100%|██████████| 9/9", "20%|██        | 1/5", "60%|██████    | 3/5"]

    assert parse_progress(between.join(bars) + around) == (0.6, 3, 5)


def test_a_bar_that_is_cut_off_does_not_hide_the_one_before() -> None:
    assert parse_progress(f"{BAR}\r  6%|▌         | ") == (0.02, 1, 50)


@pytest.mark.parametrize("kind", [Prediction, Training])
def test_runs_have_their_progress_in_their_logs(kind: type[Prediction | Training]) -> None:
    assert parse_progress(kind.from_dict({"logs": f"Using seed: 42\n{BAR}\n"})) == (0.02, 1, 50)
    assert parse_progress(kind.from_dict({"logs": None})) is None
    assert parse_progress(kind.from_dict({"id": "p1"})) is None
    assert parse_progress(kind.from_dict({"logs": [BAR]})) is None


@pytest.mark.parametrize(
    ("start", "part"),
    [
        ("", "\n"),
        ("", "\r"),
        ("", " "),
        ("", " \n"),
        ("", "9"),
        ("", "9\n"),
        ("", "9%"),
        ("", "1%|"),
        ("", "1%|x| "),
        ("", "1%|x|\n"),
        ("", "1%|x| 1\n"),
        ("1%|", "|"),
        ("1%|", "| "),
        ("1%|x|", " "),
        ("1%|x|", "\n"),
        ("1%|x| 1", "1"),
    ],
)
def test_a_megabyte_of_logs_is_read_in_linear_time(start: str, part: str) -> None:
    # A megabyte takes 0.1 s. Were each character looked at for every other, the first size would
    # take 5 s or more, and the second hours.
    for size in (50_000, 1_000_000):
        logs = start + part * (size // len(part))
        started = time.process_time()

        assert parse_progress(logs) is None
        assert parse_progress(f"{logs}\n{BAR}") == (0.02, 1, 50)

        assert time.process_time() - started < 2
