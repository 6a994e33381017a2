"""The bench runs, and says what it should say. How fast the app is, is for people to look at."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench.__main__ import SHORT_PARTS
from tests.conftest import ROOT

FIELDS = {"name": str, "ratio": float, "goal": float, "met": bool, "baseline": str}


@pytest.mark.slow
def test_a_short_bench_tells_each_ratio_as_json_and_prints_its_lines() -> None:
    command = [sys.executable, "-m", "tests.bench", "--short", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stderr)
    assert done.returncode == 0, done.stderr
    lines = json.loads(done.stdout)
    assert [{name: type(value) for name, value in line.items()} for line in lines] == (
        [FIELDS] * len(lines)
    )
    told = {line["name"].partition(":")[0] for line in lines}
    assert told == set(SHORT_PARTS)
