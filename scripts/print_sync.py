"""Print the blocking half of the client from its async half.

Methods and loops are written once, in the files named ``async_*.py``; this script replaces the
words of async Python by their blocking counterparts. Decisions belong in a flow
(replicate_ext/_http/flow.py), which both halves share.

Run by `make generate`; `make drift` runs it with `--check`, which writes nothing and fails if a
printed file is not up to date.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "replicate_ext"

SOURCES = (
    "_async_base.py",
    "_async_client.py",
    "_files/async_save_outputs.py",
    "_files/async_transfer.py",
    "_http/async_driver.py",
    "_network/async_lent_transport.py",
    "_network/async_pooled_body.py",
    "_http/async_response_body.py",
    "_resources/async_files.py",
    "_resources/async_hints.py",
    "_resources/async_models.py",
    "_resources/async_objects.py",
    "_resources/async_pages.py",
    "_resources/async_predictions.py",
    "_streams/async_stream.py",
    "_streams/browser/async_body.py",
    "batch/_async_account.py",
    "batch/_async_batch.py",
    "batch/_async_commits.py",
    "batch/_async_engine.py",
    "batch/_async_result.py",
    "typed/async_loading.py",
    "batch/_async_results.py",
    "batch/_async_waiting.py",
)
"""The async files, relative to replicate_ext. Each is printed to the same folder."""

SUBSTITUTIONS = (
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait to_thread\.run_sync\(([\w.]+), ", r"\1("),
    (r"\bawait ", ""),
    (r"\bAsync(?=ByteStream\b)|(?<!httpx\.)\bAsync(?=Client\b)", "Sync"),
    (r"\b(_?)Async(?=[A-Z])", r"\1"),
    (r"\bStopAsync(?=[A-Z])", "Stop"),
    (r"async_(?=[a-z])", ""),
    (r"\basync(?=contextmanager\b)", ""),
    (r"\b__a(iter|next|enter|exit)__\b", r"__\1__"),
    (r"\ba(iter|next|close|closing|load|read|save)(?=_|\b)", r"\1"),
    (r"\bCoroutine\[Any, Any, (\w+)\]", r"\1"),
    (r"\bAwaitable\[(\w+(\[\w+\])?)\]", r"\1"),
    (r"\bAsynchronous client\b", "Client"),
)
"""Pairs of a regular expression and its replacement, applied in order."""

_FIXES = "D202,F401,I001,PYI016,SIM117,UP028"
"""Rules of ruff that printed files may violate although their async sources do not."""
_STYLE = ("--quiet", "--config", str(ROOT / "pyproject.toml"))


def main() -> int:
    """Print the files, or compare them with the existing ones."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args()
    stale = []
    for source in SOURCES:
        path = PACKAGE / source
        target = path.with_name(path.name.replace("async_", "", 1))
        printed = blocking(path.read_text(encoding="utf-8"), path.name, target)
        if target.exists() and target.read_text(encoding="utf-8") == printed:
            continue
        stale.append(f"{target.relative_to(ROOT)} does not match {path.name}; run `make generate`")
        if not options.check:
            target.write_text(printed, encoding="utf-8", newline="\n")
    if options.check:
        print("\n".join(stale) or "The blocking modules are up to date")
    return 1 if options.check and stale else 0


def blocking(source: str, name: str, target: Path) -> str:
    """Return the blocking version of an async module.

    Args:
        source: The module's text.
        name: Its file name, for the header.
        target: Path of the printed file, which decides how it is formatted.
    """
    for pattern, replacement in SUBSTITUTIONS:
        source = re.sub(pattern, replacement, source)
    header = f"# Printed from {name} by `make generate`; changes made here are lost.\n"
    fix = ("check", "--fix", "--unsafe-fixes", "--select", _FIXES)
    return _ruff(("format",), _ruff(fix, header + source, target), target)


def _ruff(action: tuple[str, ...], text: str, target: Path) -> str:
    command = [sys.executable, "-m", "ruff", *action, *_STYLE, "--stdin-filename", str(target), "-"]
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{target.name} cannot be printed: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
