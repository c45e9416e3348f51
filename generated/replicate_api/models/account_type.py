# Generated from openapi.yaml by `make generate`; changes made here are lost.
from typing import Literal, TypeAlias

AccountType: TypeAlias = Literal["organization", "user"]
