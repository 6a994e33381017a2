"""How often a service is asked about an order, by how many look on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lib import keeper
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import cloning
from lib.ui.shared.live import REFRESH_SECONDS
from tests.bench.houses import QUIET, Houses
from tests.bench.lines import Line
from tests.bench.tabs import Tab, open_tabs
from tests.journeys.servers import running_service, start_app
from tests.journeys.visitor import TITLES
from tests.parts.ordering import numbered_order

ORDERS = 5
PACE = 8.0
"""Seconds that the service takes for a clone."""
PATIENCE = 120.0


@dataclass(frozen=True)
class Seen:
    """How often the service was asked about all orders, and how often the page was drawn."""

    polls: int
    redraws: int


def polls(houses: Houses) -> Iterator[Line]:
    """The same orders, looked at by one viewer and by many."""
    many = houses.scale.viewers
    one, crowd = (_seen(houses.folder / f"viewers-{viewers}", viewers) for viewers in (1, many))
    yield Line(
        f"polls: for each order, {many} viewers against 1",
        crowd.polls / one.polls,
        1.0,
        f"{crowd.polls / ORDERS:g} ({crowd.redraws} redraws meanwhile); "
        f"1 viewer: {one.polls / ORDERS:g} ({one.redraws} redraws)",
    )


def _seen(folder: Path, viewers: int) -> Seen:
    folder.mkdir()
    with ExitStack() as stack:
        service = stack.enter_context(running_service(folder / "service", pace=PACE))
        settings = {**service.settings, "VAULT_URL": f"file://{folder / 'vault'}"}
        context = open_context(Settings(settings, data_folder=folder / "data"))
        stack.callback(context.close)
        keeper.one_pass(context)  # nothing is ordered before the vault was read
        for number in range(ORDERS):
            cloning.clone(context, numbered_order(number))
        app = start_app(folder, settings, options=QUIET)
        stack.enter_context(app.child)
        app.child.wait_for_port(app.port)
        tabs = stack.enter_context(open_tabs(viewers, app.port, "jobs", shows=TITLES["/jobs"]))
        with ThreadPoolExecutor(viewers) as eyes:
            redraws = sum(eyes.map(partial(_look, context), tabs))
        return Seen(len(service.log("clone_status")), redraws)


def _look(context: Context, tab: Tab) -> int:
    """As a browser does: again and again while something is under way."""
    drawn, patience = 0, time.monotonic() + PATIENCE
    while any(job.is_open for job in context.registry.jobs.latest(services=[NANOGPT])):
        assert time.monotonic() < patience, "the orders are not done"
        tab.redraw()
        drawn += 1
        time.sleep(REFRESH_SECONDS)
    return drawn
