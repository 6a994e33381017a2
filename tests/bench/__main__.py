"""How fast Voicekeep is, as ratios within one run: `python -m tests.bench [--json] [--only NAME]`.

Each figure is the best of several, taken in turns with what it is held against. With `--json` a
list of objects: `name`, `ratio`, `goal`, `met` (whether it reaches its goal, which is the least
where more is better) and `baseline` (the two figures). Takes up to eight minutes, all in all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench.copying import copies
from tests.bench.houses import SHORT, Houses, Scale
from tests.bench.judging import judging
from tests.bench.lines import Line
from tests.bench.pages import crowds, redraws
from tests.bench.passes import idle_passes
from tests.bench.polling import polls
from tests.bench.starting import starts

PARTS: Mapping[str, Callable[[Houses], Iterator[Line]]] = {
    "redraws": redraws,
    "tabs": crowds,
    "keeper": idle_passes,
    "copies": copies,
    "start": starts,
    "judging": judging,
    "polls": polls,
}
"""By the first word of their lines."""
SHORT_PARTS = ("redraws", "tabs", "keeper", "copies", "judging")
"""Those that start no apps of their own."""


def main() -> int:
    options = _options()
    lines: list[Line] = []
    out = sys.stderr if options.json else sys.stdout
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voicekeep-bench-")))
        houses = Houses(folder, SHORT if options.short else Scale(), stack)
        for name in options.only or (SHORT_PARTS if options.short else PARTS):
            try:
                for line in PARTS[name](houses):
                    lines.append(line)
                    print(line.as_text(), file=out, flush=True)
            except pytest.skip.Exception as missing:
                print(f"{name}: left out, {missing.msg}", file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps([line.as_json() for line in lines], indent=2, ensure_ascii=False))
    else:
        met = sum(line.is_met for line in lines)
        load = os.getloadavg()[0]
        took = time.monotonic() - began
        print(f"{met} of {len(lines)} met; {took:.0f} s; load {load:.1f} in the last minute")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of objects")
    parser.add_argument(
        "--only", action="append", choices=PARTS, metavar="NAME", help=f"one of {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--short", action="store_true", help="small sizes, seconds, not all: only that it runs"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
