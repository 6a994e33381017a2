"""Why a clone cannot be ordered yet: the first thing that is missing, as data and as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from lib.recordings.judge import Fit, Verdict
from lib.recordings.wording import reason_words
from lib.studio.core.typed_text import name_fault, one_line
from lib.ui.shared.consenting import Agreement


class Reason(Enum):
    """What stands in the way of an order, in the order in which it is told."""

    NO_RECORDING = auto()
    NOT_TAKEN = auto()
    NO_SPEECH = auto()
    NOT_NOW = auto()
    NO_NAME = auto()
    BAD_VOICE_ID = auto()
    NOBODY = auto()
    NO_SPEAKER = auto()
    NO_CONSENT = auto()


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way. `told`: what a rule says of it, where a rule does."""

    reason: Reason
    told: str = ""


@dataclass(frozen=True)
class Form:
    """What decides whether the form for one recording can be ordered.

    `verdict`: None without a recording. `is_silent`: nobody speaks in it, and nobody has accepted
    that. `not_now`: why storage, budget or balance refuse any order of this price, "" where they do
    not. `id_fault`: what is wrong with a voice ID that was typed.
    """

    verdict: Verdict | None
    is_silent: bool
    not_now: str
    name: str
    id_fault: str
    agreement: Agreement


SENTENCES = {
    Reason.NO_RECORDING: "Add a recording first: upload one, record one, or paste a link.",
    Reason.NO_SPEECH: (
        "Nobody speaks in this recording. Add another one, or tick that you want to clone it "
        "anyway."
    ),
    Reason.NOBODY: "Say who speaks in this recording.",
    Reason.NO_SPEAKER: "Name the person who speaks in this recording.",
    Reason.NO_CONSENT: "Tick that this person agrees.",
}
OF_SEVERAL = {
    Reason.NOT_TAKEN: "This service accepts none of these recordings.",
    Reason.NO_SPEECH: (
        "Some recordings have no speech. Remove them, or tick that you want to clone them anyway."
    ),
    Reason.NO_SPEAKER: "Fill in who speaks in each recording.",
    Reason.NO_CONSENT: "Tick that each of these people agrees.",
}


def first(form: Form) -> Obstacle | None:
    """What has to be mended first; None where nothing is in the way."""
    return next(_all(form), None)


def sentence(obstacle: Obstacle | None, *, several: bool = False) -> str:
    """What to do about it; "" for none. `several`: the form is one for several recordings."""
    if obstacle is None:
        return ""
    return obstacle.told or (OF_SEVERAL if several else SENTENCES)[obstacle.reason]


def _all(form: Form) -> Iterator[Obstacle]:
    """What the person can do nothing about here comes before what is to be filled in."""
    if form.verdict is None:
        yield Obstacle(Reason.NO_RECORDING)
    elif form.verdict.fit is Fit.REFUSE:
        yield Obstacle(Reason.NOT_TAKEN, reason_words(form.verdict.why))
    if form.is_silent:
        yield Obstacle(Reason.NO_SPEECH)
    if form.not_now:
        yield Obstacle(Reason.NOT_NOW, form.not_now)
    if fault := name_fault(one_line(form.name)):
        yield Obstacle(Reason.NO_NAME, fault)
    if form.id_fault:
        yield Obstacle(Reason.BAD_VOICE_ID, form.id_fault)
    if form.agreement.is_own is None:
        yield Obstacle(Reason.NOBODY)
    elif not form.agreement.speaker:
        yield Obstacle(Reason.NO_SPEAKER)
    if not form.agreement.is_given:
        yield Obstacle(Reason.NO_CONSENT)
