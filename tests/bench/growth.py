"""Whether the app's memory grows: `python -m tests.bench.growth [--minutes 10]`.

Twenty tabs of all pages are drawn anew every two seconds, over a library of a thousand voices that
another process changes all the time. Prints the memory of the app's process every half a minute.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

from lib.ui.shared.live import REFRESH_SECONDS
from tests.bench.houses import Houses, Scale
from tests.bench.pages import open_page
from tests.bench.tabs import Tab
from tests.journeys.visitor import TITLES

BETWEEN_CHANGES = 5.0
BETWEEN_LINES = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    scale = Scale()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voicekeep-bench-")))
        houses = Houses(folder, scale, stack)
        app = houses.app(scale.many)
        tabs = [
            stack.enter_context(open_page(app, path)) for path in islice(cycle(TITLES), scale.tabs)
        ]
        voices = stack.enter_context(houses.opened(scale.many, folder / f"app-{scale.many}"))
        began = time.monotonic()
        until = began + 60 * minutes
        with ThreadPoolExecutor(len(tabs)) as hands:
            looking = [hands.submit(_look, tab, until) for tab in tabs]
            lines = 0
            for number in range(int(60 * minutes / BETWEEN_CHANGES)):
                if BETWEEN_CHANGES * number >= BETWEEN_LINES * lines:
                    lines += 1
                    at = (time.monotonic() - began) / 60
                    print(f"{at:4.1f} min {app.memory():6.0f} MB", flush=True)
                changed = f"voice-{number % scale.many:05d}"
                voices.registry.voices.change(changed, tags=(f"tag-{number}",))
                time.sleep(max(0.0, began + BETWEEN_CHANGES * (number + 1) - time.monotonic()))
        redraws = sum(look.result() for look in looking)
        print(f"{minutes:4.1f} min {app.memory():6.0f} MB, {redraws:,} redraws")


def _look(tab: Tab, until: float) -> int:
    redraws = 0
    while time.monotonic() < until:
        tab.redraw()
        redraws += 1
        time.sleep(REFRESH_SECONDS)
    return redraws


if __name__ == "__main__":
    main()
