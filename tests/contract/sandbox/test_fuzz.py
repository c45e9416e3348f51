"""Invalid requests do not cause server errors in the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.fuzz import Fuzzer, exchange
from support.sandboxes import client_of

from replicate_ext.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest

SERVER_ERROR = 500
SEED = 20_261_126


def statuses(
    make: Callable[[Fuzzer], Iterable[bytes]], caplog: pytest.LogCaptureFixture
) -> set[int]:
    """Send requests, check that none causes a server error, and return the statuses."""
    seen = set()
    with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
        fuzzer = Fuzzer(sandbox, SEED)
        for request in make(fuzzer):
            status = exchange(fuzzer.url, request) or 0
            assert status < SERVER_ERROR, (status, request[:2_000], caplog.text[-2_000:])
            seen.add(status)
        assert client.get("/predictions").status_code == 200
        assert sandbox.contract_violations == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    return seen


def test_no_value_of_a_field_causes_a_server_error(caplog: pytest.LogCaptureFixture) -> None:
    seen = statuses(Fuzzer.every_field, caplog)
    assert {200, 201, 400, 422} <= seen


def test_no_malformed_request_causes_a_server_error(caplog: pytest.LogCaptureFixture) -> None:
    seen = statuses(lambda fuzzer: (fuzzer.some() for _ in range(1_000)), caplog)
    assert {200, 201, 400, 401, 403, 404, 405, 422} <= seen
