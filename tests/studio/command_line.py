"""The keeper's command line in a test: inside this process, or as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib.keeper import __main__ as keeper_command
from lib.studio.core.context import Context
from tests.conftest import ROOT


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Command:
    """The command in the team's folder, with the team's settings in the environment."""

    context: Context
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, **settings: str) -> Ran:
        """Run it inside this process: half a second less each time."""
        self.monkeypatch.chdir(self.folder)
        with self.monkeypatch.context() as patch:
            for name, value in (dict(self.context.settings.values) | settings).items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            code = keeper_command.main(arguments)
        told = self.capsys.readouterr()
        return Ran(code, told.out, told.err)


def process(
    context: Context, folder: Path, *arguments: str, **settings: str
) -> subprocess.Popen[str]:
    """The same in a process of its own, on a machine of its own."""
    folder.mkdir(exist_ok=True)
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "lib.keeper", *arguments],
        cwd=folder,
        env=known | dict(context.settings.values) | settings,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
