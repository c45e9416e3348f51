"""How a worker is started: some peers need an environment or a language of their own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".env"
MAIN = "main"
_NODE = shutil.which("node")
# Peers that cannot be installed beside the others.
_ENVIRONMENT_OF = {"official_v2": "official_v2", "javascript": "javascript"}


def command(peer: str, environment: str = MAIN) -> tuple[str, ...]:
    """Return the command of a worker, without its arguments.

    Args:
        peer: The peer that it measures.
        environment: The environment of the row.
    """
    if peer == "javascript":
        return (_NODE or "node", str(HERE / "worker.mjs"))
    name = _ENVIRONMENT_OF.get(peer, environment)
    python = sys.executable if name == MAIN else str(_python(name))
    return (python, str(HERE / "worker.py"))


def missing(peer: str, environment: str = MAIN) -> str:
    """Return why a peer cannot be measured here, or an empty string."""
    name = _ENVIRONMENT_OF.get(peer, environment)
    if peer == "javascript":
        is_ready = _NODE and (ENVIRONMENTS / name / "node_modules").exists()
        return "" if is_ready else "Node is not installed"
    return "" if name == MAIN or _python(name).exists() else "run.sh has made no environment for it"


def _python(name: str) -> Path:
    return ENVIRONMENTS / name / "bin" / "python"
