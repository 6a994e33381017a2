"""All that this room says has its words."""

from __future__ import annotations

from lib.registry.troubles import Trouble
from lib.registry.wording import DEEDS, SENTENCES, TROUBLES, Deed, Reason


def test_everything_that_is_said_has_its_words() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert DEEDS.keys() == set(Deed)
    assert TROUBLES.keys() == set(Trouble)
