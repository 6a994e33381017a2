"""The list of models: asked of the services once a day by the keeper, read by everybody else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from lib import keeper
from lib.models import Money
from lib.pricing import keeping_price
from lib.services import KYMA, MINIMAX, NANOGPT, QWEN, SERVICES
from lib.studio.core import catalogue
from lib.studio.core.context import Context
from lib.studio.core.runtime import Listed
from lib.studio.orders import activation, speaking
from tests.studio.kyma import HD, kyma_shop
from tests.studio.service import answers_a_page, refuses, resets, says
from tests.studio.story import DAY, HOUR, Story, dossier

LIST = {
    "data": [
        {
            "id": "Minimax-Speech-02-HD",
            "pricing": {"per_thousand_chars": 0.5},
            "supported_parameters": {"max_chars": 9_999},
        },
        {"id": "Minimax-Speech-9", "name": "Nine", "pricing": {"per_thousand_chars": 1}},
    ]
}


def listed(context: Context) -> list[str]:
    context.runtime.listed = Listed()
    return [model.id for model in catalogue.speech_models(context, NANOGPT, MINIMAX)]


def shipped() -> list[str]:
    return [model.id for model in SERVICES[NANOGPT].speech_models(MINIMAX)]


def test_until_a_service_was_asked_the_shipped_list_holds(context: Context) -> None:
    assert listed(context) == shipped()


def test_what_a_service_lists_holds_with_its_prices_and_limits(
    story: Story, context: Context
) -> None:
    story.service.always("models", says(LIST))
    keeper.one_pass(context)
    assert listed(context) == ["Minimax-Speech-02-HD", "Minimax-Speech-9"]
    model = catalogue.speech_model(context, NANOGPT, "Minimax-Speech-02-HD")
    assert model is not None
    assert (model.per_1000_chars, model.max_chars) == (Decimal("0.5"), 9_999)
    assert catalogue.speech_model(context, NANOGPT, "Minimax-Speech-2.8-HD") is None


def test_a_service_is_asked_once_a_day(story: Story, context: Context) -> None:
    for _ in range(3):
        keeper.one_pass(context)
        story.clock.advance(HOUR)
    assert story.service.count("models") == 1
    story.clock.advance(DAY)
    keeper.one_pass(context)
    assert story.service.count("models") == 2


def test_a_list_that_cannot_be_had_changes_nothing(story: Story, context: Context) -> None:
    story.service.always("models", says(LIST))
    keeper.one_pass(context)
    for trouble in (refuses(500), refuses(401), says([]), answers_a_page, resets):
        asked = story.service.count("models")
        story.service.always("models", trouble)
        story.clock.advance(DAY)
        assert keeper.one_pass(context).all_done
        assert story.service.count("models") == asked + 1
        assert listed(context) == ["Minimax-Speech-02-HD", "Minimax-Speech-9"]


def test_where_a_service_lists_nothing_any_more_the_shipped_list_holds(
    story: Story, context: Context
) -> None:
    story.service.always("models", says(LIST))
    keeper.one_pass(context)
    story.service.always("models", says({"data": []}))
    story.clock.advance(DAY)
    keeper.one_pass(context)
    assert listed(context) == shipped()


def test_what_kyma_asks_for_speech_is_read_by_the_keeper_and_holds(story: Story) -> None:
    price = {"id": HD, "pricing_mode": "per-char", "usd_per_call": 0.7}
    story.service.always("kyma_prices", says({"object": "pricing.catalog", "media": [price]}))
    context = kyma_shop(story)
    keeper.one_pass(context)
    context.runtime.listed = Listed()
    (model,) = catalogue.speech_models(context, KYMA, MINIMAX)
    assert (model.id, model.per_1000_chars, model.documented) == (HD, Decimal("0.7"), False)
    assert speaking.plan(model, "a" * 1_000).price == Money.usd("0.70")


def test_a_list_of_another_release_counts_for_nothing(context: Context, story: Story) -> None:
    for odd in ([{"id": "x"}], [{}], ["x"], [{"kinds": 1, "languages": 2, "per_1000_chars": "x"}]):
        note = {"models": odd}
        context.registry.notes.write(catalogue.PREFIX + NANOGPT, note, story.clock.now())
        assert listed(context) == shipped()


def test_keeping_costs_what_the_service_lists_and_goes_on_without_its_usual_model(
    story: Story, context: Context
) -> None:
    story.service.always("models", says(LIST))
    voice_id = story.asking(context)
    context.runtime.listed = Listed()
    voice = dossier(context, voice_id).voice
    assert activation.price_of_keeping(context, voice) == keeping_price(
        replace(activation.activation_model(context, voice), per_1000_chars=Decimal("0.5"))
    )
    story.service.always("models", says({"data": LIST["data"][1:]}))
    story.clock.advance(DAY)
    keeper.one_pass(context)
    context.runtime.listed = Listed()
    assert activation.activation_model(context, voice).id == "Minimax-Speech-9"
    assert catalogue.activation_model(context, NANOGPT, QWEN) is None
