"""Recorded responses: the project's own, and those of real traffic if there are any."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from recordings.replica import read
from support.places import own, real
from support.recordings import method_of


class Recorded(NamedTuple):
    """The JSON body of a recorded success, and the operation that returned it."""

    source: str
    operation_id: str
    body: Any


@pytest.fixture(scope="session", params=[own, *([real] if real("recordings/*") else [])])
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[Recorded]:
    files = request.param
    return [
        Recorded(f"{path.name} {number}", method_of(exchange)[0], exchange.answer)
        for path in files("recordings/**/*")
        for number, exchange in enumerate(read(path, tmp_path_factory.mktemp("cassettes")))
        if exchange.status < 300 and exchange.answer is not None
    ]
