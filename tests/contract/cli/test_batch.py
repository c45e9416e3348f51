"""`replicate-ext batch`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from support.commands import Cli

ROWS = "id,text,count\nada,Ada,2\ngrace,Grace,\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text(ROWS)
    return Path("rows.csv")


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def by_key(found: list[Any]) -> dict[str, Any]:
    return {one["key"]: one for one in found}


class TestRun:
    def test_prints_each_result_in_a_pipe(self, cli: Cli, rows: Path) -> None:
        found = by_key(cli.lines("batch", "run", "me/typed", rows, "--key", "id", "flag=yes"))

        assert set(found) == {"ada", "grace"}
        assert found["ada"]["state"] == "done"
        assert found["ada"]["output"]["count"] == 2
        assert found["grace"]["output"]["count"] == 1
        assert found["grace"]["output"]["flag"] is True

    def test_prints_a_report_on_a_terminal(self, cli: Cli, rows: Path) -> None:
        shown = cli.shown("batch", "run", "me/typed", rows, "--key", "id")

        assert "2 rows, 2 predictions" in shown

    def test_pays_no_row_twice(self, cli: Cli, rows: Path) -> None:
        command = ("batch", "run", "me/typed", rows, "--key", "id", "--journal", "j.db")
        first = cli.lines(*command)
        before = len(cli.sandbox.requests)

        again = cli.lines(*command)

        assert by_key(again) == by_key(first)
        assert [one for one in cli.sandbox.requests[before:] if one.method == "POST"] == []

    def test_json_lines_and_values_of_their_own(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n\n{"text": "b", "numbers": [1]}\n')

        found = cli.lines("batch", "run", "me/typed", "rows.jsonl", "text=c", "count=3")

        outputs = sorted((one["output"] for one in found), key=lambda one: str(one["text"]))
        assert [(one["text"], one["count"]) for one in outputs] == [("a", 3), ("b", 3)]
        assert outputs[1]["numbers"] == [1]

    def test_lists_in_cells(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").write_text('words,numbers\none,"[1, 2]"\n')

        [found] = cli.lines("batch", "run", "me/typed", "rows.csv")

        assert (found["output"]["words"], found["output"]["numbers"]) == (["one"], [1, 2])

    def test_files_in_and_out(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.bin").write_bytes(b"123")
        (tmp_path / "in" / "rows.csv").write_text("file,files\na.bin,a.bin\n")
        (tmp_path / "count.csv").write_text("count\n1\n")

        [sizes] = cli.lines("batch", "run", "me/lengths", "in/rows.csv")
        [made] = cli.lines("batch", "run", "me/pictures", "count.csv", "-o", "out")

        assert sizes["output"] == [3, 3]
        [path] = made["files"]
        assert Path(path).parent == Path("out")
        assert (tmp_path / path).is_file()

    def test_a_failed_row_is_exit_code_1(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").write_text("reason\nfirst\n")
        command = ("batch", "run", "me/failing", "rows.csv")

        piped, shown = cli(*command), cli(*command, "--journal", "b.db", terminal=True)

        assert (piped.exit_code, shown.exit_code) == (1, 1)
        [row] = lines(piped.stdout)
        assert (row["state"], "first" in row["error"]) == ("failed", True)
        assert "Row 1, " in shown.stderr
        assert "first" in shown.stderr
        assert cli(*command, "--retry-failed").exit_code == 1

    def test_an_interrupt_leaves_the_journal(
        self, cli: Cli, rows: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("replicate_ext.cli.batch._of_result", interrupt)
            result = cli("batch", "run", "me/typed", rows, "--key", "id")

        assert result.exit_code == 130
        assert "run the same command again" in result.stderr
        assert len(cli.lines("batch", "run", "me/typed", rows, "--key", "id")) == 2

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("id,txt\na,b\n", "row 1: txt: the model has no such input; did you mean text?"),
            ("id,count\na,1\nb,99\n", "row 2: count: 99 is above the maximum of 9"),
            ("text\na\n", "row 1: id: this field is the key of the row, but it has no value"),
            ("id,text\n", "the file has no rows"),
            ("id,text\na,b,c\n", "a row has more cells than the first line"),
            ('id,numbers\na,"[1"\n', "row 1: numbers: invalid JSON"),
            ("id,count\n" + "a,99\n" * 7, "; and 2 more rows"),
        ],
    )
    def test_a_row_that_the_model_would_refuse_is_an_error_and_nothing_is_run(
        self, cli: Cli, tmp_path: Path, content: str, message: str
    ) -> None:
        (tmp_path / "rows.csv").write_text(content)
        before = len(cli.sandbox.requests)

        result = cli("batch", "run", "me/typed", "rows.csv", "--key", "id")

        assert result.exit_code == 2
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert [one for one in cli.sandbox.requests[before:] if one.method == "POST"] == []
        assert not (tmp_path / "rows.db").exists()

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("rows.txt", b"a\n", "'rows.txt' is not a .csv or .jsonl file"),
            ("rows.jsonl", b"{\n", "rows.jsonl: line 1: invalid JSON"),
            ("rows.jsonl", b"[1]\n", "rows.jsonl: line 1: expected a JSON object"),
            ("rows.csv", b"text\n\xff\n", "rows.csv: 'utf-8' codec"),
        ],
    )
    def test_a_malformed_file_is_an_error(
        self, cli: Cli, tmp_path: Path, name: str, content: bytes, message: str
    ) -> None:
        (tmp_path / name).write_bytes(content)

        result = cli("batch", "run", "me/typed", name)

        assert result.exit_code == 2
        assert message in result.stderr

    def test_missing_files_are_errors(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "rows.csv").write_text("file\nno.bin\n")

        assert cli("batch", "run", "me/typed", "no.csv").exit_code == 2
        result = cli("batch", "run", "me/lengths", "rows.csv")
        assert result.exit_code == 2
        assert "row 1: file: no file 'no.bin'" in result.stderr


class TestStatus:
    def test_has_the_counts(self, cli: Cli, rows: Path) -> None:
        cli("batch", "run", "me/typed", rows, "--key", "id")

        assert "2 rows, 2 predictions" in cli.shown("batch", "status", "rows.db")
        assert cli.lines("batch", "status", "rows.db")[0]["states"] == {"done": 2}

    def test_a_missing_journal_is_an_error(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "no.db").write_text("no journal")

        for name in ("missing.db", "no.db"):
            result = cli("batch", "status", name)
            assert result.exit_code == 1
            assert len(result.stderr.splitlines()) == 1


class TestExport:
    @pytest.fixture(autouse=True)
    def _journal(self, cli: Cli, rows: Path) -> None:
        cli("batch", "run", "me/typed", rows, "--key", "id")

    def test_to_standard_output(self, cli: Cli) -> None:
        found = by_key(cli.lines("batch", "export", "rows.db"))

        assert found["ada"]["output"]["text"] == "Ada"
        assert found["ada"]["state"] == "done"

    def test_to_json_lines(self, cli: Cli, tmp_path: Path) -> None:
        assert cli.shown("batch", "export", "rows.db", "a.jsonl") == "Wrote 2 rows to a.jsonl\n"

        assert set(by_key(lines((tmp_path / "a.jsonl").read_text()))) == {"ada", "grace"}

    def test_to_csv(self, cli: Cli, tmp_path: Path) -> None:
        assert cli.lines("batch", "export", "rows.db", "a.csv") == [{"rows": 2, "file": "a.csv"}]

        with (tmp_path / "a.csv").open(newline="") as file:
            found = by_key(list(csv.DictReader(file)))
        assert json.loads(found["ada"]["output"])["text"] == "Ada"
        assert found["grace"]["files"] == ""

    def test_to_another_kind_of_file_is_an_error(self, cli: Cli) -> None:
        result = cli("batch", "export", "rows.db", "a.xls")

        assert result.exit_code == 2
        assert "'a.xls' is not a .csv or .jsonl file" in result.stderr
