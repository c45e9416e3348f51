"""Where the tests find what is not the project's."""

from __future__ import annotations

import os
from pathlib import Path

from support.bodies import ROOT

RECORDINGS = Path(os.environ.get("REPLICATE_RECORDINGS", ROOT.parent / "shared" / "recordings"))
"""Real traffic, where it is at hand; what else is shared lies beside it."""
