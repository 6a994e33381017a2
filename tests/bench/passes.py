"""How long a pass of the keeper takes that finds nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from lib import keeper
from lib.studio.core.context import Context
from tests.bench.houses import Houses
from tests.bench.lines import Line, quickest, slower
from tests.bench.processor import worked


def idle_passes(houses: Houses) -> Iterator[Line]:
    scale = houses.scale
    with ExitStack() as stack:
        passes: dict[str, Callable[[], float]] = {}
        sizes = {"many": scale.many, "most": scale.most}
        for which, size in sizes.items():
            folder = houses.copy(size, f"keeper-{which}")
            context = stack.enter_context(houses.opened(size, folder))
            _idle(context)  # the first one reads the library
            passes[which] = partial(_idle, context)
        took = quickest(passes, scale.rounds, scale.patience)
    name = f"keeper: a pass with nothing due, {scale.most:,} voices"
    against = f"{scale.many:,} voices"
    yield slower(name, 2.0, took["most"], took["many"], against)


def _idle(context: Context) -> float:
    """By processor time: it waits for the disk now and then, whatever the number of voices."""
    return worked(partial(_pass, context))


def _pass(context: Context) -> None:
    summary = keeper.one_pass(context)
    assert not summary.did_something
    assert not summary.failed, summary.failed
