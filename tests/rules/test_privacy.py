"""What is said of the services' copies: with its source, and the same in the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services import Copies, copies_elsewhere
from tests.parts.clock import START

PRIVACY = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_it_is_said_of_everybody_who_gets_a_recording() -> None:
    names = " ".join(copies.who for copies in copies_elsewhere())
    for name in ("NanoGPT", "WaveSpeed", "MiniMax", "fal", "Kyma", "Inworld"):
        assert name in names


@pytest.mark.parametrize("copies", copies_elsewhere(), ids=lambda copies: copies.who)
def test_the_documents_say_the_same_as_the_page(copies: Copies) -> None:
    assert f"| {copies.who} | {copies.keeps} | {copies.ends} |" in PRIVACY.read_text()
    assert copies.source
    assert copies.checked_on <= START.date()
