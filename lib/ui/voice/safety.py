"""How long a voice is safe and why, what happens next, and what somebody can do about it."""

from __future__ import annotations

import streamlit as st

from lib.models import Dossier, Evidence, EvidenceKind, Health, Role, Voice
from lib.retention import reason_words
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.orders.recloning import Chance
from lib.ui import words
from lib.ui.access.front import may, page_file
from lib.ui.shared import voices
from lib.ui.voice import again, evidence, origin

HEADS = {
    Health.LOST: "Lost.",
    Health.UNKNOWN: "No deadline is known.",
    Health.SAFE: "No longer expires.",
    Health.PERSISTENT: "No deadline.",
}
"""How long a voice is safe, where it has no deadline."""


def draw(context: Context, item: Entry, chance: Chance, heir: Voice | None) -> None:
    """The sentence with its buttons, what happens next, questions and warnings."""
    gone = item.standing.health in again.GONE
    with st.container(border=True, key=f"story_{item.voice.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch", key=f"wide_story_{item.voice.id}"):
                st.markdown(_sentence(item))
                if then := voices.next_words(item):
                    st.caption(words.plain(then))
            if may(context, Permission.KEEP):
                voices.buttons(context, item)
            if gone and may(context, Permission.CLONE):
                again.button(item, chance)
            _order_link(item)
        voices.questions(context, item)
        if gone and may(context, Permission.CLONE):
            again.question(context, item, chance, heir)
        origin.clock(context, item)
    _warnings(item)


def _sentence(item: Entry) -> str:
    """How long it is safe, and why."""
    standing = item.standing
    head = HEADS.get(standing.health, "")
    if standing.deadline and standing.health is not Health.LOST:
        head = voices.deadline_words(item)
    why = words.plain(reason_words(standing.why))
    return f"**{words.plain(head)}** {why}" if head else why


def _order_link(item: Entry) -> None:
    """The way to the order that makes the voice, while it does."""
    making = item.dossier.making
    if making and item.standing.health is Health.BEING_MADE:
        st.page_link(
            page_file("jobs"),
            label="Follow the order",
            icon=":material/pending_actions:",
            query_params={"job": making.id},
        )


def _warnings(item: Entry) -> None:
    """What could not be kept as it was, said plainly."""
    health = item.standing.health
    for bad in unmended(item.dossier):
        what = evidence.file_name(bad)
        hosted = bad.role == Role.EMBEDDING and item.voice.embedding_url
        trying = hosted and health is not Health.LOST
        after = (
            "Voicekeep will fetch it from the service again."
            if trying
            else "It cannot be fetched again. Its other files are under Files."
        )
        st.warning(words.plain(f"{what} in your storage is damaged. {bad.withdrawn_why} {after}"))


def unmended(dossier: Dossier) -> list[Evidence]:
    """Copies that were found bad and have no good successor: they could not be taken again."""
    # A later good copy mends the loss; only what has none is worth a warning.
    good = {item.role for item in dossier.valid_evidence(EvidenceKind.COPY)}
    bad = {
        item.role: item
        for item in sorted(dossier.evidence, key=lambda seen: seen.at)
        if item.kind is EvidenceKind.COPY and item.withdrawn_at and item.role not in good
    }
    return list(bad.values())
