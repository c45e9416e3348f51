"""Schemathesis tests the sandbox with requests that openapi.yaml allows, and with others."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from support.bodies import SPEC

from replicate_ext.sandbox import Sandbox

# Checks that cannot pass, and why.
_LEFT_OUT: list[schemathesis.CheckFunction] = [positive_data_acceptance]
"""The document does not list the names, versions, hardware and inputs that exist. As the real API
does, the sandbox responds with 400 or 422 to unknown ones."""
_LEFT_OUT_FOR: dict[str, list[schemathesis.CheckFunction]] = {
    # In a form or a text body, JSON of a wrong type arrives as ordinary text.
    "models.search": [negative_data_rejection],
    "files.create": [negative_data_rejection],
}


def with_errors(document: Any) -> Any:
    """Return the document with error responses for all operations, most of which it omits."""
    changed = deepcopy(document)
    problem = {"schema": {"type": "object", "required": ["detail"]}}
    content = dict.fromkeys(("application/problem+json", "application/json"), problem)
    for item in changed["paths"].values():
        for operation in item.values():
            operation["responses"]["default"] = {"description": "", "content": content}
    return changed


schema = schemathesis.openapi.from_dict(with_errors(SPEC))
# Unknown parameters are ignored, as in the real API.
schema.config.generation.update(allow_extra_parameters=False)


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
def test_responses_match_the_document(case: schemathesis.Case[Any], sandbox: Sandbox) -> None:
    operation_id = case.operation.definition.raw["operationId"]
    left_out = _LEFT_OUT + _LEFT_OUT_FOR.get(operation_id, [])
    case.call_and_validate(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {sandbox.api_token}"},
        excluded_checks=left_out,
    )


def test_every_operation_is_tested() -> None:
    assert schema.statistic.operations.total == len(schema) == 37
