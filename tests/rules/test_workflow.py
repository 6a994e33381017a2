"""The workflows: what GitHub is to run, and that what it runs exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.keeper.__main__ import parse

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
WORKFLOW = WORKFLOWS / "keeper.yml"
TEST_WORKFLOW = WORKFLOWS / "test.yml"
PINNED = re.compile(r"- uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
SECRET = "${{ secrets.VOICEKEEP_SECRETS }}"
GIVEN = "steps.secret.outputs.given == 'true'"
DATABASE = 'DATABASE_URL = "postgresql://u:hunter2@host/db"'


def supported_minors() -> range:
    """The minor versions of Python 3 that the project says it supports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    least, below = map(int, re.findall(r"3\.(\d+)", project["requires-python"]))
    return range(least, below)


@pytest.fixture
def workflow() -> dict[Any, Any]:
    return dict(yaml.safe_load(WORKFLOW.read_text("utf-8")))


@pytest.fixture
def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    (job,) = workflow["jobs"].values()
    return list(job["steps"])


def test_it_runs_every_six_hours_off_the_full_hour_and_by_hand(workflow: dict[Any, Any]) -> None:
    starts = workflow[True]  # YAML takes the word "on" for a yes
    (entry,) = starts["schedule"]
    minute, *rest = entry["cron"].split()

    assert set(starts) == {"schedule", "workflow_dispatch"}
    assert 1 <= int(minute) <= 59
    assert rest == ["*/6", "*", "*", "*"]


def test_two_never_overlap_and_none_runs_for_ever(workflow: dict[Any, Any]) -> None:
    (job,) = workflow["jobs"].values()

    assert workflow["concurrency"] == {"group": "keeper", "cancel-in-progress": False}
    assert 10 <= job["timeout-minutes"] <= 60


def test_it_may_read_the_repository_and_nothing_else(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow["jobs"].values())


def test_only_official_actions_are_used(steps: list[dict[str, Any]]) -> None:
    used = [step["uses"] for step in steps if "uses" in step]

    assert [name.split("@")[0] for name in used] == ["actions/checkout", "actions/setup-python"]


@pytest.mark.parametrize("path", sorted(WORKFLOWS.iterdir()), ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_whose_version_stands_beside_it(path: Path) -> None:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines() if "uses:" in line]

    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


def test_both_workflows_use_the_same_commits() -> None:
    used = {line for path in WORKFLOWS.iterdir() for line in PINNED.findall(path.read_text())}

    assert len(used) == 2


def test_changes_are_tested_on_each_python_that_is_supported() -> None:
    workflow = yaml.safe_load(TEST_WORKFLOW.read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    supported = [f"3.{minor}" for minor in supported_minors()]

    assert job["strategy"]["matrix"]["python"] == supported
    assert job["steps"][-1]["run"] == ".ci/run"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in TEST_WORKFLOW.read_text("utf-8")


def test_the_tests_of_ci_are_those_of_the_documents_and_the_slow_ones() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    command = "\npython -m pytest\n"

    assert command in script
    assert command in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert re.findall(r"-m '(.*?)'", script) == ["not long"]


def test_the_one_secret_goes_to_two_steps_only(steps: list[dict[str, Any]]) -> None:
    holders = [step for step in steps if SECRET in step.get("env", {}).values()]

    assert set(re.findall(r"secrets\.(\w+)", WORKFLOW.read_text("utf-8"))) == {"VOICEKEEP_SECRETS"}
    assert holders == [steps[0], steps[-1]]
    assert not any("${{" in step.get("run", "") for step in steps)


def test_nothing_is_done_without_the_secret(steps: list[dict[str, Any]]) -> None:
    assert steps[0]["id"] == "secret"
    assert [step.get("if") for step in steps[1:]] == [GIVEN] * (len(steps) - 1)


def test_what_it_installs_and_runs_is_here(steps: list[dict[str, Any]]) -> None:
    python = next(step["with"] for step in steps if "setup-python" in step.get("uses", ""))
    *_, install, keep = steps

    assert python["cache"] == "pip"
    cached_by = python["cache-dependency-path"].split()
    assert cached_by == ["requirements.txt", "constraints.txt"]
    assert all((ROOT / name).is_file() for name in cached_by)
    assert install["run"] == "python -m pip install -r requirements.txt"
    words = shlex.split(keep["run"])
    assert words[:3] == ["python", "-m", "lib.keeper"]
    assert parse(words[3:]).command == "once"


def test_its_python_is_one_that_we_support(steps: list[dict[str, Any]]) -> None:
    python = next(step["with"] for step in steps if "setup-python" in step.get("uses", ""))

    assert python["python-version"] in [f"3.{minor}" for minor in supported_minors()]


@pytest.mark.parametrize(
    ("event", "secret", "code", "says"),
    [
        ("schedule", "", 0, "::notice title=Keeper::Nothing was done"),
        ("workflow_dispatch", "", 1, "::error title=Keeper::This repository has no secret"),
        ("schedule", 'NANOGPT_API_KEY = "hunter2"', 1, "names no DATABASE_URL"),
        ("schedule", f"# {DATABASE}", 1, "names no DATABASE_URL"),
        ("schedule", f'NANOGPT_API_KEY = "hunter2"\n  {DATABASE}\n[team]\n', 0, ""),
    ],
    ids=["fork", "by hand", "no database", "database in a comment", "all there"],
)
def test_what_is_missing_is_said_in_a_sentence_before_anything_is_fetched(
    steps: list[dict[str, Any]], tmp_path: Path, event: str, secret: str, code: int, says: str
) -> None:
    output = tmp_path / "output"
    output.touch()
    known = {"VOICEKEEP_SECRETS": secret, "EVENT": event, "GITHUB_OUTPUT": str(output)}
    ran = subprocess.run(
        ["bash", "-e", "-c", steps[0]["run"]],
        env={"PATH": os.environ["PATH"]} | known,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == code
    assert ran.stdout.startswith(says) or says in ran.stdout
    assert bool(ran.stdout) is bool(says)
    assert "hunter2" not in ran.stdout + ran.stderr
    assert output.read_text() == ("" if says else "given=true\n")


def test_every_command_of_the_documents_exists() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    lines = re.findall(r"python -m lib\.keeper ([^#`\n>|&;]*)", text)

    assert {parse(shlex.split(line)).command for line in lines} >= {"once", "run", "status"}
