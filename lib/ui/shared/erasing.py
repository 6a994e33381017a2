"""Erasing voices for good: what goes, what stays, and the name that has to be typed first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from lib import units
from lib.models import Dossier, Role
from lib.studio.core.context import Context
from lib.studio.core.records import Erasure
from lib.studio.erasure import asking
from lib.studio.erasure.asking import NotErased, Plan
from lib.ui import words
from lib.ui.access import elevation
from lib.ui.access.front import person

FILES = {
    Role.REFERENCE: "recording",
    Role.ORIGINAL: "original recording",
    Role.EMBEDDING: "voice file",
    Role.PREVIEW: "preview",
    Role.STATEMENT: "consent statement",
}
AT_ONCE = "Erase now"
LATER = "Erase in 24 hours"


def question(context: Context, dossiers: Sequence[Dossier], name: str, *, key: str) -> bool:
    """Draw what would happen, and ask for this name; True once somebody has asked for it.

    `key` begins the keys of its controls.
    """
    plans = [asking.plan(context, dossier) for dossier in dossiers]
    st.markdown(f"**Deleted for good:** {words.plain(goes(plans))}.")
    st.markdown("**Stays, as Voicekeep cannot reach it:**")
    st.markdown("\n".join(f"- {words.plain(line)}" for line in stays(plans)))
    st.caption("What was paid stays on record, without names or texts.")
    typed = st.text_input(f"Type **{words.plain(name)}** to continue", key=f"{key}_name")
    passphrase, hurry = "", False
    if elevation.has_passphrase(context.settings):
        passphrase = st.text_input(
            "Admin passphrase, to erase without waiting (optional)",
            type="password",
            key=f"{key}_passphrase",
            autocomplete="current-password",
        )
        hurry = bool(passphrase)
    else:
        hurry = st.checkbox("Without waiting 24 hours", key=f"{key}_hurry")
    pressed = st.button(
        AT_ONCE if hurry else LATER,
        key=f"{key}_go",
        type="primary",
        icon=":material/delete_forever:",
        disabled=not asking.is_same_name(typed, name),
    )
    if not pressed:
        return False
    who = person(context)
    if passphrase and not elevation.is_entered(context.settings, passphrase, who):
        return False
    try:
        asking.ask(context, dossiers, who, at_once=hurry)
    except NotErased as problem:
        st.error(words.plain(str(problem)))
        return False
    return True


def goes(plans: Sequence[Plan]) -> str:
    """What is deleted, as a part of a sentence."""
    files: Counter[Role] = Counter()
    for plan in plans:
        files.update(plan.files)
    found = ["the voice" if len(plans) == 1 else units.count(len(plans), "voice")]
    found += counted(files, sum(plan.takes for plan in plans))
    if shares := sum(plan.shares for plan in plans):
        found.append(units.count(shares, "shared link"))
    if any(plan.exports for plan in plans):
        found.append("the prepared export")
    if old := max((plan.old_storage for plan in plans), default=0):
        found.append(f"their copies in {units.count(old, 'earlier storage location')}")
    return ", ".join(found)


def counted(files: Mapping[Role, int], takes: int) -> list[str]:
    """Files and takes, each kind with its number."""
    found = [units.count(files[role], noun) for role, noun in FILES.items() if files.get(role)]
    return [*found, units.count(takes, "take")] if takes else found


def stays(plans: Sequence[Plan]) -> list[str]:
    """What nobody can delete from here, and who can."""
    found = []
    if any(plan.at_service for plan in plans):
        found.append(
            "The copy at the voice service. Ask the service to delete it; without use, a cloned "
            "voice expires there anyway."
        )
    if any(plan.in_bucket for plan in plans):
        found.append(
            "Old versions in the bucket, if versioning is on. Delete them in the bucket's console, "
            "or let a lifecycle rule expire noncurrent versions."
        )
    found.append("Audio, files and exports that people have downloaded.")
    return found


def when(erasure: Erasure, context: Context) -> str:
    """When it begins, or that it has begun, as a sentence."""
    if erasure.is_due(context.now(erasure.service)):
        told = f" {erasure.trouble}" if erasure.trouble else ""
        return f"It is being erased.{told}"
    left = words.until(erasure.due_at, context.now(erasure.service))
    asked = f" Asked for by {erasure.asked_by}." if erasure.asked_by else ""
    return f"It will be erased {left}.{asked}"


def keep_button(context: Context, erasure: Erasure, *, key: str) -> None:
    """The way back, as long as there is one."""
    if not erasure.can_be_cancelled:
        return
    if st.button("Keep it", key=key, icon=":material/undo:"):
        try:
            asking.cancel(context, erasure, person(context))
        except NotErased as problem:
            st.error(words.plain(str(problem)))
        else:
            st.rerun()
