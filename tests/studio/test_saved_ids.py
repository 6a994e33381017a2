"""Saved voice IDs of NanoGPT's web page: asked for on the page, fetched by the keeper."""

from __future__ import annotations

import pytest

from lib import keeper
from lib.registry import Note
from lib.services import MINIMAX, NANOGPT
from lib.studio.adoption import adopting, saved_ids
from lib.studio.adoption.ids import VoiceType
from lib.studio.adoption.lists import MAX_LINES, format_list, read
from lib.studio.core.context import Context
from tests.parts.persons import ADA
from tests.registry.records import everything
from tests.studio.service import refuses
from tests.studio.story import Story, dossier
from tests.studio.web_page import COOKIE, PATH, WebPage


@pytest.fixture
def page(story: Story) -> WebPage:
    story.settings["NANOGPT_SESSION_COOKIE"] = COOKIE
    page = WebPage(story.service)
    story.service.always("other", page)
    return page


@pytest.fixture
def connected(story: Story, page: WebPage) -> Context:
    return story.context()


def asks(story: Story) -> int:
    return sum(seen.target == PATH for seen in story.service.seen)


def test_nothing_is_asked_before_somebody_wants_it(story: Story, connected: Context) -> None:
    keeper.one_pass(connected)
    assert not asks(story)
    assert saved_ids.status(connected).last_read == Note(saved_ids.READ)


def test_the_list_is_compared_with_the_library(story: Story, connected: Context) -> None:
    mine = dossier(connected, story.kept(connected)).voice
    saved_ids.request(connected, saved_ids.READ, ADA)
    assert saved_ids.status(connected).is_awaited
    keeper.one_pass(connected)
    seen = saved_ids.status(connected)
    assert seen.missing_here == ("Anna12345",)
    assert [voice.id for voice in seen.missing_there] == [mine.id]
    assert "1 saved" in seen.last_read.body["sentence"]
    assert not seen.is_awaited


def test_the_missing_become_a_list_to_adopt_from(story: Story, connected: Context) -> None:
    saved_ids.request(connected, saved_ids.READ, ADA)
    keeper.one_pass(connected)
    lines = read(saved_ids.as_list(saved_ids.status(connected).missing_here))
    assert [(line.id, line.name, line.kind) for line in lines] == [("Anna12345", "", "minimax")]
    adopting.adopt(
        connected,
        lambda: adopting.plan(connected, lines, VoiceType(NANOGPT, MINIMAX), test=False),
        speaker="Anna",
        consent=True,
        person=ADA,
    )
    assert not saved_ids.status(connected).missing_here


def test_a_name_that_is_told_stays_in_one_cell_of_the_list() -> None:
    (line,) = read(format_list([("Anna12345", 'Anna "A"; B', MINIMAX)]))
    assert (line.id, line.name, line.fault) == ("Anna12345", 'Anna "A"; B', "")


def test_more_than_a_list_may_hold_are_handed_over_in_portions() -> None:
    missing = tuple(f"Narrator{number:04}" for number in range(MAX_LINES + 100))
    lines = read(saved_ids.as_list(missing))
    assert [line.id for line in lines] == list(missing[:MAX_LINES])


def test_ours_are_saved_once_and_seen_there(
    story: Story, connected: Context, page: WebPage
) -> None:
    for seed in (1, 2):
        story.kept(connected, seed=seed)
    saved_ids.request(connected, saved_ids.SAVE, ADA)
    keeper.one_pass(connected)
    seen = saved_ids.status(connected)
    assert seen.last_save.body == {"ok": True, "sentence": "2 of 2 saved there."}
    assert not seen.missing_there
    assert len(page.ids) == 3
    saved_ids.request(connected, saved_ids.SAVE, ADA)
    keeper.one_pass(connected)
    assert len(page.ids) == 3
    assert "already" in saved_ids.status(connected).last_save.body["sentence"]


def test_what_the_list_does_not_show_is_not_called_saved(
    story: Story, connected: Context, page: WebPage
) -> None:
    story.kept(connected)
    page.deaf = True
    saved_ids.request(connected, saved_ids.SAVE, ADA)
    keeper.one_pass(connected)
    body = saved_ids.status(connected).last_save.body
    assert body["ok"] is False
    assert body["sentence"].startswith("0 of 1 saved there. NanoGPT took")


def test_a_session_that_has_ended_is_said_and_nothing_is_known(
    story: Story, connected: Context
) -> None:
    story.service.always("other", refuses(401))
    for what in (saved_ids.READ, saved_ids.SAVE):
        saved_ids.request(connected, what, ADA)
    keeper.one_pass(connected)
    seen = saved_ids.status(connected)
    assert not seen.is_read
    assert not seen.missing_here
    assert not seen.missing_there
    for note in (seen.last_read, seen.last_save):
        assert note.body["ok"] is False
        assert "Sign in" in note.body["sentence"]


def test_the_cookie_goes_nowhere_but_into_its_header(story: Story, connected: Context) -> None:
    story.kept(connected)
    saved_ids.request(connected, saved_ids.SAVE, ADA)
    keeper.one_pass(connected)
    secret = COOKIE.partition("=")[2]
    assert secret not in str(everything(connected.registry))
    assert secret not in repr(connected.settings)
    assert all(secret not in seen.target + seen.key + str(seen.body) for seen in story.service.seen)
    vault = connected.live_vault
    assert all(secret.encode() not in vault.get(k, max_bytes=10**7) for k in vault.keys("voices/"))


def test_without_a_cookie_nothing_can_be_asked(story: Story, context: Context) -> None:
    saved_ids.request(context, saved_ids.READ, ADA)
    keeper.one_pass(context)
    assert not asks(story)
    assert not saved_ids.status(context).is_awaited
