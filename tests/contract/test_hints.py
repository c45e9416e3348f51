"""The advice in errors of creates, and where it must not appear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.clients import Kind, answer, start
from support.clock import VirtualClock

from replicate_ext import APIError, NotFoundError, ValidationError

PIN = "Only official models run without a version"
NOT_FOUND = answer(404, {"detail": "The requested resource could not be found.", "status": 404})
VERSION = "a" * 64


def error_of(
    kind: Kind,
    clock: VirtualClock,
    response: Any,
    reference: str = "owner/name",
    input: Any = None,
    **options: Any,
) -> APIError:
    """The error of a run that gets this response."""
    client, _ = start(kind, clock, response, max_retries=0, **options)
    with pytest.raises(APIError) as caught:
        client.run(reference, input or {})
    return caught.value


def test_a_model_that_is_not_found_by_name_may_need_a_version(
    kind: Kind, clock: VirtualClock
) -> None:
    error = error_of(kind, clock, NOT_FOUND)

    assert isinstance(error, NotFoundError)
    assert PIN in str(error)


@pytest.mark.parametrize(
    "reference", [f"owner/name:{VERSION}", VERSION, "deployments/owner/name"], ids=str
)
def test_a_reference_with_a_version_or_a_deployment_gets_no_advice(
    kind: Kind, clock: VirtualClock, reference: str
) -> None:
    assert PIN not in str(error_of(kind, clock, NOT_FOUND, reference))


@pytest.mark.parametrize("status", [400, 401, 402, 409, 422, 429])
def test_no_other_error_advises_to_pin_a_version(
    kind: Kind, clock: VirtualClock, status: int
) -> None:
    assert PIN not in str(error_of(kind, clock, answer(status, {"detail": "no"})))


@pytest.mark.parametrize("base_url", ["https://api.test/api", "https://api.test/api/v2/"])
def test_a_base_url_without_v1_is_named_first(
    kind: Kind, clock: VirtualClock, base_url: str
) -> None:
    message = str(error_of(kind, clock, NOT_FOUND, base_url=base_url))

    assert "Check base_url" in message
    assert PIN not in message


def test_a_local_path_as_a_string_gets_the_advice_to_use_path(
    kind: Kind, clock: VirtualClock, tmp_path: Path
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"x")
    refused = answer(
        422,
        {
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "format", "field": "input.image", "description": "Does not match 'uri'"}
            ],
        },
    )

    error = error_of(kind, clock, refused, input={"image": str(picture)})

    assert isinstance(error, ValidationError)
    assert f"pathlib.Path({str(picture)!r})" in str(error)
    assert "pathlib" not in str(error_of(kind, clock, refused, input={"image": "no/such/file"}))
