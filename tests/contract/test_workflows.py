"""The workflows do what this repository can do, with no more rights than they need."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from typing import Any, NamedTuple

import pytest
import yaml
from support import lowest, pythons
from support.bodies import ROOT

FOLDER = ROOT / ".github" / "workflows"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))}
WORKFLOWS: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# What a job may do beyond reading the repository, and why.
RIGHTS = {
    ("follow-the-api.yml", "follow"): {"contents": "write", "pull-requests": "write"},  # proposes
    ("release.yml", "publish"): {"id-token": "write"},  # shows the package index who it is
}


class Step(NamedTuple):
    """One step of a job."""

    workflow: str
    job: str
    step: dict[str, Any]

    def __str__(self) -> str:
        said = self.step.get("run") or self.step["uses"]
        return f"{self.workflow}-{self.job}-{said.splitlines()[0].partition(' #')[0]}"


STEPS = [
    Step(workflow, name, step)
    for workflow, content in WORKFLOWS.items()
    for name, job in content["jobs"].items()
    for step in job["steps"]
]
RUNS = [step for step in STEPS if "run" in step.step]
TARGETS: list[str] = WORKFLOWS["ci.yml"]["jobs"]["more"]["strategy"]["matrix"]["target"]
MAKES = sorted(
    {
        line.replace("$GITHUB_REF_NAME", "v1.2.3").replace("$TARGET", target)
        for run in RUNS
        for line in run.step["run"].splitlines()
        for target in TARGETS
        if line.startswith("make ")
    }
)


def test_the_workflows_are_those_that_the_documents_name() -> None:
    assert set(WORKFLOWS) == {"ci.yml", "follow-the-api.yml", "release.yml"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_what_it_must_and_no_more(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {}
    for job, content in workflow["jobs"].items():
        assert content["permissions"] == RIGHTS.get((name, job), {"contents": "read"})
        assert content["timeout-minutes"] <= 60
    assert "secrets." not in TEXTS[name]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_an_action_is_pinned_and_no_value_is_written_into_a_command(step: Step) -> None:
    if "run" in step.step:
        # An expression is replaced before the shell reads the line: values come by the environment.
        assert "${{" not in step.step["run"]
        return
    action, _, commit = step.step["uses"].partition("@")
    assert re.fullmatch("[0-9a-f]{40}", commit)
    assert re.search(rf"{action}@{commit} # v\d+\.\d+\.\d+\n", TEXTS[step.workflow])
    if action == "actions/checkout":
        assert step.step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("step", RUNS, ids=str)
def test_a_command_is_written_in_bash(step: Step) -> None:
    bash = shutil.which("bash") or "bash"
    checked = subprocess.run([bash, "-n"], input=step.step["run"], capture_output=True, text=True)  # noqa: PLW1510 - the output says what is wrong
    assert checked.stderr == ""


@pytest.mark.parametrize("line", MAKES)
def test_make_has_the_targets_that_are_called(line: str) -> None:
    make, *arguments = shlex.split(line)
    dry = subprocess.run(
        [make, "--dry-run", "--always-make", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for argument in arguments:
        name, assigned, value = argument.partition("=")
        assert not assigned or value.removeprefix("v") in dry.stdout, name


def test_every_version_that_is_claimed_is_tested_on_the_wheel() -> None:
    matrix = WORKFLOWS["ci.yml"]["jobs"]["wheel"]["strategy"]["matrix"]
    claimed = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert matrix["python"] == claimed
    assert list(pythons.VERSIONS[: len(claimed)]) == claimed
    assert PROJECT["requires-python"] == f">={claimed[0]}"
    assert matrix["may-fail"] == [False]
    required = [job for job in matrix["include"] if not job["may-fail"]]
    assert [(job["python"], job["dependencies"]) for job in required] == [(claimed[0], "lowest")]


def test_every_test_of_the_makefile_is_run() -> None:
    targets = re.findall(r"^(test[a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    # Longer forms of tests, and the matrix of the workflow.
    by_hand = {"test-ctrl-c", "test-kill", "test-matrix", "test-throttle"}
    called = {word for line in MAKES for word in shlex.split(line)}

    assert set(targets) - by_hand - {"test"} <= called  # `make check` runs `make test`


def test_an_interpreter_has_the_version_of_its_name() -> None:
    for python in pythons.installed():
        command = [str(python), "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert version.startswith(python.name.removeprefix("python"))


def test_the_lowest_dependencies_are_those_of_the_project() -> None:
    versions = dict(each.split("==") for each in lowest.requirements())
    assert len(versions) == len(PROJECT["dependencies"])
    for requirement in PROJECT["dependencies"]:
        name, _, rest = requirement.partition(">=")
        assert versions[name] == rest.partition(",")[0]
    with pytest.raises(ValueError, match="'httpx<1' has no lowest version"):
        lowest.lowest("httpx<1")


def test_a_release_is_checked_before_it_is_published() -> None:
    workflow = WORKFLOWS["release.yml"]
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    assert workflow["jobs"]["publish"]["needs"] == "build"
    assert workflow["jobs"]["publish"]["environment"]
    assert [run.step["run"] for run in RUNS if run.workflow == "release.yml"] == [
        "make check",
        'make dist TAG="$GITHUB_REF_NAME"',
    ]
