"""The example: CSV in, pictures out."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image
from support.blocks import ROOT

from replicate_ext.sandbox import Sandbox


def test_a_csv_file_becomes_pictures(sandbox: Sandbox, tmp_path: Path) -> None:
    for name, color in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (8, 8), color).save(tmp_path / f"{name}.png")
    rows = tmp_path / "rows.csv"
    rows.write_text("id,image\nfirst,a.png\nsecond,b.png\n", encoding="utf-8")
    out = tmp_path / "out"
    command: list[str | Path] = [
        sys.executable,
        ROOT / "examples" / "batch_csv.py",
        "sandbox/posterize",
        rows,
        out,
    ]
    environment = {
        **os.environ,
        "REPLICATE_API_TOKEN": sandbox.api_token,
        "REPLICATE_BASE_URL": sandbox.base_url,
    }

    for _ in range(2):
        done = subprocess.run(
            [*command, "--files", "image"], env=environment, capture_output=True, check=True
        )
        assert b"2 rows, 2 predictions" in done.stdout

    with (out / "results.csv").open(encoding="utf-8", newline="") as results:
        assert [(row["id"], row["error"]) for row in csv.DictReader(results)] == [
            ("first", ""),
            ("second", ""),
        ]
    pictures = sorted(path for path in out.iterdir() if path.stem in ("first", "second"))
    assert len(pictures) == 2
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.size == (8, 8)
