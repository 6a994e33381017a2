"""A voice's files by plain names, each for download."""

from __future__ import annotations

import io
from functools import partial

import streamlit as st

from lib import units
from lib.json_reading import object_of
from lib.models import Role
from lib.retention import held
from lib.roles import Permission, Person
from lib.studio.core.context import Context
from lib.studio.core.typed_text import file_stem
from lib.studio.library.listing import Entry
from lib.studio.storage import files
from lib.studio.transfer import exporting
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared.player import save_button
from lib.ui.voice import changes, evidence

FILE_ORDER = (
    Role.EMBEDDING,
    Role.REFERENCE,
    Role.ORIGINAL,
    Role.PREVIEW,
    Role.ACTIVATION,
    Role.STATEMENT,
)


def draw(context: Context, item: Entry) -> None:
    """What lies in storage, each for download; nothing is read before somebody clicks."""
    voice = item.voice
    newest = {
        seen.role: seen
        for seen in sorted(held(item.dossier, item.terms.vault), key=lambda seen: seen.at)
    }
    stem = file_stem(voice.name) or "Voice"
    if not newest:
        st.caption("No file of this voice is in your storage.")
        return
    if not may(context, Permission.KEEP):
        names = [
            f"{evidence.file_name(newest[role])} ({units.size(newest[role].size)})"
            for role in FILE_ORDER
            if role in newest
        ]
        st.caption(words.plain(f"{', '.join(names)}. Members of your team can download them."))
        return
    who = person(context)  # a file is read outside of any session
    with st.container(horizontal=True):
        for number, role in enumerate(role for role in FILE_ORDER if role in newest):
            seen = newest[role]
            what = evidence.file_name(seen)
            extension = seen.key.rsplit(".", 1)[-1]
            save_button(
                f"{what} ({units.size(seen.size)})",
                partial(files.download, context, voice, seen, who),
                file_name=f"{stem} - {what.lower().removeprefix('the ')}.{extension}",
                key=f"save_{number}_{voice.id}",
            )
        save_button(
            "Everything, with checksums",
            partial(_bundle, context, voice.id, who),
            file_name=f"{stem}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            key=f"bundle_{voice.id}",
            help="One ZIP with all files of this voice, its record, and a list of checksums.",
        )
    if Role.ORIGINAL in newest:
        _show_changes(item)


def _show_changes(item: Entry) -> None:
    """What was done to the original before it was sent."""
    making = item.dossier.making
    told = changes.in_words(object_of(making.request.get("changes"))) if making else ""
    if told:
        st.caption(words.plain(f"The original recording is the file as it was added. {told}"))


def _bundle(context: Context, voice_id: str, who: Person) -> bytes:
    target = io.BytesIO()
    exporting.write(context, target, person=who, voice_ids=[voice_id])
    return target.getvalue()
