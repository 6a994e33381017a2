"""The library as one file: prepared and fetched, looked into, and brought back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Literal

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lib import units
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
LISTED = 1_000
"""Names of files in a list, all of which the browser holds."""
LISTED_LOW, LISTED_HEIGHT = 6, 220
"""Lines that are shown as they come, and the height in pixels of what has more."""
LOOKED = "import_looked"
"""What the last file was found to hold, so that a redraw does not read it all again."""
OUTCOMES = {
    Outcome.NEW: ("new", "green"),
    Outcome.NEWER: ("newer than here", "blue"),
    Outcome.HERE: ("already here", "gray"),
    Outcome.REFUSED: ("cannot be imported", "red"),
}


def draw(context: Context) -> None:
    """Both ways of the file, out and in."""
    st.subheader("Your library as a file", anchor=False)
    with st.container(border=True, key="export_part"):
        st.markdown("**Export everything**")
        st.caption(
            "One ZIP with every voice, recording, voice file, take and record, each with a "
            "checksum. Any program opens it, and another Voicekeep can import it."
        )
        watch(
            lambda: delivery.state(context),
            lambda found: _draw_export(context, found),
            is_in_progress=lambda found: found.asked,
            key="export_state",
        )
    with st.container(border=True, key="import_part"):
        st.markdown("**Import a library**")
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
    label = f"Save it ({units.size(ready.written.bytes)})"
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
        st.caption(f"It is in your storage folder as {words.plain(ready.key)}.")


def _show_prepared(context: Context, ready: Prepared) -> None:
    written = ready.written
    when = words.until(ready.at, context.clock.now())
    st.caption(
        f"Prepared {when}: {units.count(written.voices, 'voice')}, "
        f"{units.count(written.takes, 'take')}, "
        f"{units.count(written.scripts, 'script')}, {units.count(written.files, 'file')}."
        + (f" Asked for by {words.plain(ready.person)}." if ready.person else "")
        + " It is deleted after a day."
    )
    if written.missing:
        with st.expander(f"What is missing in it ({len(written.missing)})"):
            for line in written.missing[:SHOWN]:
                st.write(words.plain(line))


def _draw_import(context: Context) -> None:
    st.caption(
        "Nothing is overwritten by anything older, and you first see what would happen. Importing "
        "costs nothing. Imported voices that are not kept yet are then kept as chosen for each, "
        f"for about a cent. For files over {LARGEST_UPLOAD_MB} MB, use the command line (see "
        "docs/operate.md)."
    )
    file = fields.file(
        "An export from Voicekeep",
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
        is_all_here = all(item.outcome is Outcome.HERE for item in planned.items)
        st.info(
            "Everything in it is already here." if is_all_here else "Nothing in it can be imported."
        )
    elif st.button(
        f"Import {units.count(len(coming), 'record')}",
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
    with st.spinner("Checking every part of it…", show_time=True):
        found = importing.check(file), importing.take(context, file, dry_run=True, person=who)
    st.session_state[LOOKED] = (file.file_id, *found)
    return found


def _bring_in(context: Context, file: UploadedFile) -> None:
    bar = st.progress(0.0, "Storing and checking each file…")

    def report(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"{done:,} of {total:,} imported")

    taken = importing.take(context, file, dry_run=False, person=person(context), progress=report)
    bar.empty()
    st.session_state.pop(LOOKED, None)
    st.success("Done. Here is what happened.", icon=":material/check_circle:")
    _show_taken(taken)


def _show_checked(checked: Checked) -> None:
    """What the file holds, and each part of it that is not taken, by its name."""
    held = (
        f"{units.count(checked.voices, 'voice')}, {units.count(checked.takes, 'take')}, "
        f"{units.count(checked.scripts, 'script')}, "
        f"{units.count(checked.files, 'file')}."
    )
    if checked.is_good:
        st.success(f"The file is intact: {held}", icon=":material/verified:")
    elif not checked.faults:
        st.info(
            f"A part of an export, intact: {held} Whatever is not in it stays as it is here.",
            icon=":material/rule:",
        )
    else:
        st.warning(
            "The file has changed since it was exported. What cannot be trusted in it is left out.",
            icon=":material/warning:",
        )
    _list_names("Left out", checked.faults, is_open=True)
    _list_names("Exported, but not in this file", checked.absent)
    _list_names("Ignored: added by an operating system", checked.added)


def _list_names(title: str, lines: Sequence[str], *, is_open: bool = False) -> None:
    """Strangers' names, a line each: as they are, in a part that scrolls by itself."""
    if not lines:
        return
    with st.expander(f"{title} ({len(lines):,})", expanded=is_open):
        rest = len(lines) - LISTED
        told = [*lines[:LISTED], f"And {rest:,} more."] if rest > 0 else lines
        height: int | Literal["content"] = LISTED_HEIGHT if len(told) > LISTED_LOW else "content"
        st.code("\n".join(told), language=None, wrap_lines=True, height=height)


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
    _list_names("More remarks", [f"{item.name}: {item.why}" for item in worded[SHOWN:]])
