"""How long pages take to be drawn anew, for one tab and for many at once, by the size of the
library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

from tests.bench.houses import QUIET, Houses
from tests.bench.lines import Line, highest, quickest, slower
from tests.bench.processor import worked_by
from tests.bench.tabs import Tab, open_tab, open_tabs, rate
from tests.journeys.servers import App, start_app
from tests.journeys.visitor import TITLES

CROWDED = ("/", "/retention")
TABLE_PAGE = Path(__file__).with_name("table_page.py")
SHOWN_LAST = {"/": "home_search", "/voice": "Person 1"}
"""What tells that a page is there whole, other than its title, which stands there earlier."""


def redraws(houses: Houses) -> Iterator[Line]:
    """Each page at a thousand voices against ten, and at ten thousand against a thousand; by the
    app's processor time, as a page waits for nothing.
    """
    scale = houses.scale
    sizes = (scale.few, scale.many, scale.most)
    for path, title in TITLES.items():
        measures: dict[str, Callable[[], float]] = {}
        with ExitStack() as stack:
            for size in sizes:
                app = houses.app(size)
                tab = stack.enter_context(open_page(app, path))
                measures[str(size)] = partial(worked_by, app.child.process.pid, tab.redraw)
            took = quickest(measures, scale.rounds, scale.patience)
        few, many, most = (took[str(size)] for size in sizes)
        name = f"redraws: {title}"
        against = f"{scale.few:,} voices"
        yield slower(f"{name}, {scale.many:,} voices", 1.5, many, few, against)
        against = f"{scale.many:,} voices"
        yield slower(f"{name}, {scale.most:,} voices", 2.0, most, many, against)


def crowds(houses: Houses) -> Iterator[Line]:
    """Twenty tabs of a page at a thousand voices against ten, and against a bare page."""
    scale = houses.scale
    bare = _bare_page(houses)
    apps = {"few": houses.app(scale.few), "many": houses.app(scale.many)}
    for path in CROWDED:
        title = TITLES[path]
        with ExitStack() as stack:
            tabs = {
                name: [stack.enter_context(open_page(app, path)) for _ in range(scale.tabs)]
                for name, app in apps.items()
            }
            tabs["bare"] = stack.enter_context(open_tabs(scale.tabs, bare.port, shows="Voices"))
            rates = highest(
                {name: partial(rate, group, scale.seconds) for name, group in tabs.items()},
                max(1, scale.rounds // 3),
            )
        name = f"tabs: {scale.tabs} of {title}, {scale.many:,} voices"
        many = f"{rates['many']:.1f} redraws/s"
        for other, goal, against, told in (
            ("few", 0.6, f"{scale.few:,}", f"{scale.few:,} voices"),
            ("bare", 0.25, "a bare page", "a bare page with as many rows"),
        ):
            yield Line(
                f"{name}, against {against}",
                rates["many"] / rates[other],
                goal,
                f"{many}; {told}: {rates[other]:.1f}",
                at_least=True,
            )


def open_page(app: App, path: str) -> AbstractContextManager[Tab]:
    """A tab that shows this page whole."""
    query = "id=voice-00001" if path == "/voice" else ""
    sought = SHOWN_LAST.get(path, TITLES[path])
    return open_tab(app.port, path.strip("/"), query, shows=sought)


def _bare_page(houses: Houses) -> App:
    folder, rows = houses.folder / "bare", {"ROWS": str(houses.scale.many)}
    app = start_app(folder, rows, options=QUIET, script=TABLE_PAGE)
    houses.stack.enter_context(app.child)
    app.child.wait_for_port(app.port)
    return app
