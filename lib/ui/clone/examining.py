"""What is found out about a draft: once for each recording, as it is slow and asked in each run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any

import streamlit as st

from lib.recordings import editing
from lib.recordings.edits import BadEdit, Edit
from lib.recordings.inspect import Recording, inspect
from lib.recordings.judge import Fit, Verdict
from lib.recordings.listening import Listening, best_part, listen, measure
from lib.recordings.problems import CannotBeMade, UnreadableRecording
from lib.recordings.quality import Quality, assess
from lib.recordings.reasons import Reason, Why
from lib.recordings.spans import Span
from lib.recordings.wording import sent_words
from lib.services import CloneOffer
from lib.studio.core.context import Context
from lib.studio.core.drafts import Draft, DraftGone
from lib.studio.orders.cloning import can_send_links
from lib.ui import words
from lib.ui.clone import naming

EDITS = "edits"
"""Of what is decided about a draft: every edit that was chosen, the one that counts last."""
MOST_EDITS = 30
"""So many steps back are remembered."""
BEST_SECONDS = 30
A_DAY = 24 * 3600
LARGE = 50_000_000
"""Bytes: a few visitors with such recordings would fill a small server's memory."""
_READING_LARGE = Lock()


@dataclass(frozen=True)
class Outcome:
    """What came of making it fit. `told`: what was made, or why nothing was, as a sentence."""

    is_made: bool
    told: str


@dataclass(frozen=True)
class Examined:
    """A draft and what its file is. `fault`: why it is no recording, as a sentence."""

    draft: Draft
    recording: Recording | None
    fault: str
    edit: Edit

    @property
    def seconds(self) -> float:
        """The length of what is used of it."""
        if self.recording is None:
            return 0.0
        whole, part = self.recording.seconds, self.edit.part
        return max(0.0, min(part.end, whole) - part.start) if part else whole

    def verdict(self, context: Context, offer: CloneOffer) -> Verdict:
        """Whether this offer takes what is used of it, as it is or converted."""
        if self.recording is None:
            return Verdict(Fit.REFUSE, Why(Reason.SAID, said=self.fault))
        by_link = can_send_links(context, offer.service)
        return editing.fit(self.recording, self.draft.size, self.edit, offer, by_link=by_link)


@contextmanager
def read(context: Context, draft: Draft) -> Iterator[bytes]:
    """The recording, held in memory while something is found out about it: of the large ones, one
    at a time in this process. Raises `DraftGone`.
    """
    with _READING_LARGE if draft.size > LARGE else nullcontext():
        yield context.drafts.read(draft)


def suggested_name(draft: Draft, speaker: str, taken: Collection[str]) -> str:
    """What the voice may be called, and none in `taken` is; `speaker`: "" while nobody is named."""
    day = draft.brought_at.astimezone(words.zone(st.context.timezone)).date()
    return naming.suggested(draft.file_name, speaker, day, taken)


def edits_of(draft: Draft) -> list[Edit]:
    """The edits that were chosen one after another; what cannot be read is none."""
    noted = draft.decided.get(EDITS)
    try:
        return [Edit.from_json(item) for item in noted] if isinstance(noted, list) else []
    except BadEdit:
        return []


def examine(context: Context, draft: Draft) -> Examined:
    """What this file is. Raises `DraftGone`."""
    recording, fault = _facts(draft.id, context, draft)
    edits = edits_of(draft)
    return Examined(draft, recording, fault, edits[-1] if edits else Edit())


def examine_all(context: Context, drafts: Sequence[Draft]) -> list[Examined]:
    """What each of these is. One that is gone, or not whole, is said and deleted."""
    examined = []
    for draft in drafts:
        try:
            examined.append(examine(context, draft))
        except DraftGone as gone:
            st.warning(f"{words.plain(draft.file_name)}: {gone}")
            context.drafts.drop(draft)
    return examined


def listening_to(context: Context, draft: Draft, edit: Edit) -> Listening | None:
    """What can be heard in it, or in the one channel of it that is used; None where nothing can.
    Raises `DraftGone`.
    """
    return _listening(draft.id, edit.channel, context, draft)


def quality_of(context: Context, examined: Examined) -> Quality | None:
    """How good what is used of it is for a clone; None where nothing can be heard."""
    if examined.recording is None:
        return None
    draft, edit = examined.draft, examined.edit
    found = _found((draft.id, str(edit.to_json())))
    if "quality" not in found:
        listening = listening_to(context, draft, edit)
        found["quality"] = assess(measure(listening, edit.part)) if listening else None
    quality: Quality | None = found["quality"]
    return quality


def best_of(draft: Draft, edit: Edit, listening: Listening) -> Span:
    """Its best stretch of `BEST_SECONDS`; that of an hour takes a second to find."""
    found = _found((draft.id, edit.channel))
    if "best" not in found:
        found["best"] = best_part(listening, BEST_SECONDS)
    best: Span = found["best"]
    return best


def preview(context: Context, draft: Draft, edit: Edit) -> bytes | None:
    """A small file of what this edit makes of it; None where nothing can be made."""
    return _preview(draft.sha256, str(edit.to_json()), context, draft, edit)


def made_of(context: Context, examined: Examined, offer: CloneOffer) -> Outcome:
    """What the service is sent of it, told for a person. It is made for that, and once more when
    it is ordered: the same comes out.
    """
    by_link = can_send_links(context, offer.service)
    what = examined.draft.sha256, str(examined.edit.to_json()), offer.service, offer.kind, by_link
    return _made(what, context, examined, offer)


@st.cache_resource(max_entries=64, ttl=A_DAY, show_spinner="Reading the recording…")
def _facts(draft_id: str, _context: Context, _draft: Draft) -> tuple[Recording | None, str]:
    """Of the draft, not of its bytes: a server that was too busy to read them is asked anew by who
    brings them again.
    """
    try:
        with read(_context, _draft) as data:
            return inspect(data), ""
    except UnreadableRecording as problem:
        return None, str(problem)


@st.cache_resource(max_entries=8, ttl=A_DAY, show_spinner="Listening to the recording…")
def _listening(
    draft_id: str, channel: int | None, _context: Context, _draft: Draft
) -> Listening | None:
    """Of an hour, 19 MB: few are kept whole, and of the others what came of them."""
    try:
        with read(_context, _draft) as data:
            return listen(data, channel)
    except UnreadableRecording:
        return None


@st.cache_resource(max_entries=512, ttl=A_DAY, show_spinner=False)
def _found(what: object) -> dict[str, Any]:
    """What came of listening, to be filled in: it stays when what was heard is not kept any more.
    A function like the others would show their spinners again in each run.
    """
    return {}


@st.cache_resource(max_entries=128, ttl=A_DAY, show_spinner="Converting the recording…")
def _made(what: object, _context: Context, _examined: Examined, _offer: CloneOffer) -> Outcome:
    by_link = can_send_links(_context, _offer.service)
    try:
        with read(_context, _examined.draft) as data:
            made = editing.make(data, _examined.edit, _offer, by_link=by_link)
    except (UnreadableRecording, CannotBeMade) as problem:
        return Outcome(False, str(problem))
    return Outcome(True, sent_words(made.how, made.recording.format, len(made.data)))


@st.cache_resource(max_entries=16, ttl=A_DAY, show_spinner="Preparing playback…")
def _preview(
    sha256: str, chosen: str, _context: Context, _draft: Draft, _edit: Edit
) -> bytes | None:
    try:
        with read(_context, _draft) as data:
            return editing.preview(data, _edit)
    except (UnreadableRecording, CannotBeMade):
        return None
