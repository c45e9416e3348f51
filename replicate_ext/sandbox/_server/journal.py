"""What a sandbox keeps of what happened, for people and tests to look at."""

from collections import deque
from dataclasses import dataclass, field

from replicate_ext.sandbox._contract.contract import KEPT_VIOLATIONS, ContractViolation
from replicate_ext.sandbox._server.recorder import Requests
from replicate_ext.sandbox._webhooks.delivery import KEPT_DELIVERIES, Delivery


@dataclass(frozen=True, slots=True)
class Journal:
    """The latest of everything worth knowing; what is full forgets the oldest."""

    requests: Requests
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=KEPT_DELIVERIES))
    violations: deque[ContractViolation] = field(
        default_factory=lambda: deque(maxlen=KEPT_VIOLATIONS)
    )
