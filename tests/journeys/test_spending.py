"""What was spent, in a browser: a month that a link keeps, sums by kind, a CSV."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from lib.models import Dossier, JobState
from lib.services import DEMO
from tests.journeys.servers import inhabit, running_app
from tests.journeys.visitor import Visitor
from tests.pages import people

TWO_MONTHS = timedelta(days=62)


def paid(number: int, at: datetime, person: str) -> Dossier:
    made = people.clone(number, at, name="**Grace**", service=DEMO)
    job = replace(made.jobs[0], person=person, state=JobState.DONE)
    return replace(made, jobs=(job,))


@pytest.mark.slow
def test_a_month_stays_in_the_link_and_goes_into_a_spreadsheet(
    tmp_path: Path, visitor: Visitor
) -> None:
    then = datetime.now(UTC) - TWO_MONTHS
    inhabit(tmp_path, [paid(1, then, "Ann"), paid(2, then, "<b>Ben</b>")])
    month = f"{then - timedelta(days=1):%B %Y}"  # a clone is a day old
    with running_app(tmp_path) as app:
        visitor.open(app.url(f"/spending?spending_month={month.replace(' ', '+')}"))
        visitor.sees(f"$2.00 in {month}")
        visitor.page.get_by_role("radio", name="Voice").click()
        expect(visitor.page).to_have_url(re.compile("spending_by=Voice"))

        visitor.open(visitor.page.url)
        visitor.sees(f"$2.00 in {month}")
        expect(visitor.page.get_by_role("radio", name="Voice")).to_be_checked()
        saved = visitor.saves(visitor.part("spending_save").get_by_role("button"))
        table = pd.read_csv(saved.path())
        assert set(table["Person"]) == {"Ann", "<b>Ben</b>"}
        assert set(table["Voice"]) == {"**Grace**"}
        assert table["Total"].sum() == 2
