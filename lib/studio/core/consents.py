"""What the consent of whoever speaks allows, and why it does not. Pure."""

from __future__ import annotations

from datetime import datetime

from lib.consent import STOPS_SPEECH, Consent, ConsentState, state_of
from lib.models import JobKind, Voice
from lib.studio.core import wording
from lib.studio.core.reasons import Reason
from lib.studio.core.wording import sentence


def why_silent(voice: Voice, now: datetime) -> str:
    """Why nothing new may be spoken with this voice, in a sentence; "" where it may."""
    stops = _that_stops_speech(voice, now)
    return wording.silent(over(stops)) if stops else ""


def why_not_speak(voice: Voice, now: datetime) -> str:
    """The same with what to do next."""
    stops = _that_stops_speech(voice, now)
    return wording.silent_until_again(over(stops)) if stops else ""


def why_not_clone(consent: Consent | None, now: datetime) -> str:
    """Why nothing may be cloned by this record, in a sentence; "" where it may."""
    state = state_of(consent, now)
    if state is ConsentState.RECORDED:
        return ""
    if consent is None or state is ConsentState.NOT_RECORDED:
        return sentence(Reason.NO_CONSENT)
    return wording.not_cloned(over(consent))


def why_not_send(kind: JobKind, voice: Voice, now: datetime) -> str:
    """Why an order of this kind may not be sent; "" where it may, as may all that keeps a voice."""
    if kind is JobKind.CLONE:
        return why_not_clone(voice.consent, now)
    return why_not_speak(voice, now) if kind is JobKind.SPEECH else ""


def over(consent: Consent) -> str:
    """What became of a record that does not hold any more, without the full stop."""
    if consent.withdrawn_at:
        return wording.withdrawn(consent.speaker, consent.withdrawn_at)
    return wording.ended(consent.speaker, consent.last_day)


def _that_stops_speech(voice: Voice, now: datetime) -> Consent | None:
    return voice.consent if voice.consent_state(now) in STOPS_SPEECH else None
