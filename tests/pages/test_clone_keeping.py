"""How a new voice is kept, in one sentence beside the way to change it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.models import KeepPolicy
from tests.pages.clone_form import MINIMAX, bring, choose, confirm, fill_in
from tests.pages.house import House, read, texts
from tests.parts.speech import spoken

pytestmark = pytest.mark.usefixtures("no_showcase")

QWEN = "Qwen voice · Demo"


def sentences(visitor: AppTest) -> str:
    return read("\n".join(texts(visitor.markdown)))


def test_the_sentence_says_what_is_chosen_and_what_it_costs_or_loses(house: House) -> None:
    visitor = choose(house.open("clone"), MINIMAX)
    assert "Kept at once, for under $0.01 play money." in sentences(visitor)
    visitor.radio(key="clone_keep").set_value(KeepPolicy.BEFORE_DEADLINE).run()
    assert "Kept halfway to its deadline, for under $0.01" in sentences(visitor)
    visitor.radio(key="clone_keep").set_value(KeepPolicy.ASK).run()
    assert "it is deleted unless it is used within 7 days." in sentences(visitor)
    assert visitor.button(key="clone_confirm").label.endswith("($1.00 play money)")
    visitor.selectbox(key="clone_refresh").set_value(30).run()
    assert "Then used again every 30 days, about $0.01" in sentences(visitor)


def test_a_voice_that_is_kept_by_its_copy_costs_nothing_to_keep(house: House) -> None:
    visitor = choose(house.open("clone"), QWEN)
    assert "Backed up right away, for free." in sentences(visitor)
    assert not [item for item in visitor.radio if item.key == "clone_keep"]


def test_what_was_changed_is_what_is_ordered(house: House) -> None:
    visitor = fill_in(bring(house.open("clone"), spoken()))
    visitor.radio(key="clone_keep").set_value(KeepPolicy.BEFORE_DEADLINE).run()
    visitor.selectbox(key="clone_refresh").set_value(30).run()
    confirm(visitor)
    voice = house.context.registry.voices.get(house.jobs()[0].voice_id)
    assert voice
    assert (voice.keep_policy, voice.refresh_days) == (KeepPolicy.BEFORE_DEADLINE, 30)
