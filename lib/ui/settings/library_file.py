"""The library as one file: prepared and fetched, looked into, and brought back."""

from __future__ import annotations

from collections import Counter
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib.studio.core.context import Context
from lib.studio.transfer import delivery, importing
from lib.studio.transfer.delivery import Prepared
from lib.studio.transfer.importing import BadExport, Checked, Outcome, Taken
from lib.ui import words
from lib.ui.access.front import from_inside, person
from lib.ui.shared import fields
from lib.ui.shared.live import watch
from lib.ui.shared.player import save_button

LARGEST_UPLOAD_MB = 200
LARGEST_DOWNLOAD = 100_000_000
"""Bytes that pass through this server's memory when somebody saves a file from its disk."""
SHOWN = 20
LOOKED = "import_looked"
"""What the last file was found to hold, so that a redraw does not read it all again."""
OUTCOMES = {
    Outcome.NEW: ("new", "green"),
    Outcome.NEWER: ("newer than here", "blue"),
    Outcome.HERE: ("already here", "gray"),
    Outcome.REFUSED: ("cannot be brought in", "red"),
}


def draw(context: Context) -> None:
    """Both ways of the file, out and in."""
    st.subheader("Your library as a file", anchor=False)
    with st.container(border=True, key="export_part"):
        st.markdown("**Take everything with you**")
        st.caption(
            "One ZIP with every voice, recording, voice file, take and story, and a checksum of "
            "each. It opens with any program, and another Voicekeep can read it."
        )
        watch(
            lambda: delivery.state(context),
            lambda found: _draw_export(context, found),
            is_in_progress=lambda found: found.asked,
            key="export_state",
        )
    with st.container(border=True, key="import_part"):
        st.markdown("**Bring a library back**")
        _draw_import(context)


def _draw_export(context: Context, found: delivery.State) -> None:
    if found.asked:
        task = context.runtime.exporting
        share = task.done / task.total if task.total else 0.0
        how_far = f": {task.done:,} of {task.total:,} voices" if task.total else "…"
        st.progress(share, f"The file is being prepared{how_far}")
        return
    if found.trouble:
        st.error(words.plain(f"The file could not be prepared. {found.trouble}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Prepare a new file" if found.prepared else "Prepare the file",
            key="export_prepare",
            icon=":material/inventory_2:",
        ):
            delivery.ask(context, person(context))
            st.rerun()
        if found.prepared:
            _fetch_button(context, found.prepared)
    if found.prepared:
        _show_prepared(context, found.prepared)


def _fetch_button(context: Context, ready: Prepared) -> None:
    """From a bucket the browser fetches it by itself; a large file is never held in memory."""
    label = f"Save it ({words.size(ready.written.bytes)})"
    who = person(context)  # the file itself is read outside of any session
    address = delivery.address(context, ready, who)
    if address:
        st.link_button(
            label,
            address,
            icon=":material/download:",
            key="export_save",
            on_click=from_inside(delivery.note_fetched),
            args=(context, who),
        )
    elif ready.written.bytes <= LARGEST_DOWNLOAD:
        save_button(
            label,
            partial(delivery.read, context, ready, who),
            file_name=f"voicekeep-{ready.at:%Y-%m-%d}.zip",
            mime=delivery.MEDIA_TYPE,
            key="export_save",
        )
    else:
        st.caption(f"It lies in your storage folder as {words.plain(ready.key)}.")


def _show_prepared(context: Context, ready: Prepared) -> None:
    written = ready.written
    when = words.until(ready.at, context.clock.now())
    st.caption(
        f"Prepared {when}: {words.count(written.voices, 'voice')}, "
        f"{words.count(written.takes, 'take')}, {words.count(written.files, 'file')}."
    )
    if written.missing:
        with st.expander(f"What is missing in it ({len(written.missing)})"):
            for line in written.missing[:SHOWN]:
                st.write(words.plain(line))


def _draw_import(context: Context) -> None:
    st.caption(
        "Nothing is overwritten by something older. First you see what would happen. It costs "
        "nothing by itself; voices that come in and are not kept yet are then kept in the way that "
        "was chosen for each, for about a cent. "
        f"Files over {LARGEST_UPLOAD_MB} MB: use the command line (see docs/operate.md)."
    )
    file = fields.file(
        "A file that Voicekeep prepared",
        type="zip",
        key="import_file",
        max_upload_size=LARGEST_UPLOAD_MB,
    )
    if file is None:
        return
    try:
        checked, planned = _looked_into(context, file)
    except BadExport as problem:
        st.error(words.plain(f"{problem} Nothing was changed."))
        return
    _show_checked(checked)
    _show_taken(planned)
    coming = [item for item in planned.items if item.outcome in (Outcome.NEW, Outcome.NEWER)]
    if not coming:
        st.info("There is nothing in it that is not here already.")
    elif st.button(
        f"Bring in {words.count(len(coming), 'record')}",
        key="import_go",
        icon=":material/upload:",
        type="primary",
    ):
        _bring_in(context, file)


def _looked_into(context: Context, file: UploadedFile) -> tuple[Checked, Taken]:
    """What is in it, looked at once for each file. Raises `BadExport`."""
    # Every click redraws the page, and reading a large archive takes seconds.
    known = st.session_state.get(LOOKED)
    if known and known[0] == file.file_id:
        return known[1], known[2]
    who = person(context)
    with st.spinner("Looking at every part of it…", show_time=True):
        found = importing.check(file), importing.take(context, file, dry_run=True, person=who)
    st.session_state[LOOKED] = (file.file_id, *found)
    return found


def _bring_in(context: Context, file: UploadedFile) -> None:
    bar = st.progress(0.0, "Each file is stored and read back…")

    def report(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"{done:,} of {total:,} brought in")

    taken = importing.take(context, file, dry_run=False, person=person(context), progress=report)
    bar.empty()
    st.session_state.pop(LOOKED, None)
    st.success("Done. What follows is what happened.", icon=":material/check_circle:")
    _show_taken(taken)


def _show_checked(checked: Checked) -> None:
    if checked.is_good:
        st.success(
            f"The file is as it was written: {words.count(checked.voices, 'voice')}, "
            f"{words.count(checked.takes, 'take')}, {words.count(checked.files, 'file')}.",
            icon=":material/verified:",
        )
        return
    st.warning(
        "The file is not as it was written. What is damaged in it is left out.",
        icon=":material/warning:",
    )
    for fault in checked.faults[:SHOWN]:
        st.caption(words.plain(fault))


def _show_taken(taken: Taken) -> None:
    """How many of what, and every one that needs a word."""
    counts = Counter(item.outcome for item in taken.items)
    st.markdown(
        " ".join(
            f":{colour}-badge[{counts[outcome]:,} {word}]"
            for outcome, (word, colour) in OUTCOMES.items()
            if counts[outcome]
        )
    )
    worded = [item for item in taken.items if item.why]
    for item in worded[:SHOWN]:
        st.caption(f"**{words.plain(item.name)}**: {words.plain(item.why)}")
    if len(worded) > SHOWN:
        st.caption(f"And {len(worded) - SHOWN:,} more.")
