"""The records of a sandbox: requests, deliveries and contract violations."""

from collections import deque
from dataclasses import dataclass, field

from replicate_ext.sandbox._contract.contract import KEPT_VIOLATIONS, ContractViolation
from replicate_ext.sandbox._server.recorder import Requests
from replicate_ext.sandbox._webhooks.delivery import KEPT_DELIVERIES, Delivery


@dataclass(frozen=True, slots=True)
class Records:
    """The latest requests, deliveries and contract violations."""

    requests: Requests
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=KEPT_DELIVERIES))
    violations: deque[ContractViolation] = field(
        default_factory=lambda: deque(maxlen=KEPT_VIOLATIONS)
    )
