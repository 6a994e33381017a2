"""What is measured: a ratio of two figures of the same run, and what it should be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_ROUNDS = 5
"""How much more often than it has to be, something is measured."""


@dataclass(frozen=True)
class Line:
    """One ratio. `baseline`: the figures that it is made of, as a text. `at_least`: whether more is
    better.
    """

    name: str
    ratio: float
    goal: float
    baseline: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the ratio as it is told reaches its goal."""
        told = round(self.ratio, 2)
        return told >= self.goal if self.at_least else told <= self.goal

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "ratio": round(self.ratio, 2),
            "goal": self.goal,
            "met": self.is_met,
            "baseline": self.baseline,
        }

    def as_text(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.is_met else "MISSED"
        figures = f"{self.ratio:6.2f}  {sign} {self.goal:<4g} {verdict:<6}"
        return f"{self.name:<58} {figures}  {self.baseline}"


def slower(name: str, goal: float, here: float, there: float, against: str) -> Line:
    """How much longer something takes than what it is held against; both in seconds."""
    return Line(name, here / there, goal, f"{told(here)}; {against}: {told(there)}")


def told(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1_000 * seconds:.1f} ms"


def in_turns(
    measures: Mapping[str, Callable[[], float]], rounds: int, seconds: float = 0
) -> dict[str, list[float]]:
    """Each figure so often, one after the other, so that what slows the computer slows them all.
    What is quick is measured more often, for so many seconds: a busy computer leaves it alone now
    and then.
    """
    found: dict[str, list[float]] = {name: [] for name in measures}
    began = time.monotonic()
    for done in range(MOST_ROUNDS * rounds):
        if done >= rounds and time.monotonic() - began > seconds:
            break
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def quickest(
    measures: Mapping[str, Callable[[], float]], rounds: int, seconds: float = 0
) -> dict[str, float]:
    """The least of each, taken in turns."""
    return {name: min(figures) for name, figures in in_turns(measures, rounds, seconds).items()}


def highest(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The most of each, taken in turns."""
    return {name: max(figures) for name, figures in in_turns(measures, rounds).items()}
