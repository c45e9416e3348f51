"""The commands for models, collections, files, deployments, trainings, hardware and the account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import Cli

COMMUNITY = "me/community"


@pytest.fixture
def version(cli: Cli) -> str:
    return str(cli.lines("models", "versions", COMMUNITY)[-1]["id"])


def titles(shown: str) -> list[str]:
    return shown.splitlines()[0].split()


class TestModels:
    def test_search(self, cli: Cli) -> None:
        shown = cli.shown("models", "search", "story")

        assert titles(shown) == ["Model", "Runs", "Description"]
        assert "sandbox/storyteller" in shown
        [found] = cli.lines("models", "search", "story", "--limit", "1")
        assert found["name"] == "storyteller"

    def test_search_without_results(self, cli: Cli) -> None:
        result = cli("models", "search", "zzzzzz", terminal=True)

        assert (result.stdout, result.stderr) == ("", "No results.\n")
        assert cli.lines("models", "search", "zzzzzz") == []

    def test_show(self, cli: Cli) -> None:
        assert "Official        yes" in cli.shown("models", "show", "sandbox/storyteller")
        [found] = cli.lines("models", "show", "sandbox/storyteller")
        assert found["latest_version"]["openapi_schema"]

    def test_inputs(self, cli: Cli) -> None:
        shown = cli.shown("models", "inputs", "me/typed")

        assert titles(shown) == ["Input", "Type", "Default", "Description"]
        for text in ("integer 1 to 9", "small | large", "list of string", "boolean"):
            assert text in shown
        assert "prompt (required)" in cli.shown("models", "inputs", "sandbox/storyteller")
        assert "file" in cli.shown("models", "inputs", "me/lengths")
        assert cli.lines("models", "inputs", "sandbox/storyteller")[1] == {
            "name": "max_tokens",
            "type": "integer 1 to 10000",
            "required": False,
            "default": 60,
            "description": "Tokens to stop after",
        }

    def test_inputs_of_a_bare_version_are_not_known(self, cli: Cli, version: str) -> None:
        result = cli("models", "inputs", version)

        assert result.exit_code == 2
        assert "are not known" in result.stderr

    def test_versions(self, cli: Cli, version: str) -> None:
        assert version in cli.shown("models", "versions", COMMUNITY)

    def test_create_and_delete(self, cli: Cli) -> None:
        shown = cli.shown("models", "create", "sandbox/one", "--hardware", "cpu")
        [made] = cli.lines(
            "models", "create", "sandbox/two", "--hardware", "cpu", "--public", "--description", "d"
        )

        assert "Visibility  private" in shown
        assert (made["visibility"], made["description"]) == ("public", "d")
        assert cli.shown("models", "delete", "sandbox/one", "-y") == "Deleted sandbox/one\n"
        assert cli("models", "show", "sandbox/one").exit_code == 3

    def test_deleting_is_confirmed(self, cli: Cli) -> None:
        cli("models", "create", "sandbox/three", "--hardware", "cpu")

        no = cli("models", "delete", "sandbox/three", terminal=True, stdin=b"n\n")
        nobody = cli("models", "delete", "sandbox/three")
        assert cli("models", "show", "sandbox/three").exit_code == 0
        yes = cli("models", "delete", "sandbox/three", terminal=True, stdin=b"y\n")

        assert no.exit_code == 1
        assert "Delete sandbox/three?" in no.stderr
        assert nobody.exit_code == 2
        assert "use --yes" in nobody.stderr
        assert yes.exit_code == 0

    def test_deleting_a_version(self, cli: Cli) -> None:
        result = cli("models", "delete", f"{COMMUNITY}:{'0' * 64}", "--yes")

        assert result.exit_code == 3
        assert cli.sandbox.requests[-1].path.endswith(f"/versions/{'0' * 64}")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("show", "flux"),
            ("show", f"{COMMUNITY}:1"),
            ("show", "deployments/a/b"),
            ("create", "sandbox/x"),
            ("create", "x", "--hardware", "cpu"),
            ("search",),
            ("versions", "me"),
            ("delete", "x"),
        ],
    )
    def test_wrong_usage_is_exit_code_2(self, cli: Cli, arguments: tuple[str, ...]) -> None:
        assert cli("models", *arguments).exit_code == 2


class TestCollections:
    def test_list(self, cli: Cli) -> None:
        shown = cli.shown("collections", "list")

        assert titles(shown) == ["Collection", "Name", "Description"]
        assert "official" in shown
        assert "official" in [one["slug"] for one in cli.lines("collections", "list")]

    def test_show(self, cli: Cli) -> None:
        assert "sandbox/posterize" in cli.shown("collections", "show", "official")
        assert "posterize" in [one["name"] for one in cli.lines("collections", "show", "official")]

    def test_an_unknown_one_is_exit_code_3(self, cli: Cli) -> None:
        assert cli("collections", "show", "nope").exit_code == 3
        assert cli("collections", "show").exit_code == 2


class TestFiles:
    def test_upload_show_list_and_delete(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("one")
        (tmp_path / "b.txt").write_text("two")

        made = cli.lines("files", "upload", "a.txt", "b.txt")
        shown = cli.shown("files", "upload", "a.txt")

        assert [one["name"] for one in made] == ["a.txt", "b.txt"]
        assert "Name   a.txt" in shown
        assert "Bytes    3" in cli.shown("files", "get", made[0]["id"])
        assert cli.lines("files", "get", made[0]["id"]) == made[:1]
        listed = cli.shown("files", "list")
        assert titles(listed) == ["ID", "Size", "Type", "Until", "Name"]
        assert made[1]["id"] in [one["id"] for one in cli.lines("files", "list")]
        assert cli.shown("files", "delete", made[0]["id"]) == f"Deleted {made[0]['id']}\n"
        assert cli.lines("files", "delete", made[1]["id"]) == [{"deleted": made[1]["id"]}]
        assert cli("files", "get", made[0]["id"]).exit_code == 3

    def test_a_missing_file_is_exit_code_2(self, cli: Cli) -> None:
        result = cli("files", "upload", "no.txt")

        assert result.exit_code == 2
        assert "no.txt" in result.stderr


class TestDeployments:
    @pytest.fixture
    def name(self, cli: Cli, version: str) -> Iterator[str]:
        model = f"{COMMUNITY}:{version}"
        cli("deployments", "create", "app", model, "--hardware", "cpu", "--max", "2")
        yield "sandbox/app"
        cli("deployments", "delete", "sandbox/app", "--yes")

    def test_list_and_show(self, cli: Cli, name: str) -> None:
        listed = cli.shown("deployments", "list")

        assert titles(listed) == ["Deployment", "Model"]
        assert name in listed
        assert "Instances   0 to 2" in cli.shown("deployments", "show", name)
        assert cli.lines("deployments", "show", name)[0]["name"] == "app"
        assert "app" in [one["name"] for one in cli.lines("deployments", "list")]

    def test_update(self, cli: Cli, name: str) -> None:
        [changed] = cli.lines("deployments", "update", name, "--min", "1", "--hardware", "gpu-h100")

        configuration = changed["current_release"]["configuration"]
        assert configuration == {"hardware": "gpu-h100", "min_instances": 1, "max_instances": 2}
        assert "Release     3" in cli.shown("deployments", "update", name, "--max", "3")

    def test_an_update_without_a_change_is_an_error(self, cli: Cli, name: str) -> None:
        assert cli("deployments", "update", name).exit_code == 2

    def test_delete(self, cli: Cli, name: str) -> None:
        result = cli("deployments", "delete", name, "--yes")

        assert result.exit_code in (0, 3)
        assert cli.sandbox.requests[-1].method == "DELETE"

    @pytest.mark.parametrize(
        "arguments",
        [
            ("show", "app"),
            ("create", "app", COMMUNITY, "--hardware", "cpu"),
            ("create", "app", f"{COMMUNITY}:1"),
            ("update", "sandbox/app", "--min", "-1"),
            ("delete", "sandbox/app"),
        ],
    )
    def test_wrong_usage_is_exit_code_2(self, cli: Cli, arguments: tuple[str, ...]) -> None:
        assert cli("deployments", *arguments).exit_code == 2

    def test_an_unknown_one_is_exit_code_3(self, cli: Cli) -> None:
        assert cli("deployments", "show", "sandbox/nope").exit_code == 3


class TestTrainings:
    @pytest.fixture
    def model(self, version: str) -> str:
        return f"{COMMUNITY}:{version}"

    @pytest.fixture
    def destination(self, cli: Cli) -> Iterator[str]:
        cli("models", "create", "sandbox/trained", "--hardware", "cpu")
        yield "sandbox/trained"
        cli("models", "delete", "sandbox/trained", "--yes")

    def test_create_wait_and_get(self, cli: Cli, model: str, destination: str) -> None:
        [made] = cli.lines("trainings", "create", model, destination, "text=7")
        shown = cli.shown("trainings", "wait", made["id"])

        assert made["input"]["text"] in ("7", 7)
        assert "Status       succeeded" in shown
        assert "New version" in shown
        assert cli.lines("trainings", "get", made["id"])[0]["status"] == "succeeded"
        listed = cli.shown("trainings", "list")
        assert titles(listed) == ["ID", "Status", "Created", "Model"]
        assert made["id"] in listed

    def test_cancel(self, cli: Cli, model: str, destination: str) -> None:
        [made] = cli.lines("trainings", "create", model, destination)

        assert "Status   canceled" in cli.shown("trainings", "cancel", made["id"])
        assert cli("trainings", "wait", made["id"]).exit_code == 1

    def test_the_timeout_of_wait_is_exit_code_5(
        self, cli: Cli, model: str, destination: str
    ) -> None:
        [made] = cli.lines("trainings", "create", model, destination)

        assert cli("trainings", "wait", made["id"], "--timeout", "0.05").exit_code == 5
        assert cli.lines("trainings", "get", made["id"])[0]["status"] == "processing"
        cli("trainings", "cancel", made["id"])

    def test_wrong_usage_is_exit_code_2(self, cli: Cli) -> None:
        result = cli("trainings", "create", COMMUNITY, "sandbox/trained")

        assert result.exit_code == 2
        assert "has no version" in result.stderr

    @pytest.mark.parametrize("command", ["get", "wait", "cancel"])
    def test_an_unknown_one_is_exit_code_3(self, cli: Cli, command: str) -> None:
        assert cli("trainings", command, "nothere00000000000000000000").exit_code == 3


def test_hardware(cli: Cli) -> None:
    assert titles(cli.shown("hardware")) == ["SKU", "Name"]
    assert {"name": "CPU", "sku": "cpu"} in cli.lines("hardware")
    assert cli("hardware", "more").exit_code == 2


def test_account(cli: Cli) -> None:
    assert cli.shown("account").split()[:2] == ["Username", "sandbox"]
    assert cli.lines("account") == [{"type": "user", "username": "sandbox", "name": "Sandbox"}]


class TestRequest:
    def test_get(self, cli: Cli) -> None:
        assert '  "username": "sandbox"' in cli.shown("request", "get", "/account")
        assert cli.lines("request", "GET", "/account")[0]["username"] == "sandbox"

    def test_values_of_a_get_are_parameters(self, cli: Cli) -> None:
        cli.lines("request", "GET", "/models", "sort_by=model_created_at")

        assert cli.sandbox.requests[-1].query == {"sort_by": "model_created_at"}

    def test_other_values_are_the_body(self, cli: Cli) -> None:
        arguments = ("version=replicate/hello-world", 'input:={"text": "Ada"}')

        assert cli.lines("request", "POST", "/predictions", *arguments)[0]["id"]

    def test_other_responses_are_printed_unchanged(self, cli: Cli) -> None:
        [made] = cli.lines("run", "me/pictures", "count=1")

        result = cli("request", "GET", made["output"][0])

        assert result.stdout_bytes.startswith(b"\x89PNG")

    def test_an_empty_response_prints_nothing(self, cli: Cli) -> None:
        cli("models", "create", "sandbox/gone", "--hardware", "cpu")

        assert cli("request", "DELETE", "/models/sandbox/gone").stdout == ""

    def test_an_error_is_exit_code_3(self, cli: Cli) -> None:
        assert cli("request", "GET", "/nope").exit_code == 3
        assert cli("request", "GET").exit_code == 2
        assert cli("request", "GET", "/account", "name").exit_code == 2
        assert cli("request", "GET", "ftp://x").exit_code == 2
