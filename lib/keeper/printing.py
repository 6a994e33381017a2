"""Prints what a command did: sentences for a person, or one JSON object for a program."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TextIO


class NotPossible(Exception):
    """A command cannot run as it was asked to; `str()` is a sentence."""


def show(
    options: argparse.Namespace, body: Mapping[str, object], text: str, out: TextIO | None = None
) -> None:
    """Print `body` as JSON if `--json` was given, else `text`; to stdout, or to `out`."""
    print(json.dumps(body, indent=1) if options.json else text, file=out or sys.stdout)
