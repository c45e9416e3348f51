"""Which inputs are read to be described, and the keys that follow from descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from replicate_ext.batch._inputs import canonical, digest_of, has_files


@pytest.mark.parametrize(("value", "expected"), [({"a": [1, "b", None]}, False), ([b"x"], True)])
def test_only_inputs_with_files_are_read(value: Any, expected: bool) -> None:
    assert has_files(value) is expected


def test_equal_inputs_have_the_same_digest() -> None:
    one, other = (canonical(each) for each in ({"a": (1.0,), "b": "é"}, {"b": "é", "a": [1]}))

    assert one == other
    assert digest_of("o/n", one) == digest_of("o/n", other) != digest_of("o/m", one)
