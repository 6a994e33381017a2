"""What each role finds on the pages, and that a press which came before a role was lost is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from lib.manifest import Fault
from lib.models import JobState
from lib.registry.unreadable import Unreadable
from lib.roles import Person, TeamRole
from lib.scripts import Speaker
from lib.studio.scripts import editing, reading, standing
from tests.pages import people
from tests.pages.house import LOOPBACK, PAGES, House, bound_to, go, said, shown, texts
from tests.parts.persons import named
from tests.parts.rows import all_rows

ActAs = Callable[[Person], None]

VIEWER, MEMBER, ADMIN = (named("Vera", role) for role in TeamRole)
VOICE = "voice-00002"
READS = re.compile(
    r"home_(speak|search|health|language|tag|owner|consent|service|favourites|drop_.+|more)"
    r"|icon_(play|now_playing_close)_.+|jobs_.+|job_open_.+|job_close|retention_.+|takes_.+|listen_.+"
    r"|scripts_.+|script_(all|open_.+|listen_.+|export_.+)|spending_.+|save_(wav|mp3)_.+"
    r"|(needs|card)_(show_.+|more)|voice_(pick|open_.+)|keyboard_help"
    r"|going_back"  # nothing to see
)
"""Keys of what somebody who only looks and listens can press or fill in."""
ADMINS = re.compile(
    r"step_.+|check_.+|notify_test|export_.+|import_.+|erase_.+|set_aside_.+|storage_.+|account_.+"
    r"|activity_.+|elevate_end"
)
"""Keys of what is there for admins alone."""
WAY_UP = {"elevate_passphrase", "elevate_go"}
WITH_AN_ADMINS_DEED = ("home", "retention", "spending", "activity", "settings")
"""In this library: a story that cannot be read, what everybody spent and did, all of Settings."""


@pytest.fixture
def library(house: House, live_key: None) -> House:
    """A team's library with something to do on every page."""
    house.open(address=LOOPBACK)
    context, now = house.context, house.clock.now()
    vault = context.live_vault.name
    voices = people.mixture(6, now, vault)
    unknown = people.with_unknown_outcome(people.clone(90, now, name="Nobody knows"))
    running = people.clone(91, now, name="On its way")
    order = replace(running.jobs[0], state=JobState.WAITING, finished_at=None, charged=None)
    running = replace(running, jobs=(order,))
    said = [people.speech(1, voices[0], "Good morning.", vault=vault)]
    people.move_in(context, [*voices, unknown, running], said)
    made = editing.create(context, ADMIN, "A scene", reading.read_text("ANN: Good morning."))
    editing.give_voice(context, ADMIN, made, Speaker("ANN", VOICE))
    lost = Unreadable("voices/0123456789abcdef/voice.json", vault, Fault.DAMAGED, now)
    context.registry.unreadable.put([lost])
    return house


def visit(house: House, page: str, **query: str) -> AppTest:
    return house.enter(page, address=LOOPBACK, **query)


def views(house: House) -> Iterator[tuple[str, AppTest]]:
    """Every page, and those of a voice, a script and an order, as one visitor goes through them."""
    visitor = visit(house, "home")
    with bound_to(LOOPBACK):
        for page in PAGES:
            yield page, go(visitor, page)
        yield "a voice", go(visitor, "voice", id=VOICE)
        (scene,) = standing.listed(house.context, limit=1)
        yield "a script", go(visitor, "scripts", id=scene.script.id)
        yield "an order", go(visitor, "jobs", job="clone-00090")


def keys(visitor: AppTest) -> set[str]:
    """Of all that can be pressed or filled in, downloads and tables as well."""
    drawn = (str(getattr(node, "proto", "")) for node in visitor if not isinstance(node, Block))
    return set(re.findall(r'\$\$ID-[0-9a-f]{32}-(?!None")([^"]+)"', "\n".join(drawn)))


def asks_for_an_admin(visitor: AppTest) -> int:
    """How often the page says that something is an admin's to do."""
    sentences = [*texts(visitor.info), *texts(visitor.markdown)]
    return sum(sentence.startswith("Only an admin") for sentence in sentences)


