"""Running scripts/update_spec.py by hand and in the weekly workflow."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import update_spec
import yaml
from support.bodies import ROOT
from support.places import real

WORKFLOW = (ROOT / ".github" / "workflows" / "follow-the-api.yml").read_text("utf-8")
STEPS: list[dict[str, Any]] = yaml.safe_load(WORKFLOW)["jobs"]["follow"]["steps"]
RUNS = [step["run"] for step in STEPS if "run" in step]
MAKES = [shlex.split(line) for run in RUNS for line in run.splitlines() if line.startswith("make ")]
WRITTEN = ("openapi.yaml", "scripts/apispec/data/published.yaml")

OLD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Boats", "version": "1"},
    "servers": [{"url": "https://boats.test"}],
    "security": [],
    "paths": {
        "/boats": {"get": {"operationId": "boats.list", "responses": {"200": {}}}},
        "/boats/{id}": {"get": {"operationId": "boats.get", "responses": {"200": {}}}},
    },
    "components": {"schemas": {}, "securitySchemes": {}},
}
BREAKING = OLD | {"paths": {"/boats": OLD["paths"]["/boats"]}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The parts of the project that the update needs, after an update to the old document."""
    scripts = shutil.ignore_patterns("__pycache__", "published.yaml")
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=scripts)
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != ".ready":
            (tmp_path / ".venv" / part.name).symlink_to(part)
    (tmp_path / ".venv" / ".ready").touch()
    assert updated(tmp_path, written(tmp_path, OLD)).returncode == 0
    return tmp_path


