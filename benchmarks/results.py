"""RESULTS.md: the table of a whole run, with what it was measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PATH = Path(__file__).parent / "RESULTS.md"
_PACKAGES = ("replicate-ext", "httpx", "httpcore", "aiohttp", "replicate", "httpx-sse", "openai")


def write(table: str) -> None:
    """Write the table to RESULTS.md.

    Args:
        table: The table as text.
    """
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    machine = f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}"
    PATH.write_text(
        f"""# Results

Written by `make bench`. README.md says how to read the table.

- Date: {datetime.now(UTC):%Y-%m-%d}
- Machine: {machine}, Python {platform.python_version()}
- Versions: {versions}

```
{table}
```
""",
        encoding="utf-8",
    )
