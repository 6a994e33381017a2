"""The picture of the next deadlines: what is on it, how it is told apart, how it reads in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from lib.models import Dossier, Health, VoiceKind
from lib.retention import TIME_RUNS, Terms, judge, next_step
from lib.services import retention_of
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.retention import timeline
from lib.ui.retention.timeline import FEW, SHAPES
from tests.pages import people

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
LIGHT, DARK = "#ffffff", "#14141c"
SEEN = 3.0
"""Contrast that makes a mark visible (WCAG 1.4.11)."""
APART = 20.0
"""Distance in CIE Lab at which two colours are told apart without being side by side."""
EYES = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "no green": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "no blue": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""How linear red, green and blue arrive (Machado and others, 2009)."""


def entry(dossier: Dossier, *, now: datetime = NOW) -> Entry:
    rule = retention_of(dossier.voice.service, dossier.voice.kind)
    terms = Terms(rule, "vault", vault_counts=True)
    return Entry(dossier, judge(dossier, terms, now), next_step(dossier, terms, now), now, terms)


def aged(*hours: float, **more: object) -> list[Entry]:
    """Voices that were cloned so many hours ago; each has 168."""
    return [
        entry(people.clone(number, NOW, hours_ago=age, **more))  # type: ignore[arg-type]
        for number, age in enumerate(hours)
    ]


def test_only_deadlines_ahead_are_on_it_soonest_first() -> None:
    entries = [
        *aged(20, 160, 130),
        entry(people.clone(10, NOW, hours_ago=200)),
        entry(people.clone(11, NOW, hours_ago=10, kept=True)),
        entry(people.clone(12, NOW, kind=VoiceKind.INWORLD)),
    ]
    found = timeline.points(entries)
    assert [point.left for point in found] == [timedelta(hours=h) for h in (8, 38, 148)]
    assert [point.health for point in found] == [Health.AT_RISK, Health.DUE_SOON, Health.WAITING]


def test_an_archived_voice_is_not_on_it() -> None:
    dossier = people.clone(1, NOW, hours_ago=160)
    archived = replace(dossier, voice=replace(dossier.voice, archived_at=NOW))
    assert timeline.points([entry(archived)]) == []


def test_voices_of_one_name_have_a_row_each() -> None:
    found = timeline.points(aged(10, 20, 30, name="Same"))
    assert len({point.row for point in found}) == 3
    assert {point.row.rstrip(words.WORD_JOINER) for point in found} == {"Same"}


def test_a_demo_with_a_clock_of_its_own_is_placed_by_the_time_left() -> None:
    later = NOW + timedelta(days=40)
    demo = entry(people.clone(2, later, hours_ago=144), now=later)
    found = timeline.points([*aged(160), demo])
    assert [point.at - NOW for point in found] == [timedelta(hours=8), timedelta(hours=24)]


def test_many_are_counted_by_the_viewers_days() -> None:
    found = timeline.points(aged(*(160 for _ in range(30)), 20))
    assert [(b.at, b.count, b.health) for b in timeline.bins(found, "Europe/Berlin")] == [
        (datetime(2026, 11, 20, 23, tzinfo=UTC), 30, Health.AT_RISK),
        (datetime(2026, 11, 26, 23, tzinfo=UTC), 1, Health.WAITING),
    ]


def test_the_counts_lose_nobody() -> None:
    found = timeline.points(aged(*(number / 4 for number in range(600))))
    assert sum(item.count for item in timeline.bins(found, None)) == len(found) == 600


def test_the_picture_reads_in_words() -> None:
    told = timeline.described(timeline.points(aged(160, 130, 20, name="Nora")), "Europe/Berlin")
    assert told == (
        "3 voices reach their deadline in the next 7 days. The first is Nora, in 8 h "
        "(Sat 21 Nov, 18:30). 1 at risk, 1 due soon, 1 waiting."
    )


def test_with_many_the_fullest_day_is_named() -> None:
    told = timeline.described(timeline.points(aged(*(40 for _ in range(FEW)), 160)), None)
    assert told.endswith("The fullest day is Thu 26 Nov, with 10.")


def test_an_empty_picture_is_a_sentence() -> None:
    assert timeline.described([], None) == "No voice reaches its deadline in the next 7 days."


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 500])
def test_a_few_have_a_row_each_and_many_a_row_for_each_state(count: int) -> None:
    found = timeline.points(aged(*(number % 160 for number in range(count))))
    spec = timeline.chart(found, "Europe/Berlin", dark=False).to_dict()
    (values,) = spec["datasets"].values()
    if count <= FEW:
        assert len(values) == count
        assert all(
            words.HEALTH[point.health].sign in row["told"]
            for point, row in zip(found, values, strict=True)
        )
    else:
        assert sum(row["count"] for row in values) == count
        assert len(values) <= 8 * len(TIME_RUNS)


@pytest.mark.parametrize("count", [3, 60])
def test_the_picture_stays_the_same_within_a_minute(count: int) -> None:
    def drawn(now: datetime) -> object:
        voices = [entry(item.dossier, now=now) for item in aged(*range(count))]
        points = timeline.points(voices)
        return timeline.chart(points, "Europe/Berlin", dark=False).to_dict()

    assert drawn(NOW + timedelta(seconds=2)) == drawn(NOW + timedelta(seconds=2, milliseconds=700))


def test_each_state_has_a_shape_and_a_sign_of_its_own() -> None:
    assert len(set(SHAPES.values())) == len(TIME_RUNS)
    assert len({words.HEALTH[health].sign for health in TIME_RUNS}) == len(TIME_RUNS)


@pytest.mark.parametrize("paper", [LIGHT, DARK])
@pytest.mark.parametrize("health", Health)
def test_its_colours_are_seen_on_light_and_dark(health: Health, paper: str) -> None:
    assert contrast(words.HEALTH_COLOURS[health], paper) >= SEEN


@pytest.mark.parametrize("eyes", EYES)
def test_its_colours_are_told_apart_by_all_eyes(eyes: str) -> None:
    for one, other in combinations((words.HEALTH_COLOURS[health] for health in TIME_RUNS), 2):
        assert distance(one, other, eyes) >= APART


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    light = [
        sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))
        for colour in (one, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def distance(one: str, other: str, eyes: str) -> float:
    labs = [lab([dot(row, linear(colour)) for row in EYES[eyes]]) for colour in (one, other)]
    return sum((a - b) ** 2 for a, b in zip(*labs, strict=True)) ** 0.5


def dot(row: tuple[float, ...], values: list[float]) -> float:
    total = sum(a * b for a, b in zip(row, values, strict=True))
    return float(min(max(total, 0), 1))


def lab(rgb: list[float]) -> tuple[float, float, float]:
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        root(sum(a * b for a, b in zip(row, rgb, strict=True)) / w)
        for row, w in zip(rows, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116
