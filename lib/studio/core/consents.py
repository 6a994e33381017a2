"""What the consent of whoever speaks allows, and why it does not. Pure."""

from __future__ import annotations

from datetime import date, datetime

from lib import units
from lib.consent import STOPS_SPEECH, Consent, ConsentState, state_of
from lib.models import JobKind, Voice

NOT_RECORDED = (
    "Consent is not recorded for this voice. Record it first on its page, under “About”: who "
    "speaks, and that they agree."
)
AGAIN = "If they agree again, record that on the voice's page, under “About”."


def why_silent(voice: Voice, now: datetime) -> str:
    """Why nothing new may be spoken with this voice, in a sentence; "" where it may."""
    if voice.consent is None or voice.consent_state(now) not in STOPS_SPEECH:
        return ""
    return f"{over(voice.consent)}, so no new speech can be generated with this voice."


def why_not_speak(voice: Voice, now: datetime) -> str:
    """The same with what to do next."""
    why = why_silent(voice, now)
    return f"{why} {AGAIN}" if why else ""


def why_not_clone(consent: Consent | None, now: datetime) -> str:
    """Why nothing may be cloned by this record, in a sentence; "" where it may."""
    state = state_of(consent, now)
    if state is ConsentState.RECORDED:
        return ""
    if consent is None or state is ConsentState.NOT_RECORDED:
        return NOT_RECORDED
    return f"{over(consent)}, so the recording cannot be cloned. {AGAIN}"


def why_not_send(kind: JobKind, voice: Voice, now: datetime) -> str:
    """Why an order of this kind may not be sent; "" where it may, as may all that keeps a voice."""
    if kind is JobKind.CLONE:
        return why_not_clone(voice.consent, now)
    return why_not_speak(voice, now) if kind is JobKind.SPEECH else ""


def over(consent: Consent) -> str:
    """What became of a record that does not hold any more, without the full stop."""
    speaker = consent.speaker or "Whoever speaks"
    if consent.withdrawn_at:
        return f"{speaker} withdrew consent on {_day(consent.withdrawn_at)}"
    return f"The consent of {speaker} ended on {_day(consent.last_day)}"


def _day(moment: date | None) -> str:
    return units.day(moment) if moment else "an unknown day"