def test_a_viewer_finds_nothing_to_press_but_what_only_shows_and_plays(
    library: House, act_as: ActAs
) -> None:
    act_as(VIEWER)
    for name, visitor in views(library):
        assert not visitor.exception, name
        assert asks_for_an_admin(visitor) == (name in WITH_AN_ADMINS_DEED), name
        strange = {key for key in keys(visitor) - WAY_UP if not READS.fullmatch(key)}
        assert not strange, name


def test_a_viewer_hears_and_downloads_takes(library: House, act_as: ActAs) -> None:
    act_as(VIEWER)
    visitor = visit(library, "playground")
    assert {"save_wav_speech-00001", "save_mp3_speech-00001"} <= keys(visitor)
    visitor.button(key="listen_speech-00001").click().run()
    assert not visitor.exception
    assert "speak_go" not in keys(visitor)


def test_a_viewer_is_told_who_makes_voices_and_whom_to_ask(library: House, act_as: ActAs) -> None:
    act_as(VIEWER)
    (info,) = texts(visit(library, "clone").info)
    assert "members" in info
    assert "ask an admin" in info.lower()


def test_a_member_finds_all_but_what_is_the_admins(library: House, act_as: ActAs) -> None:
    act_as(ADMIN)
    all_of_it = {name: keys(visitor) for name, visitor in views(library)}
    act_as(MEMBER)
    for name, visitor in views(library):
        assert not visitor.exception, name
        assert asks_for_an_admin(visitor) == (name in WITH_AN_ADMINS_DEED), name
        left = {key for key in all_of_it[name] if not ADMINS.fullmatch(key)}
        assert keys(visitor) - WAY_UP == left, name
    assert any(ADMINS.fullmatch(key) for key in all_of_it["home"])
    assert {"check_vault", "export_prepare", "import_file"} <= all_of_it["settings"]


def test_the_months_sums_are_for_admins(library: House, act_as: ActAs) -> None:
    for person, sees in ((VIEWER, False), (MEMBER, False), (ADMIN, True)):
        act_as(person)
        assert ("Spent this month" in shown(visit(library, "home"))) is sees


def test_what_was_pressed_before_the_role_was_lost_changes_nothing(
    library: House, act_as: ActAs
) -> None:
    act_as(ADMIN)
    pressed = set()
    with bound_to(LOOPBACK):
        for _, visitor in views(library):
            for key in sorted(key for key in keys(visitor) if not READS.fullmatch(key)):
                ready = {button.key for button in visitor.button if not button.disabled}
                if key not in ready or key in pressed:
                    continue
                before = all_rows(library.context.registry)
                visitor.button(key=key).click()
                act_as(VIEWER)
                visitor.run()
                assert not visitor.exception, key
                assert all_rows(library.context.registry) == before, key
                act_as(ADMIN)
                visitor.run()
                pressed.add(key)
    assert {"check_vault", "export_prepare", "set_aside_0123456789abcdef"} <= pressed
    assert {"job_check_clone-00091", "giveup_clone-00090"} <= pressed
    assert {f"activate_{VOICE}", f"archive_{VOICE}"} <= pressed
    assert {"script_generate", "script_duplicate"} <= pressed


def test_a_name_that_was_typed_before_the_role_was_lost_is_refused_in_a_sentence(
    library: House, act_as: ActAs
) -> None:
    act_as(ADMIN)
    visitor = visit(library, "voice", id=VOICE)
    before = all_rows(library.context.registry)
    visitor.text_input(key=f"rename_{VOICE}").set_value("Mallory")
    act_as(VIEWER)
    with bound_to(LOOPBACK):
        visitor.run()
        assert "Ask an admin of your team to make you a member" in said(visitor)
        assert all_rows(library.context.registry) == before
        assert "Ask an admin" not in said(visitor.run())


def test_a_member_changes_a_name_and_it_is_on_record_who(library: House, act_as: ActAs) -> None:
    act_as(replace(MEMBER, address="vera@example.org"))
    visitor = visit(library, "voice", id=VOICE)
    visitor.text_input(key=f"rename_{VOICE}").set_value("Rowan")
    with bound_to(LOOPBACK):
        visitor.run()
    (event,) = library.context.registry.events.of_voice(VOICE)
    assert event.person == "Vera (vera@example.org)"
