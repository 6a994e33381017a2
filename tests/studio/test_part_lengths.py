"""How long a part may be: what a model takes at a time is told by its service, and kept to."""

from __future__ import annotations

import pytest

from lib.services import NANOGPT
from lib.studio.core.catalogue import speech_model
from lib.studio.core.context import Context
from lib.studio.core.runtime import Listed
from lib.studio.jobs import long_texts
from lib.studio.orders import speaking
from tests.studio.service import says
from tests.studio.story import MINUTE, Story, fresh, text_order

NAME = "Minimax-Speech-02-HD"
LIMIT = 900
LIST = {
    "data": [
        {
            "id": NAME,
            "pricing": {"per_thousand_chars": 0.1},
            "supported_parameters": {"max_chars": LIMIT},
        }
    ]
}
SENTENCE = "This is one of many sentences of a story. "


@pytest.fixture
def voice_id(story: Story, context: Context) -> str:
    """A voice at a service whose model takes 900 characters at a time, and says so."""
    story.service.always("models", says(LIST))
    kept = story.kept(context)
    context.runtime.listed = Listed()
    return kept


@pytest.mark.parametrize(("letters", "parts"), [(1_500, 2), (4_000, 5)])
def test_no_part_is_longer_than_the_model_takes_at_a_time(
    story: Story, context: Context, voice_id: str, letters: int, parts: int
) -> None:
    text = (SENTENCE * 100)[:letters].strip()
    before = story.service.count("speech")
    whole = speaking.order(context, text_order(voice_id, text, model=NAME))
    story.live(context, MINUTE)
    sent = [seen.field("text") for seen in story.service.of_kind("speech")[before:]]
    assert len(sent) == parts
    assert max(map(len, sent)) <= LIMIT
    found = long_texts.find(context, fresh(context, whole))
    assert " ".join(part.text for part in found.parts) == text
    assert found.take is not None


def test_what_the_model_just_takes_is_one_part(context: Context, voice_id: str) -> None:
    model = speech_model(context, NANOGPT, NAME)
    assert model is not None
    just = "a" * (LIMIT - 1) + "."
    assert speaking.plan(model, just).parts == (just,)
    assert len(speaking.plan(model, f"{just} b.").parts) == 2
