"""Schemathesis asks the sandbox for all that openapi.yaml allows, and for what it forbids."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.checks import CHECKS
from support.bodies import SPEC

from replicate_ext.sandbox import Sandbox

# The checks that cannot hold, and why.
_LEFT_OUT = {
    # The document does not say which names, versions, hardware and inputs there are; the API
    # refuses what does not exist with 400 or 422, and so does the sandbox.
    "positive_data_acceptance",
}


def with_errors(document: Any) -> Any:
    """Return a document in which each operation may answer an error; the real one has hardly any."""
    changed = deepcopy(document)
    problem = {"schema": {"type": "object", "required": ["detail"]}}
    content = dict.fromkeys(("application/problem+json", "application/json"), problem)
    for item in changed["paths"].values():
        for operation in item.values():
            operation["responses"]["default"] = {"description": "", "content": content}
    return changed


schema = schemathesis.openapi.from_dict(with_errors(SPEC))


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
def test_the_sandbox_is_what_the_document_says(case: schemathesis.Case, sandbox: Sandbox) -> None:
    case.call_and_validate(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {sandbox.api_token}"},
        excluded_checks=CHECKS.get_by_names(sorted(_LEFT_OUT)),
    )


def test_every_operation_is_asked() -> None:
    assert schema.statistic.operations.total == len(schema) == 37
