"""Which service takes a recording as it is, which after converting, and why.

The rules are pure. Converting is done by another module; what is judged here is whether it helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib.recordings.inspect import Recording
from lib.recordings.reasons import Reason, Why
from lib.services import CloneOffer

_USUAL_CODECS = {
    "mp3": ("mp3",),
    "wav": ("pcm_",),
    "m4a": ("aac", "alac"),
    "ogg": ("opus", "vorbis"),
    "aac": ("aac",),
}
"""What the services mean by a format. Telephone PCM (mu-law, A-law) is PCM; ADPCM is not."""


class Fit(StrEnum):
    """What one service can do with a recording.

    `ACCEPT`: it takes it as it is. `CONVERT`: the app can make it fit. `REFUSE`: only another
    recording, or a part of this one, helps.
    """

    ACCEPT = "accept"
    CONVERT = "convert"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """Whether one service takes a recording, and why; `warnings` are for thought."""

    fit: Fit
    why: Why
    warnings: tuple[Why, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it can be sent as it is."""
        return self.fit is Fit.ACCEPT


def judge(recording: Recording, offer: CloneOffer, size: int, *, by_link: bool = True) -> Verdict:
    """Hold a recording of `size` bytes against what the service documents.

    `by_link`: whether the service can fetch it from an address; if not, it is sent directly, which
    only `offer.direct_bytes` can be. What converting cannot mend is named first.
    """
    if fault := _wrong_length(recording, offer):
        return Verdict(Fit.REFUSE, fault)
    warnings = _warnings(recording)
    need = _wrong_format(recording, offer) or _too_large(size, offer, by_link=by_link)
    if need:
        return Verdict(Fit.CONVERT, need, warnings)
    return Verdict(Fit.ACCEPT, Why(Reason.ACCEPTED, who=maker(offer)), warnings)


def _wrong_length(recording: Recording, offer: CloneOffer) -> Why | None:
    who, seconds = maker(offer), recording.seconds
    if seconds < offer.min_seconds:
        return Why(Reason.TOO_SHORT, who=who, has=seconds, bound=offer.min_seconds)
    if seconds > offer.max_seconds:
        return Why(Reason.TOO_LONG, who=who, has=seconds, bound=offer.max_seconds)
    return None


def _wrong_format(recording: Recording, offer: CloneOffer) -> Why | None:
    """A file, or a coding inside it, that this service does not take."""
    form, who = recording.format, maker(offer)
    if recording.has_video:
        return Why(Reason.VIDEO, who=who, form=form)
    if form not in offer.formats:
        return Why(Reason.OTHER_FORMAT, who=who, form=form)
    if recording.codec.startswith(_USUAL_CODECS.get(form, "")):
        return None
    return Why(Reason.OTHER_CODEC, who=who, form=form, codec=recording.codec)


def _too_large(size: int, offer: CloneOffer, *, by_link: bool) -> Why | None:
    """Too many bytes. What is short enough gets small enough by converting."""
    who = maker(offer)
    if size > offer.max_bytes:
        return Why(Reason.TOO_LARGE, who=who, has=size, bound=offer.max_bytes)
    if size > offer.direct_bytes and not by_link:
        return Why(Reason.TOO_LARGE_TO_SEND, who=who, has=size, bound=offer.direct_bytes)
    return None


def _warnings(recording: Recording) -> tuple[Why, ...]:
    warnings = {Reason.SILENT: recording.silent, Reason.INCOMPLETE: recording.truncated}
    return tuple(Why(reason) for reason, is_so in warnings.items() if is_so)


def maker(offer: CloneOffer) -> str:
    """What the service is called in a sentence about its offer."""
    return offer.title.removesuffix(" voice")
