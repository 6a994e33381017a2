"""Many open tabs, of which some click, over a large library with orders under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from lib import keeper
from lib.models import Dossier, Job, JobState
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.orders import cloning
from tests.journeys.servers import running_app, running_service
from tests.journeys.stranger import Stranger, calling
from tests.pages import people
from tests.parts.ordering import numbered_order

HOME, STORY = "Your voices", "For developers"
LIBRARY = "Search voices"
"""It is drawn once all voices are there."""
AN_HOUR = 3_600.0
FEW = 10
"""Tabs that are open when memory is measured first."""
MOST_OF_A_TAB = 5.0
"""Megabytes. It is about one, whatever the library holds: what is drawn is bounded."""
MOST_OF_A_BUSY_TAB = 8.0
"""The same after all were drawn at once, in as many threads, whose garbage is kept for a while."""
HURT = ("Traceback", "Exception", "Error")


@dataclass(frozen=True)
class Crowd:
    """How many there are of what."""

    voices: int
    tabs: int
    clicking: int
    rounds: int
    waiting: int


@pytest.mark.parametrize(
    "crowd",
    [
        pytest.param(Crowd(200, 20, 5, 2, 2), marks=pytest.mark.slow, id="some"),
        pytest.param(Crowd(1_000, 100, 20, 3, 5), marks=pytest.mark.long, id="many"),
    ],
)
def test_many_tabs_lose_no_click_and_meet_no_error(
    tmp_path: Path, crowd: Crowd, record_property: Callable[[str, object], None]
) -> None:
    with (
        running_service(tmp_path / "service", pace=AN_HOUR) as service,
        library(tmp_path / "app", service.settings, crowd) as settings,
        running_app(tmp_path / "app", settings) as app,
        ExitStack() as tabs,
    ):
        open_tabs = [tabs.enter_context(calling(app.port)) for _ in range(crowd.tabs)]
        app.child.wait_for(
            lambda: LIBRARY in open_tabs[0].run() or None, "read its vault", seconds=60
        )
        for tab in open_tabs[:FEW]:
            assert HOME in tab.run()
        with_few = app.memory()
        for tab in open_tabs[FEW:]:
            assert HOME in tab.run()
        with_all = app.memory()
        each = (with_all - with_few) / (crowd.tabs - FEW)

        clicking = open_tabs[: crowd.clicking]
        with ThreadPoolExecutor(crowd.tabs) as hands:
            watching = hands.map(look_again, open_tabs[crowd.clicking :])
            clicks = hands.map(
                lambda number: clicks_through(clicking[number], number, crowd.rounds),
                range(crowd.clicking),
            )
            assert all(HOME in told for told in watching)
            assert list(clicks) == [crowd.rounds] * crowd.clicking

        for tab in open_tabs:
            assert "exception {" not in tab.seen
            assert "Something went wrong" not in tab.seen
        after = app.memory()
        record_property("megabytes_of_each_tab", round(each, 2))
        print(
            f"{crowd}: {with_few:.0f} MB with {FEW} tabs, {with_all:.0f} MB with {crowd.tabs}, "
            f"{each:.2f} MB each; {after:.0f} MB after the clicks"
        )
        log = app.child.output()
    assert [word for word in HURT if word in log] == []
    assert each < MOST_OF_A_TAB
    assert after < with_few + crowd.tabs * MOST_OF_A_BUSY_TAB
    with opened(tmp_path / "app", settings) as context:
        for number in range(crowd.clicking):
            voice = context.registry.voices.get(voice_id(number))
            assert voice is not None
            assert voice.name == name(number, crowd.rounds)
            assert set(voice.tags) == {tag(number, round_) for round_ in range(1, crowd.rounds + 1)}
        assert len(waiting(context)) == crowd.waiting


def clicks_through(tab: Stranger, number: int, rounds: int) -> int:
    """Rename and tag a voice in a hurry, then look for it; how often that came out as it should."""
    seen = 0
    for round_ in range(1, rounds + 1):
        tab.page, tab.query = "voice", f"id={voice_id(number)}"
        assert STORY in tab.run()
        renamed = WidgetState(
            id=tab.id_of(f"rename_{voice_id(number)}"), string_value=name(number, round_)
        )
        tags = [tag(number, earlier) for earlier in range(1, round_ + 1)]
        tagged = WidgetState(
            id=tab.id_of(f"tags_{voice_id(number)}"), string_array_value=StringArray(data=tags)
        )
        told = tab.says_in_a_hurry([renamed], [renamed, tagged], until=tag(number, round_))
        assert name(number, round_) in told

        tab.page, tab.query = "", ""
        assert HOME in tab.run()
        sought = WidgetState(id=tab.id_of("home_search"), string_value=tag(number, round_))
        found = tab.says(sought)
        assert name(number, round_) in found
        seen += 1
    return seen


def look_again(tab: Stranger) -> str:
    """A person who reads, and looks at the page anew now and then."""
    return tab.run()


@contextmanager
def library(folder: Path, service: dict[str, str], crowd: Crowd) -> Iterator[dict[str, str]]:
    """The app's settings, once its library has the voices, and the service the orders."""
    settings = {**service, "VAULT_URL": f"file://{folder / 'vault'}"}
    folder.mkdir()
    with opened(folder, settings) as context:
        people.move_in(context, kept_voices(crowd.voices))
        keeper.one_pass(context)
        for number in range(crowd.waiting):
            cloning.clone(context, numbered_order(number))
        keeper.one_pass(context)
        assert len(waiting(context)) == crowd.waiting
    yield settings


@contextmanager
def opened(folder: Path, settings: dict[str, str]) -> Iterator[Context]:
    """The app's library, by what the app is set to."""
    context = open_context(Settings(settings, data_folder=folder / "data"))
    try:
        yield context
    finally:
        context.close()


def kept_voices(count: int) -> list[Dossier]:
    now = datetime.now(UTC)
    return [people.clone(number, now, kept=True) for number in range(count)]


def waiting(context: Context) -> list[Job]:
    jobs = context.registry.jobs.latest(services=[NANOGPT])
    return [job for job in jobs if job.state is JobState.WAITING]


def voice_id(number: int) -> str:
    return f"voice-{number:05d}"


def name(number: int, round_: int) -> str:
    return f"Renamed {number} to {round_}"


def tag(number: int, round_: int) -> str:
    return f"tag-{number}-{round_}"
