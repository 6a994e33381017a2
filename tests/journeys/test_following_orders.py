"""Orders are followed beside their table, by mouse and by keyboard, while others come and go."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from lib.models import JobState
from lib.services import DEMO
from tests.journeys.servers import inhabit, running_app
from tests.journeys.visitor import Visitor
from tests.pages import people

ROW, HEAD = 35, 35
"""Pixels: the height of a row, and of the line above the first."""


def test_an_order_is_opened_followed_and_taken_along(tmp_path: Path, visitor: Visitor) -> None:
    now = datetime.now(UTC)
    grace = people.clone(1, now, name="=Grace", service=DEMO, hours_ago=3)
    alan = people.clone(2, now, name="Alan", service=DEMO, hours_ago=4)
    moving = people.clone(3, now, name="Ada", service=DEMO, hours_ago=0)
    waiting = replace(
        moving.jobs[0],
        state=JobState.WAITING,
        submitted_at=now,
        finished_at=None,
        charged=None,
        next_check_at=now + timedelta(days=9),
    )
    inhabit(tmp_path, [grace, alan, replace(moving, jobs=(waiting,))])
    page = visitor.page
    with running_app(tmp_path) as app:
        visitor.open(app.url("/jobs?jobs_search=Grace"))
        table = visitor.part("jobs_table").get_by_test_id("stDataFrame")
        table.click(position={"x": 17, "y": HEAD + ROW / 2})
        story = visitor.part("jobs_story")
        expect(story.get_by_text("clone-00001")).to_be_visible()
        expect(page).to_have_url(re.compile(r"job=clone-00001"))
        visitor.part("jobs_search").get_by_role("textbox").fill("")
        page.keyboard.press("Enter")
        visitor.settle()
        expect(table.locator("td").filter(has_text="Alan").first).to_be_attached()
        expect(story.get_by_text("clone-00001")).to_be_visible()

        picker = visitor.part("jobs_open").get_by_role("combobox")
        picker.focus()
        picker.press_sequentially("Alan")
        expect(page.get_by_role("option").first).to_contain_text("Alan")
        page.keyboard.press("Enter")
        expect(story.get_by_text("clone-00002")).to_be_visible()
        expect(page).to_have_url(re.compile(r"job=clone-00002"))
        visitor.press("job_close")
        expect(story).to_have_count(0)

        ran = visitor.part("row_clone-00003").get_by_text(re.compile(r"^Working · "))
        before = ran.inner_text()
        expect(ran).not_to_have_text(before)
        saved = visitor.saves(visitor.part("jobs_save").get_by_role("button"))
        lines = list(csv.DictReader(saved.path().read_text("utf-8-sig").splitlines()))
        assert {"'=Grace", "Alan", "Ada"} <= {line["Voice"] for line in lines}
