"""A script taken along: as one sound, as numbered files, as subtitles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import streamlit as st

from lib import units
from lib.recordings.writing import Form
from lib.studio.core.context import Context
from lib.studio.core.records import VaultError
from lib.studio.core.typed_text import file_stem
from lib.studio.scripts import exporting
from lib.studio.scripts.exporting import CannotExport, Exported
from lib.studio.scripts.standing import LineStanding, LineState, Standing
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.shared import ready_file
from lib.ui.shared.player import save_button
from lib.ui.shared.ready_file import ReadyFile

READY = "script_export_ready"
"""The file that was made last."""
WANTED = "script_export_wanted"
"""Set by a button, until the file is made."""
CLOSED = "script_export_closed"
"""How often a choice closed what it was made in: what came of it would be hidden behind that."""
EVEN = "script_export_even"
ZIP, ZIP_TYPE = "zip", "application/zip"
OUTDATED = (LineState.CHANGED, LineState.FAILED)
"""Of a line whose takes are not of its words any more, or of another voice."""
NAMED = 8
"""Lines that are named one by one."""


@dataclass(frozen=True)
class _Export:
    """What kind of file was made, and what went into it."""

    kind: str
    exported: Exported


def button(standing: Standing) -> None:
    """What a script can be exported as; off until one of its lines has a sound."""
    with st.container(key="script_export", width="content"):
        closed = st.session_state.get(CLOSED, 0)
        with st.popover(
            "Export",
            icon=":material/download:",
            disabled=not any(_is_heard(line) for line in standing.lines),
            key=f"script_export_{closed}",
        ):
            for form in Form:
                _choice(f"One audio file ({form.upper()})", form, ":material/graphic_eq:")
            st.toggle(
                "Even out the loudness",
                key=EVEN,
                help="In the audio file, no line is louder than the others.",
            )
            _choice("Numbered files (ZIP)", ZIP, ":material/folder_zip:")
            _subtitles_button(standing)


def _choice(label: str, kind: str, icon: str) -> None:
    st.button(
        label, key=f"script_export_{kind}", icon=icon, width="stretch", on_click=_want, args=(kind,)
    )


def _want(kind: str) -> None:
    st.session_state[WANTED] = kind
    st.session_state[CLOSED] = st.session_state.get(CLOSED, 0) + 1


def _subtitles_button(standing: Standing) -> None:
    """For the one sound that was made last, or else for what it would be."""
    ready = _ready_for(standing)
    spans = ready.told.exported.spans if ready else ()
    save_button(
        "Subtitles (SRT)",
        lambda: exporting.subtitles(standing.script, spans or exporting.spans(standing)),
        file_name=_file_name(standing, "srt"),
        mime="application/x-subrip",
        key="script_export_srt",
        icon=":material/subtitles:",
        width="stretch",
    )


def draw(context: Context, standing: Standing) -> None:
    """The file that somebody asked for: made, told, played, saved."""
    if kind := st.session_state.pop(WANTED, ""):
        _make(context, standing, kind)
    if ready := _ready_for(standing):
        with st.container(border=True, key="script_export_file"):
            _draw_ready(standing, ready)
    else:
        ready_file.forget(READY)


def _ready_for(standing: Standing) -> ReadyFile[_Export] | None:
    """The file that was made last, while nothing of the script has changed."""
    ready: ReadyFile[_Export] | None = st.session_state.get(READY)
    return ready if ready and ready.made_of == _made_of(standing) else None


def _made_of(standing: Standing) -> object:
    """What a file depends on: with other takes, lines or pauses it is not the same any more."""
    script = standing.script
    lines = [(line.take.id if line.take else "", line.line) for line in standing.lines]
    return script.id, script.name, script.pause, lines


def _is_heard(line: LineStanding) -> bool:
    return line.take is not None and bool(line.take.key)


def _make(context: Context, standing: Standing, kind: str) -> None:
    total = len(standing.lines)
    bar = st.progress(0.0, "Reading the lines…")

    def report(number: int) -> None:
        bar.progress((number - 1) / total, f"Reading line {number:,} of {total:,}")

    def write(file: BinaryIO) -> _Export:
        someone, even = person(context), bool(st.session_state.get(EVEN))
        if kind == ZIP:
            exported = exporting.files(context, standing, file, someone, report=report)
        else:
            form = Form(kind)
            exported = exporting.sound(
                context, standing, file, form, someone, even=even, report=report
            )
        return _Export(kind, exported)

    try:
        ready_file.make(context, READY, _made_of(standing), write)
    except CannotExport as problem:
        st.warning(words.plain(str(problem)), icon=":material/block:")
    except VaultError as problem:
        st.error(words.plain(f"The file was not created. {problem}"))
    except OSError:
        st.error("The file was not created: there is no room for it on this server’s disk.")
    bar.empty()


def _draw_ready(standing: Standing, ready: ReadyFile[_Export]) -> None:
    kind, exported = ready.told.kind, ready.told.exported
    told = units.count(exported.count, "line")
    told += " in one ZIP, with a table of them." if kind == ZIP else " in one audio file"
    if kind != ZIP:
        told += f", {units.seconds(exported.seconds)}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(told, width="stretch")
        save_button(
            f"Save it ({units.size(exported.bytes)})",
            ready.read,
            file_name=_file_name(standing, kind),
            mime=ZIP_TYPE if kind == ZIP else Form(kind).media_type,
            key="script_export_save",
        )
    if exported.missing:
        have = "has no sound and is" if len(exported.missing) == 1 else "have no sound and are"
        st.caption(f"{_numbers(exported.missing)} {have} left out.")
    old = [line for line in standing.lines if line.state in OUTDATED and _is_heard(line)]
    if old:
        are = "is out of date, and is" if len(old) == 1 else "are out of date, and are"
        st.caption(f"{_numbers(old)} {are} heard as before the change.")
    if kind == Form.MP3:
        alt = f"The script {standing.script.name}"
        st.audio(ready.read(), format=Form.MP3.media_type, alt=alt)


def _numbers(lines: Sequence[LineStanding]) -> str:
    """Lines by their numbers: "Line 3", "Lines 3 and 5", "Lines 1, 2, 3 and 40 more"."""
    if len(lines) == 1:
        return f"Line {lines[0].number:,}"
    numbers = [f"{line.number:,}" for line in lines[:NAMED]]
    more = len(lines) - NAMED
    last = f"{more:,} more" if more > 0 else numbers.pop()
    return f"Lines {', '.join(numbers)} and {last}"


def _file_name(standing: Standing, ending: str) -> str:
    return f"{file_stem(standing.script.name) or 'Script'}.{ending}"
