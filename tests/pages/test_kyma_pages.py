"""With a key for Kyma the pages work with it by its data alone."""

from __future__ import annotations

from lib.models import JobKind, JobState, Money
from lib.services import KYMA
from tests.pages.clone_form import bring, confirm, fill_in, is_off, why_off
from tests.pages.house import LOOPBACK, House, go, read, shown, texts
from tests.parts.speech import spoken
from tests.sentences import TOO_SHORT
from tests.studio.service import PretendService, says

CARD = "MiniMax voice · Kyma"


def test_the_clone_page_offers_kyma_and_an_order_becomes_a_kept_voice(
    house: House, kyma: PretendService
) -> None:
    visitor = bring(house.open("clone", address=LOOPBACK), spoken())
    assert "$2.10" in read(shown(visitor))
    visitor = fill_in(visitor, service=CARD)
    assert visitor.button(key="clone_confirm").label.startswith("Clone this voice ($2.1")
    confirm(visitor)
    assert not visitor.exception
    job = house.jobs()[0]
    assert (job.kind, job.service, job.estimate) == (JobKind.CLONE, KYMA, Money.usd("2.10"))
    house.until(lambda: len(kyma.charges("speech")) == 1)
    assert visitor.run().success
    house.until(lambda: bool(house.context.registry.voices.dossier(job.voice_id).evidence[-1].key))  # type: ignore[union-attr]
    assert "Its first sound:" in texts(visitor.run().caption)
    made = house.context.registry.jobs.get(job.id)
    assert made
    assert made.state is JobState.DONE
    assert kyma.count("kyma_clone") == 1


def test_a_recording_that_kyma_does_not_take_is_refused_before_anything_is_sent(
    house: House, kyma: PretendService
) -> None:
    visitor = fill_in(bring(house.open("clone", address=LOOPBACK), spoken(5.0)), service=CARD)
    assert TOO_SHORT in why_off(visitor)
    assert is_off(visitor)
    assert house.jobs() == []
    assert kyma.paid_requests == kyma.count("kyma_clone") == 0


def test_settings_playground_and_retention_know_kyma(house: House, kyma: PretendService) -> None:
    visitor = fill_in(bring(house.open("clone", address=LOOPBACK), spoken()), service=CARD)
    confirm(visitor)
    house.until(lambda: len(kyma.charges("speech")) == 1)
    house.look()
    visitor = go(visitor, "playground")
    assert not visitor.exception
    assert "MiniMax Speech HD" in shown(visitor)
    visitor = go(visitor, "settings")
    assert not visitor.exception
    assert "The key works. Balance: $100.00. It works at one order at a time." in read(
        "\n".join(texts(visitor.markdown))
    )
    for page in ("retention", "jobs", "home"):
        visitor = go(visitor, page)
        assert not visitor.exception
        assert "Jane" in shown(visitor)


def test_what_kyma_lists_and_is_not_here_leads_to_a_list_that_is_filled_in(
    house: House, kyma: PretendService
) -> None:
    lost = {"voice_id": "kyma_0123456789abcdef", "name": "Anna", "category": "cloned"}
    kyma.always("kyma_voices", says({"object": "list", "data": [lost]}))
    visitor = house.open("settings", address=LOOPBACK)
    visitor.button(key="listed_look_kyma").click().run()
    assert visitor.button(key="listed_look_kyma").disabled
    house.look()
    visitor.run()
    told = read("\n".join([*texts(visitor.markdown), *texts(visitor.caption)]))
    assert "Kyma lists 1 voice, 1 of them cloned or designed." in told
    assert "one that is missing there is not lost" in told
    visitor.button(key="listed_adopt_kyma").click().run()
    go(visitor, "clone")
    assert "kyma_0123456789abcdef" in (visitor.text_area(key="adopt_lines").value or "")
