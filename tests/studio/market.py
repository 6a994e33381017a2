"""Buyers in processes of their own, who all order at once: `python -m tests.studio.market`.

All are forked from one process, so that nothing has to be imported again. They share a database
and a vault, and each has the same budget.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import IO, Any

from lib.models import Job, Money
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import cloning, designing, recloning, speaking
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.speaking import SpeechRequest
from lib.team import Team
from tests.conftest import ROOT
from tests.parts.clock import SettableClock
from tests.parts.persons import ADA
from tests.parts.reopened import reopen
from tests.studio.kyma import words
from tests.studio.story import clone_request, dossier, text_order

BUYERS = 4
AT_ONCE = 5
SHORT, LONG = 5, 300
"""So many sentences are spoken in one piece, and so many in parts."""
LATE_IMPORTS = ("av", "alembic.command", "lib.providers.nanogpt", "sqlalchemy.dialects.sqlite")
"""What the program imports when it first needs it: here once for all buyers."""
SPEAKS = "voice-0000"
SENTENCE = "Nobody had ever counted the steps of that long winding stair. "


def _clone_again(context: Context, number: int) -> Job:
    old = dossier(context, f"voice-{number:04}")
    return recloning.clone_again(context, old, name=f"Again {number}", person=ADA)


def text(number: int, sentences: int) -> SpeechRequest:
    """As long as any other with so many sentences."""
    return text_order(SPEAKS, f"{number:04}. {SENTENCE * sentences}".strip())


def price_of_text(context: Context, sentences: int) -> Money:
    """The same for each number."""
    request = text(0, sentences)
    model = speech_model(context, NANOGPT, request.model)
    assert model is not None
    plan = speaking.plan(model, request.text)
    assert (len(plan.parts) > 1) == (sentences == LONG)
    return plan.price


GOODS: dict[str, Callable[[Context, int], Job]] = {
    "a clone": lambda w, n: cloning.clone(w, clone_request(seed=n)),
    "a text": lambda w, n: speaking.order(w, text(n, SHORT)),
    "a long text": lambda w, n: speaking.order(w, text(n, LONG)),
    "a design": lambda w, n: designing.design(w, words(name=f"Calm {n}", description=f"Calm {n}.")),
    "a clone again": _clone_again,
}
"""What is ordered; the same number twice would be the same order."""


class Market:
    """All buyers, each with `AT_ONCE` hands."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def rush(self, goods: str, first: int, budget: Money, *, own: bool = False) -> list[str]:
        """Everybody orders at once, numbered from `first`; "" or the refusal for each order.

        `own`: it is the budget of each person, and all order as one.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([goods, first, budget.micros, own]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the market has closed"
        return list(json.loads(line))


@contextmanager
def market(settings: dict[str, str], folder: Path) -> Iterator[Market]:
    """A market as long as the block lasts."""
    command = [sys.executable, "-m", __name__, json.dumps(settings), str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Market(process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    for module in LATE_IMPORTS:
        importlib.import_module(module)
    settings, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
    buyers = [_born(number, Settings(settings, data_folder=folder)) for number in range(BUYERS)]
    for line in sys.stdin:
        for asked, _ in buyers:
            asked.write(line)
            asked.flush()
        told = [json.loads(answers.readline()) for _, answers in buyers]
        print(json.dumps([sentence for some in told for sentence in some]), flush=True)


def _born(number: int, settings: Settings) -> tuple[IO[str], IO[str]]:
    """A buyer in a process of its own: where to ask it, and where it answers."""
    (hears, asked), (answers, tells) = os.pipe(), os.pipe()
    if os.fork():
        os.close(hears)
        os.close(tells)
        return os.fdopen(asked, "w"), os.fdopen(answers)
    os.close(asked)
    os.close(answers)
    folder = settings.data_folder / str(number)
    context = open_context(replace(settings, data_folder=folder), clock=SettableClock())
    context.runtime.reconciliation.finished = True
    with os.fdopen(hears) as heard, os.fdopen(tells, "w") as told:
        for line in heard:
            goods, first, micros, own = json.loads(line)
            limit = {"member_budget" if own else "monthly_budget": Money(micros)}
            reopen(context, settings=replace(settings, team=Team(**limit)))
            numbers = range(first + number * AT_ONCE, first + (number + 1) * AT_ONCE)
            print(json.dumps(_buy(context, GOODS[goods], numbers)), file=told, flush=True)
    os._exit(0)


def _buy(context: Context, order: Callable[[Context, int], Any], numbers: range) -> list[str]:
    together = Barrier(len(numbers))

    def one(number: int) -> str:
        together.wait()
        try:
            order(context, number)
        except OrderRefused as refusal:
            return str(refusal)
        return ""

    with ThreadPoolExecutor(len(numbers)) as hands:
        answers: Sequence[str] = list(hands.map(one, numbers))
    return list(answers)


if __name__ == "__main__":
    main()