def written(project: Path, document: object) -> Path:
    path = project / "published.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def updated(project: Path, source: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/update_spec.py", str(source), *options]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def shell(script: str, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step of a workflow."""
    return subprocess.run(
        [shutil.which("bash") or "bash", "-e", "-c", script],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("options", "document", "code"),
    [
        ((), BREAKING, 0),
        (("--fail-on", "breaking"), BREAKING, 1),
        (("--fail-on", "breaking"), OLD, 0),
        (("--fail-on", "compatible"), BREAKING, 2),
    ],
)
def test_the_exit_code(
    project: Path, options: tuple[str, ...], document: object, code: int
) -> None:
    assert updated(project, written(project, document), *options).returncode == code


def test_a_failure_for_breaking_changes_writes_all_files(project: Path) -> None:
    source = written(project, BREAKING)
    done = updated(project, source, "--fail-on", "breaking", "--markdown", "report.md")
    assert done.stderr == ""
    assert "breaking    GET /boats/{id}: operation removed" in done.stdout
    report = (project / "report.md").read_text(encoding="utf-8")
    assert "- `boats.get`\n  - `GET /boats/{id}`: operation removed" in report
    assert "### The overlays no longer fit\n\n- `corrections.yaml: target not found" in report
    for name in WRITTEN:
        assert list(yaml.safe_load((project / name).read_text("utf-8"))["paths"]) == ["/boats"]


def test_a_report_that_cannot_be_written_leaves_the_files_unchanged(project: Path) -> None:
    source = written(project, BREAKING)
    assert updated(project, source, "--markdown", "nowhere/report.md").returncode != 0
    assert "1 breaking" in updated(project, source).stdout


def test_the_first_document_adds_every_operation(project: Path) -> None:
    (project / "scripts" / "apispec" / "data" / "published.yaml").unlink()
    done = updated(project, written(project, OLD), "--fail-on", "breaking")
    assert done.returncode == 0
    assert "0 breaking, 2 compatible" in done.stdout


KNOWN = update_spec.DATA / "published.yaml"
"""The published facts of the current document."""
EARLIER = [path for path in real("specs/*.json") if "2026" not in path.name]


@pytest.fixture(params=["made up", *EARLIER], ids=lambda each: getattr(each, "name", each))
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An earlier document: one that was published, or a made-up one."""
    if isinstance(request.param, Path):
        return request.param
    made_up = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
    made_up["components"]["schemas"]["PredictionStatus"]["enum"].remove("aborted")
    del made_up["paths"]["/models"]["query"]
    made_up["paths"]["/boats"] = OLD["paths"]["/boats"]
    path = tmp_path / "earlier.json"
    path.write_text(json.dumps(made_up), encoding="utf-8")
    return path


def test_the_current_document_replaces_any_earlier_one(project: Path, earlier: Path) -> None:
    options = ("--markdown", "report.md", "--fail-on", "breaking")
    report = project / "report.md"
    updated(project, earlier)

    assert updated(project, KNOWN, *options).returncode == 1
    text = report.read_text(encoding="utf-8")
    breaking, _, compatible = text.partition("### Compatible")
    assert '- `PredictionStatus`\n  - enum value added: `"aborted"`' in breaking
    assert "- `models.search`\n  - `QUERY /models`: operation added" in compatible
    assert ("`GET /boats`: operation removed" in breaking) is (earlier not in EARLIER)
    assert "overlays" not in text
    assert (project / "openapi.yaml").read_bytes() == (ROOT / "openapi.yaml").read_bytes()

    assert updated(project, KNOWN, *options).returncode == 0
    text = report.read_text(encoding="utf-8")
    assert "**No changes**" in text
    assert "###" not in text


def test_an_earlier_document_reports_overlays_without_a_target(
    project: Path, earlier: Path
) -> None:
    done = updated(project, earlier, "--markdown", "report.md")
    assert done.returncode == 0
    _, _, notes = (project / "report.md").read_text("utf-8").partition("no longer fit\n\n")
    assert "target not found" in notes


def test_the_token_is_in_the_environment_of_the_last_step_only() -> None:
    assert [step for step in STEPS[:-1] if "github.token" in str(step)] == []
    assert "github.token" in str(STEPS[-1]["env"])
    # YAML 1.1 reads the key `on` as true.
    assert yaml.safe_load(WORKFLOW)[True]["schedule"]


@pytest.mark.parametrize("arguments", MAKES, ids=" ".join)
def test_the_workflow_passes_existing_options(project: Path, arguments: list[str]) -> None:
    make, *wanted = arguments
    dry = subprocess.run(
        [make, "--dry-run", *wanted], cwd=project, capture_output=True, text=True, check=True
    )
    for word in wanted:
        _, assigned, value = word.partition("=")
        assert not assigned or value in dry.stdout
    for line in dry.stdout.splitlines():
        _, script, options = line.partition("scripts/update_spec.py ")
        if script:
            update_spec.parser().parse_args(shlex.split(options))


def test_the_workflow_continues_after_a_failure_if_there_is_a_report() -> None:
    assert [arguments[1] for arguments in MAKES] == ["update-spec", "generate", "check"]
    first, *others = (step for step in STEPS if "run" in step)
    assert "if" not in first
    assert [step for step in others if "!cancelled()" not in step["if"]] == []
    (report,) = re.findall(r"REPORT=(\S+)", first["run"])
    assert f"hashFiles('{report}')" in others[-1]["if"]
    assert set(re.findall(r"steps\.(\w+)", WORKFLOW)) <= {step.get("id") for step in STEPS}


GH = """\
#!/bin/sh
# A fake of GitHub: a pull request is a file with the name of the branch.
case "$1 $2" in
  "auth setup-git") ;;
  "pr list") ls "$PULLS" | grep -x "$4" || true ;;
  "pr create") printf '%s\\n' "$@" > "$PULLS/$6"; cat "${10}" >> "$PULLS/$6" ;;
  *) exit 64 ;;
esac
"""


@pytest.fixture
def repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the project with a remote repository and a fake `gh`."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    (project / "bin").mkdir()
    (project / "bin" / "gh").write_text(GH, encoding="utf-8")
    (project / "bin" / "gh").chmod(0o755)
    (project / "pulls").mkdir()
    (project / "generated").mkdir()
    (project / "generated" / "module.py").touch()
    monkeypatch.setenv("PATH", f"{project / 'bin'}{os.pathsep}{os.environ['PATH']}")
    # A git hook that runs the tests sets variables that point to its own repository.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    commit = "git -c user.name=a -c user.email=a@b commit --quiet"
    begin = f"""
      git init --quiet --bare origin.git
      git init --quiet --initial-branch main
      git remote add origin origin.git
      git add {" ".join(WRITTEN)} generated
      {commit} --message Begin
      git push --quiet origin main
    """
    assert shell(begin, project).stderr == ""
    return project


def run_workflow(repository: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Run the first and the last step, which need no network."""
    shell("git switch --quiet main", repository)
    first = shell(RUNS[0], repository, SPEC=str(source))
    assert "scripts/update_spec.py" in first.stdout
    environment = {"BASE": "main", "OUTCOMES": "- make check: failure", "RUN": "https://run.test"}
    return shell(RUNS[-1], repository, PULLS=str(repository / "pulls"), **environment)


def test_the_workflow_opens_one_pull_request_for_a_document(repository: Path) -> None:
    source = written(repository, BREAKING)
    done = run_workflow(repository, source)
    assert done.returncode == 0, done.stderr
    (pull,) = (repository / "pulls").iterdir()
    text = pull.read_text(encoding="utf-8")
    assert text.startswith(f"pr\ncreate\n--base\nmain\n--head\n{pull.name}\n--title\n")
    assert "operation removed" in text
    assert text.endswith("### Checks\n\n- make check: failure\n\nhttps://run.test\n")
    show = f"git --git-dir origin.git show --name-only --format=%s {pull.name}"
    subject, *files = shell(show, repository).stdout.split("\n\n")
    assert subject == "Follow the published API"
    assert "\n".join(files).split() == sorted(WRITTEN)

    again = run_workflow(repository, source)
    assert (again.returncode, again.stdout) == (0, f"Already proposed: {pull.name}\n")


def test_the_workflow_opens_no_pull_request_without_changes(repository: Path) -> None:
    done = run_workflow(repository, written(repository, OLD))
    assert (done.returncode, done.stdout) == (0, "Nothing changed.\n")
    assert not list((repository / "pulls").iterdir())


def test_the_workflow_completes_an_interrupted_run(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(repository, BREAKING)
    run_workflow(repository, source)
    (pull,) = (repository / "pulls").iterdir()
    pull.unlink()
    shell(f"git switch --quiet main; git branch --delete --force {pull.name}", repository)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    done = run_workflow(repository, source)
    assert done.returncode == 0, done.stderr
    assert pull.exists()
