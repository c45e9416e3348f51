# Generated from openapi.yaml by `make generate`; changes made here are lost.
from typing import Literal, TypeAlias

WebhookEvent: TypeAlias = Literal["completed", "logs", "output", "start"]
