"""Records of consent: shared by the voices of a person, told in the story of each of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lib.consent import Consent, ConsentState, Relation, state_of
from lib.manifest import read_dossier, write_checked
from lib.models import Dossier, Role, Source, Voice
from lib.registry import Registry, schema
from tests.parts.clock import START
from tests.registry.records import a_copy, a_voice

DAY = timedelta(days=1)
JACK = Consent("Jack", "Ada", START, "consent-jack", Relation.AGREED)
WITHDRAWN = replace(JACK, withdrawn_at=START + DAY, withdrawn_by="Ada")


def found(registry: Registry, voice: Voice) -> Voice:
    dossier = registry.voices.dossier(voice.id)
    assert dossier is not None
    assert registry.library.dossiers()[voice.id] == dossier  # what pages see is the same
    return dossier.voice


def two_of_jack(registry: Registry, consent: Consent = JACK) -> tuple[Voice, Voice]:
    """Two voices with his consent, whose stories are saved."""
    both = a_voice(consent=consent, revision=3), a_voice(consent=consent, revision=3)
    for voice in both:
        registry.voices.absorb(Dossier(voice))
    return both


@pytest.mark.parametrize(
    ("consent", "state"),
    [
        (None, ConsentState.NOT_RECORDED),
        (replace(JACK, relation=Relation.NOT_SAID), ConsentState.NOT_RECORDED),
        (JACK, ConsentState.RECORDED),
        (replace(JACK, until=START + DAY), ConsentState.RECORDED),
        (replace(JACK, until=START), ConsentState.ENDED),
        (WITHDRAWN, ConsentState.WITHDRAWN),
        (replace(WITHDRAWN, relation=Relation.NOT_SAID), ConsentState.WITHDRAWN),
    ],
)
def test_what_is_known_of_a_consent_says_how_it_stands(
    consent: Consent | None, state: ConsentState
) -> None:
    assert state_of(consent, START) is state
    assert a_voice(consent=consent).consent_state(START) is state
    designed = a_voice(consent=consent, source=Source.DESIGNED)
    assert designed.consent_state(START) is ConsentState.NOT_NEEDED


def test_a_withdrawal_is_in_the_story_of_each_voice_of_the_record(registry: Registry) -> None:
    one, other = two_of_jack(registry)
    stranger = a_voice(consent=Consent("Ann", "Bob", START))
    registry.voices.absorb(Dossier(stranger))
    assert registry.voices.unsaved(9) == []
    registry.consents.withdraw([JACK.id], at=START + DAY, by="Ada")
    assert {found(registry, voice).consent for voice in (one, other)} == {WITHDRAWN}
    assert set(registry.voices.unsaved(9)) == {one.id, other.id}
    registry.consents.withdraw([JACK.id], at=START + 2 * DAY, by="Bob")
    assert found(registry, one) == replace(one, consent=WITHDRAWN, revision=4, saved_revision=3)


def test_an_older_story_brings_no_consent_back(registry: Registry) -> None:
    one, other = two_of_jack(registry, WITHDRAWN)
    assert registry.voices.absorb(Dossier(replace(other, consent=JACK, revision=5)))
    assert found(registry, other).consent == WITHDRAWN
    assert registry.voices.unsaved(9) == [other.id]  # the vault is to know as well
    assert found(registry, one).revision == 3


def test_a_story_that_tells_of_a_withdrawal_is_believed_for_all(registry: Registry) -> None:
    one, other = two_of_jack(registry)
    told = replace(other, consent=WITHDRAWN, revision=5)
    assert registry.voices.absorb(Dossier(read_dossier(write_checked(Dossier(told))).voice))
    assert found(registry, one).consent == WITHDRAWN
    assert registry.voices.unsaved(9) == [one.id]


def test_another_record_takes_the_place_of_one_that_nobody_needs_then(registry: Registry) -> None:
    voice = a_voice(consent=Consent("Jack", "Bob", START))
    registry.voices.absorb(Dossier(voice))
    statement = a_copy(voice, role=Role.STATEMENT)
    registry.consents.give([voice.id], JACK, statement)
    dossier = registry.voices.dossier(voice.id)
    assert dossier is not None
    assert (dossier.voice.consent, dossier.evidence) == (JACK, (statement,))
    assert registry.voices.unsaved(9) == [voice.id]
    with registry.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.consents)) == 1
