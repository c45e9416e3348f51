"""RESULTS.md: the tables of the last two runs, each with the machine and the versions."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PATH = Path(__file__).parent / "RESULTS.md"
_RUNS = 2
_PACKAGES = ("replicate-ext", "httpx", "httpcore", "aiohttp", "replicate", "httpx-sse", "openai")
_TITLE = """\
# Results

Written by `make bench`, which keeps the last two runs. README.md explains how to read the tables.

![CPU time by number of runs, streams, events, pages and files, newest run](growth.svg)
"""
_RUN = "\n## Run of "


def write(text: str, minutes: float) -> None:
    """Add a run to RESULTS.md, and drop all but the newest two.

    Args:
        text: The tables of the run.
        minutes: How long the run took.
    """
    before = PATH.read_text(encoding="utf-8").split(_RUN)[1:] if PATH.exists() else []
    runs = [*before, _section(text, minutes)][-_RUNS:]
    PATH.write_text(_RUN.join([_TITLE, *runs]), encoding="utf-8")


def _section(text: str, minutes: float) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    machine = f"{_processor()}, {os.cpu_count()} processors, {platform.system()}"
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"""\
{datetime.now(UTC):%Y-%m-%d %H:%M} UTC

- Machine: {machine}, Python {platform.python_version()}
- Versions: {versions}
- Duration: {minutes:.0f} minutes; load averages at the end: {load}

```
{text}
```
"""


def _processor() -> str:
    """Return the name of the processor, which only Linux gives in this place."""
    try:
        line = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("model name")[2]
    except OSError:
        line = ""
    return line.partition("\n")[0].strip("\t :") or platform.machine()
