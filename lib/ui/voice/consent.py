"""Consent to a voice: what is recorded, recording it now, and noting that it was withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from lib import units
from lib.consent import STOPS_SPEECH, Consent, ConsentState, is_same_person
from lib.models import Voice
from lib.roles import Permission
from lib.studio.core import consents
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.orders import consenting
from lib.ui import words
from lib.ui.access.front import may, person, seen
from lib.ui.shared import confirming
from lib.ui.shared import consenting as asking
from lib.ui.shared.consenting import ConsentForm

NAMED = 3
"""So many of a person's other voices are named."""


def badge(item: Entry) -> str:
    """What stands beside the name of a voice about whose speaker nothing is recorded; else ""."""
    state = item.consent_state
    return words.CONSENT[state].badge if state is ConsentState.NOT_RECORDED else ""


def draw(context: Context, item: Entry) -> None:
    """What is known, and what can be done about it."""
    state = item.consent_state
    st.subheader("Consent", anchor=False)
    with st.container(gap="xxsmall"):
        st.markdown(words.CONSENT[state].badge)
        for told in _told(item.voice.consent, state):
            st.caption(words.plain(told))
    if state is ConsentState.NOT_NEEDED or not may(context, Permission.KEEP):
        return
    _record(context, item)
    if item.voice.consent and state is not ConsentState.WITHDRAWN:
        _withdraw(context, item.voice)


def _told(consent: Consent | None, state: ConsentState) -> Iterator[str]:
    """In a few lines."""
    if state is ConsentState.NOT_NEEDED:
        yield "This voice was made from words, so it needs nobody's consent."
    elif consent is None:
        yield "There is no record of who speaks in its recording."
    elif state is ConsentState.NOT_RECORDED:
        day = units.day(consent.attested_at.date())
        yield (
            f"{consent.attested_by} ticked on {day} that {consent.speaker} speaks and agrees. "
            "Nothing more was asked at that time."
        )
    else:
        if state in STOPS_SPEECH:
            noted = f" {consent.withdrawn_by} noted it." if consent.withdrawn_by else ""
            yield (
                f"{consents.over(consent)}.{noted} No new speech is generated with this voice. It "
                "is kept until somebody archives or erases it."
            )
        yield asking.facts(consent)


def _record(context: Context, item: Entry) -> None:
    """The form, folded away; open where a record is missing."""
    voice, state = item.voice, item.consent_state
    form = ConsentForm(
        form=f"consent_{voice.id}",
        question="Who speaks in the recording of this voice?",
        own="I speak in it myself",
        other="Somebody else, who has agreed",
        name="The name of that person",
        agreement=(
            "That person agrees to the use of this voice here, and I am allowed to confirm this."
        ),
    )
    is_first = state is ConsentState.NOT_RECORDED
    label = "Record consent" if is_first else "Record consent again"
    with st.expander(label, icon=":material/how_to_reg:", key=f"consent_form_{voice.id}"):
        if voice.consent:
            _suggest(form, voice.consent.speaker, seen(context).label)
        answered = asking.ask(context, form, voice.service, anew=not is_first)
        shared = consenting.sharing(context, voice, answered.speaker)
        if others := [other for other in shared if other.id != voice.id]:
            st.caption(words.plain(f"This also holds for {_listed(others)}."))
        if st.button(label, key=f"consent_save_{voice.id}"):
            with confirming.show_refusals("Nothing was recorded."):
                consenting.record_for(
                    context,
                    voice,
                    speaker=answered.speaker,
                    is_given=answered.is_given,
                    terms=answered.terms,
                    person=person(context),
                )
                for key in form.typed:
                    st.session_state.pop(key, None)
                st.rerun()


def _suggest(form: ConsentForm, speaker: str, seen_as: str) -> None:
    """Whoever was noted before stands there at first."""
    who, name = form.typed[:2]
    if who in st.session_state:
        return
    if is_same_person(speaker, seen_as):
        st.session_state[who] = form.own
    else:
        st.session_state[who] = form.other
        st.session_state.setdefault(name, speaker)


def _withdraw(context: Context, voice: Voice) -> None:
    """The button that ends new speech, after a question that says what happens."""
    asking_key = f"consent_asked_{voice.id}"
    if st.button(
        "Consent was withdrawn",
        key=f"consent_withdraw_{voice.id}",
        icon=":material/person_cancel:",
    ):
        st.session_state[asking_key] = True
    if asking_key not in st.session_state or voice.consent is None:
        return
    theirs = consenting.under_consent(context, voice)
    if not theirs:  # a colleague was faster
        return
    with st.container(border=True, key=f"consent_question_{voice.id}"):
        st.write(
            words.plain(
                f"From now on, no new speech is generated with {_listed(theirs)}, and these "
                f"recordings of {voice.consent.speaker} are not cloned again. Existing takes stay, "
                "and the voice is kept until somebody archives or erases it. This cannot be "
                "undone: if they agree again, record that again."
            )
        )
        keys = f"consent_withdraw_sure_{voice.id}", f"consent_withdraw_leave_{voice.id}"
        if confirming.answer(asking_key, "Stop new speech", "Leave it as it is", keys=keys):
            with confirming.show_refusals("Nothing was changed."):
                consenting.withdraw(context, voice, person(context))
                st.rerun()


def _listed(voices: list[Voice]) -> str:
    """Voices by name, as one reads them in a sentence."""
    named = [f"“{words.short(voice.name)}”" for voice in voices[:NAMED]]
    if more := len(voices) - NAMED if len(voices) > NAMED else 0:
        named.append(f"{more:,} more")
    *others, last = named
    return f"{', '.join(others)} and {last}" if others else last
