"""A newcomer starts the app in an empty folder, hears a voice, and finds it again."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.models import JobKind
from lib.ui import words
from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

NAME = "JFK"
"""Suggested by the app, from the name of the file."""
MOST_CLICKS = 6
MOST_SECONDS = 60


def test_from_an_empty_folder_to_a_voice_that_is_kept_and_outlives_a_restart(
    tmp_path: Path, visitor: Visitor, recording: Path
) -> None:
    began = time.monotonic()
    with running_app(tmp_path) as app:
        visitor.open(app.url())
        expect(visitor.part("first_steps")).to_be_visible()
        visitor.follow("Clone a voice")
        visitor.bring(recording)
        visitor.agree()
        visitor.pays("clone_confirm")
        visitor.sees("Its first sound:")
        visitor.hears()
        assert visitor.clicks <= MOST_CLICKS
        assert time.monotonic() - began < MOST_SECONDS
        expect(visitor.page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()

        visitor.follow("Open its page")
        visitor.sees_title(NAME)
        visitor.sees(re.compile(r"\bSafe\b"))
        visitor.opens_tab("Proof")
        visitor.sees("Used to generate speech on")
        address = visitor.page.url.partition(str(app.port))[2]

        visitor.follow("Playground")
        visitor.has_chosen("speak_voice", NAME)
        visitor.type("speak_text", "The rain in Spain stays mainly in the plain.")
        visitor.pays("speak_go")
        visitor.part("speak_result").locator("audio").wait_for()
        visitor.hears()

        visitor.follow("Home")
        visitor.sees_title("Your voices")
        expect(visitor.part("home_library")).to_be_visible()
        expect(visitor.part("first_steps")).to_have_count(0)

    with running_app(tmp_path) as app:
        visitor.open(app.url(address))
        visitor.sees_title(NAME)
        visitor.opens_tab("Proof")
        visitor.sees("Used to generate speech on")
        visitor.sees("The recording is in your storage")
        visitor.hears()
        visitor.follow("Playground")
        takes = visitor.page.get_by_text("The rain in Spain stays mainly in the plain.")
        expect(takes.first).to_be_visible()
        visitor.click(visitor.page.get_by_role("button", name="Listen").first)
        visitor.hears()


def test_a_held_press_that_ends_the_typing_orders_nothing(tmp_path: Path, visitor: Visitor) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/playground"))
        visitor.type("speak_text", "A word.")
        button = visitor.part("speak_go").get_by_role("button").first
        expect(button).to_be_enabled()
        visitor.reads()
        visitor.part("speak_text").locator("textarea").fill("The rain in Spain stays. " * 100)
        button.hover()
        visitor.page.mouse.down()
        visitor.page.wait_for_timeout(600)
        visitor.page.mouse.up()
        visitor.sees("press again")
        visitor.reads()
        visitor.press("speak_go")
        visitor.part("speak_result").locator("audio").wait_for()


@pytest.mark.slow  # shorter: what a press too early says, in the tests of the pages
def test_a_slow_double_click_does_not_answer_the_question_that_it_raises(
    tmp_path: Path, visitor: Visitor, recording: Path
) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url("/clone"))
        visitor.bring(recording)
        visitor.agree()
        visitor.pays("clone_confirm")
        visitor.sees("Its first sound:")

        visitor.open(app.url("/clone"))
        visitor.bring(recording)
        visitor.agree()
        button = visitor.part("clone_confirm").get_by_role("button")
        visitor.reads()
        button.click()
        visitor.sees(re.compile("Clone it again"))
        button.click()
        visitor.sees("Nothing was ordered")
        visitor.open(app.url("/jobs"))
        rows = visitor.part("jobs_table").locator("tr").filter(has_text=NAME)
        expect(rows.filter(has_text=words.WORK[JobKind.CLONE])).to_have_count(1)
