"""Schemathesis asks the sandbox for all that openapi.yaml allows, and for what it forbids."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from support.bodies import SPEC

from replicate_ext.sandbox import Sandbox

# The checks that cannot hold, and why.
_LEFT_OUT: list[schemathesis.CheckFunction] = [positive_data_acceptance]
"""The document does not say which names, versions, hardware and inputs there are; the API refuses
what does not exist with 400 or 422, and so does the sandbox."""
_LEFT_OUT_FOR: dict[str, list[schemathesis.CheckFunction]] = {
    # What was made from JSON of a wrong kind is a text like others when it arrives.
    "models.search": [negative_data_rejection],
    "files.create": [negative_data_rejection],
}


def with_errors(document: Any) -> Any:
    """Return a document whose operations may all answer an error; the real one has hardly any."""
    changed = deepcopy(document)
    problem = {"schema": {"type": "object", "required": ["detail"]}}
    content = dict.fromkeys(("application/problem+json", "application/json"), problem)
    for item in changed["paths"].values():
        for operation in item.values():
            operation["responses"]["default"] = {"description": "", "content": content}
    return changed


schema = schemathesis.openapi.from_dict(with_errors(SPEC))
# Nobody minds a parameter that is not known, the API neither.
schema.config.generation.update(allow_extra_parameters=False)


@schema.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
def test_the_sandbox_is_what_the_document_says(
    case: schemathesis.Case[Any], sandbox: Sandbox
) -> None:
    operation_id = case.operation.definition.raw["operationId"]
    left_out = _LEFT_OUT + _LEFT_OUT_FOR.get(operation_id, [])
    case.call_and_validate(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {sandbox.api_token}"},
        excluded_checks=left_out,
    )


def test_every_operation_is_asked() -> None:
    assert schema.statistic.operations.total == len(schema) == 37
