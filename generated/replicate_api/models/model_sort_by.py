# Generated from openapi.yaml by `make generate`; changes made here are lost.
from typing import Literal, TypeAlias

ModelSortBy: TypeAlias = Literal["latest_version_created_at", "model_created_at"]
