"""Run a model for each row of a CSV file, and save the pictures that it makes.

    python examples/batch_csv.py owner/name rows.csv pictures --files image

The column ``id`` identifies a row; the other columns are the inputs of the model. Run it again
after an interruption: finished rows cost nothing. The result is ``pictures/results.csv``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from replicate_ext.batch import Batch


def main() -> int:
    """Run the model; return 1 if a row failed."""
    parser = argparse.ArgumentParser(description="Run a model for each row of a CSV file.")
    parser.add_argument("model", help="owner/name or owner/name:version")
    parser.add_argument("rows", type=Path, help="CSV file with a column id")
    parser.add_argument("folder", type=Path, help="folder for the pictures and the journal")
    parser.add_argument("--files", nargs="*", default=[], help="columns that are paths of files")
    given = parser.parse_args()

    def input_of(row: dict[str, str]) -> dict[str, Any]:
        return {
            name: given.rows.parent / value if name in given.files else value
            for name, value in row.items()
            if name != "id"
        }

    given.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with (
        given.rows.open(newline="", encoding="utf-8") as source,
        (given.folder / "results.csv").open("w", newline="", encoding="utf-8") as target,
        Batch(given.folder / "runs.db") as batch,
    ):
        writer = csv.writer(target)
        writer.writerow(["id", "files", "error"])
        rows = csv.DictReader(source)
        for result in batch.map(
            given.model, rows, key="id", input=input_of, save_to=given.folder, ordered=True
        ):
            failed += result.error is not None
            files = " ".join(path.name for path in result.files)
            writer.writerow([result.key, files, result.error or ""])
        print(batch.report())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
