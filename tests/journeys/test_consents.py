"""Somebody takes their consent back: new speech stops at once, and keeping goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import running_app
from tests.journeys.visitor import Visitor

AT_RISK = "demo-at-risk"


@pytest.mark.slow
def test_consent_is_withdrawn_and_the_voice_is_kept_all_the_same(
    tmp_path: Path, visitor: Visitor
) -> None:
    with running_app(tmp_path) as app:
        visitor.open(app.url(f"/voice?id={AT_RISK}"))
        visitor.sees("Consent recorded")
        expect(visitor.part("speak_go")).to_be_visible()
        visitor.press(f"consent_withdraw_{AT_RISK}")
        visitor.press(f"consent_withdraw_sure_{AT_RISK}")
        visitor.sees("Consent withdrawn")
        visitor.sees("no new speech can be generated with this voice")
        expect(visitor.part("speak_go")).to_have_count(0)

        visitor.press(f"activate_{AT_RISK}")
        visitor.sees("Safe", within=60)
