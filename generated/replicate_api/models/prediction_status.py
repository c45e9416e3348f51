# Generated from openapi.yaml by `make generate`; changes made here are lost.
from typing import Literal, TypeAlias

PredictionStatus: TypeAlias = Literal[
    "aborted", "canceled", "failed", "processing", "starting", "succeeded"
]
