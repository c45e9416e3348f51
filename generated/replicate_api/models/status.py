# Generated from openapi.yaml by `make generate`; changes made here are lost.
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["aborted", "canceled", "failed", "processing", "starting", "succeeded"]
