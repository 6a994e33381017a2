"""What was seen of a voice, for and against it: every fact that makes it believable."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from lib import units
from lib.models import Evidence, EvidenceKind, Heard, Money, Role
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import may
from lib.ui.shared import lengths
from lib.ui.shared.player import play_copy

ICONS = {
    EvidenceKind.ACTIVATION: ":material/record_voice_over:",
    EvidenceKind.COPY: ":material/inventory_2:",
    EvidenceKind.NOT_FOUND: ":material/search_off:",
}
OFTEN = {
    EvidenceKind.ACTIVATION: "Used to generate speech",
    EvidenceKind.COPY: "Backed up and checked",
    EvidenceKind.NOT_FOUND: "Not found by the service",
}
FILES: dict[str, str] = {
    Role.REFERENCE: "The recording",
    Role.ORIGINAL: "The original recording",
    Role.EMBEDDING: "The voice file",
    Role.PREVIEW: "The first sound",
    Role.ACTIVATION: "The spoken proof",
    Role.STATEMENT: "The statement of consent",
}
"""What a file of each role is called; anything else is a file."""
SHOWN = "voice_evidence_shown"
FIRST, STEP = 12, 24
"""So many are drawn at first, each with its player; more with each press of "Show more"."""
BROUGHT = (Role.REFERENCE, Role.ORIGINAL)
PLAYED = 25_000_000
"""Bytes of an original that is read to be played; a larger one can be downloaded."""
SPOKEN = (Role.PREVIEW, Role.ACTIVATION)


def file_name(item: Evidence) -> str:
    """What the file of this evidence is called on screen."""
    return FILES.get(item.role, "A file")


def draw(context: Context, entry: Entry) -> None:
    """All that was seen about a voice, newest first, in words."""
    dossier = entry.dossier
    if not dossier.evidence:
        st.caption("No proof yet.")
    newest = sorted(dossier.evidence, key=lambda seen: seen.at, reverse=True)
    length = lengths.shown(SHOWN, entry.voice.id, FIRST)
    shown, proof = newest[:length], entry.standing.evidence
    if proof and proof not in shown:
        shown = [proof, *shown]  # whatever came after it: this is what the voice stands on
    if len(newest) > FIRST:
        st.caption(" ".join(_sums(entry)))
    for item in shown:
        withdrawn = item.withdrawn_at is not None
        icon = ":material/undo:" if withdrawn else ICONS[item.kind]
        with st.container(border=True):
            text = f"{icon} {_told(entry, item)}"
            st.markdown(f"~~{text}~~ {words.plain(item.withdrawn_why)}" if withdrawn else text)
            if facts := _facts(item):
                st.caption(" · ".join(facts))
            if heard := _heard(item):
                st.caption(heard)
            _sound(context, entry, item)
    lengths.more(SHOWN, entry.voice.id, length, STEP, len(newest), noun="proofs")


def _sums(entry: Entry) -> Iterator[str]:
    """How often each was seen, and when last; what was withdrawn does not count."""
    for kind, told in OFTEN.items():
        if seen := entry.dossier.valid_evidence(kind):
            last = max(item.read_back_at or item.at for item in seen)
            when = words.local(last, st.context.timezone)
            yield f"{told} {units.count(len(seen), 'time')}, last on {when}."


def _told(entry: Entry, item: Evidence) -> str:
    when = words.local(item.at, st.context.timezone)
    if item.kind is EvidenceKind.ACTIVATION:
        price = words.price(item.cost or Money(), demo=entry.is_demo)
        cost = f" for {words.plain(price)}" if item.cost else ""
        return f"Used to generate speech on {when}{cost}, with {words.plain(item.model)}."
    if item.kind is EvidenceKind.COPY:
        here = item.vault == entry.terms.vault
        place = "your storage" if here else "your previous storage"
        return f"{file_name(item)} is in {place} since {when} ({item.size:,} bytes)."
    return f"On {when} the service said that it does not exist."


def _heard(item: Evidence) -> str:
    """Who listened, and what that person said."""
    if item.heard is Heard.NOT_YET or item.heard_at is None:
        return ""
    when = words.local(item.heard_at, st.context.timezone)
    what = "this is the voice" if item.heard is Heard.YES else "this is another voice"
    return words.plain(f"{item.heard_by} listened on {when} and said: {what}.")


def _facts(item: Evidence) -> list[str]:
    """The small print: what anybody could check by hand."""
    facts = []
    if item.read_back_at and item.key:
        facts.append(f"last checked {words.local(item.read_back_at, st.context.timezone)}")
    if item.summary and item.kind is EvidenceKind.ACTIVATION:
        said = f"said “{words.plain(item.summary)}” ({units.count(len(item.summary), 'character')})"
        facts.append(said)
    elif item.summary:
        facts.append(words.plain(item.summary))
    if item.run_id:
        facts.append(f"run {_code(item.run_id)}")
    if item.key:
        facts.append(f"in {_code(f'{item.vault}/{item.key}')}")
    if item.sha256:
        facts.append(f"SHA-256 {_code(item.sha256)}")
    return facts


def _sound(context: Context, entry: Entry, item: Evidence) -> None:
    if item.kind is EvidenceKind.ACTIVATION and not item.key:
        st.caption("Its audio is not in your storage.")
    # Only the vault in use can be played from: the keys of an earlier one may be gone.
    elif item.vault == entry.terms.vault and _may_hear(context, item) and _is_played(item):
        alt = f"{file_name(item)} of {entry.voice.name}"
        play_copy(context, entry.voice.service, item, alt=alt)


def _is_played(item: Evidence) -> bool:
    return item.role != Role.ORIGINAL or item.size <= PLAYED


def _may_hear(context: Context, item: Evidence) -> bool:
    """Everybody hears what a voice has spoken; a recording is what a voice can be made of."""
    if item.role in BROUGHT:
        return may(context, Permission.KEEP)
    return item.role in SPOKEN


def _code(text: str) -> str:
    """A stranger's text as code: it cannot end the code it stands in."""
    return f"`{text[:300].replace('`', '')}`"
