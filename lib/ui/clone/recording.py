"""One recording, looked at closely: how good it is, which part is used, and what is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lib import units
from lib.recordings.editing import playable
from lib.recordings.edits import Edit
from lib.recordings.formats import FORMATS
from lib.recordings.inspect import Recording
from lib.recordings.listening import Listening, measure, trimmed
from lib.recordings.quality import Grade, Quality, assess, worst
from lib.recordings.reasons import Finding
from lib.recordings.spans import Span
from lib.recordings.wording import GRADE_WORDS, advice, numbers
from lib.studio.core.context import Context
from lib.studio.core.drafts import Draft, DraftGone, DraftRefused
from lib.ui import words
from lib.ui.access.front import from_inside
from lib.ui.access.process import open_shop
from lib.ui.clone import bringing, examining
from lib.ui.clone.examining import BEST_SECONDS, EDITS, MOST_EDITS, Examined
from lib.ui.clone.waveform import waveform

GRADES = {
    Grade.GOOD: words.Label(GRADE_WORDS[Grade.GOOD], ":material/check_circle:", "green", "●"),
    Grade.USABLE: words.Label(GRADE_WORDS[Grade.USABLE], ":material/info:", "blue", "◐"),
    Grade.POOR: words.Label(GRADE_WORDS[Grade.POOR], ":material/warning:", "orange", "▲"),
    Grade.NO_SPEECH: words.Label(
        GRADE_WORDS[Grade.NO_SPEECH], ":material/voice_over_off:", "red", "✕"
    ),
}
CHANNELS_APART = frozenset({Finding.TWO_SPEAKERS, Finding.CHANNELS_CANCEL})
"""What is mended by using one channel."""
PLAYED_AS_IT_IS = 5_000_000
"""Bytes: a larger recording is played in a small version."""
LONGEST_PLAYED = 600.0
"""Seconds that a small version is made of: it takes a sixtieth of that."""


def draw_head(examined: Examined, *, is_alone: bool = True) -> None:
    """What was brought, and the way to bring something else, or to remove it from several."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            f"**{words.plain(examined.draft.file_name)}**  \n:small[:gray[{facts(examined)}]]"
        )
        if is_alone:
            st.button(
                "Use another recording",
                key="clone_another",
                type="tertiary",
                icon=":material/swap_horiz:",
                on_click=bringing.ask,
                args=(bringing.OTHER,),
            )
        else:
            st.button(
                "Remove",
                key="clone_remove",
                type="tertiary",
                icon=":material/delete:",
                on_click=bringing.remove,
                args=(examined.draft,),
            )
    if examined.recording is None:
        st.error(words.plain(examined.fault), icon=":material/block:")


def facts(examined: Examined) -> str:
    """Kind, length and size of a file, in one line."""
    size = units.size(examined.draft.size)
    found = examined.recording
    if found is None:
        return size
    kind = FORMATS[found.format].name.removesuffix(" file")
    channels = "mono" if found.channels == 1 else "stereo"
    return (
        f"{kind[0].upper()}{kind[1:]}, {units.seconds(found.seconds)}, "
        f"{found.sample_rate / 1000:g} kHz {channels}, {size}"
    )


def draw(context: Context, examined: Examined) -> Quality | None:
    """Its picture, its grade, players, and what can be mended.

    Returns how good it is as it is used; None where nothing can be heard in it.
    """
    draft, recording = examined.draft, examined.recording
    if recording is None:
        return None
    listening = examining.listening_to(context, draft, examined.edit)
    if listening is None:
        st.warning(
            "This recording could not be read, so its quality is not known yet. Add it again, or "
            "another one.",
            icon=":material/hearing_disabled:",
        )
        return None
    measured = measure(listening, examined.edit.part)
    quality = assess(measured)
    st.markdown(f"{GRADES[quality.grade].badge} {words.plain(advice(worst(quality), measured))}")
    waveform(
        f"clone_part_{draft.id}",
        envelope=listening.envelope,
        seconds=listening.seconds,
        speech=listening.speech,
        clipped=listening.clipped,
        part=examined.edit.part,
        on_change=lambda part: _change(draft, part=part),
    )
    _draw_mending(examined, listening, quality, recording)
    _draw_players(context, examined, recording)
    with st.expander("Measurements"):
        st.table(dict(numbers(measured)), border="horizontal")
    return quality


def _draw_mending(
    examined: Examined, listening: Listening, quality: Quality, recording: Recording
) -> None:
    draft, edit = examined.draft, examined.edit
    whole = Span(0.0, listening.seconds)
    with st.container(horizontal=True):
        best = examining.best_of(draft, edit, listening)
        if listening.seconds > BEST_SECONDS and best != edit.part:
            _button("Best 30 seconds", "best", ":material/auto_awesome:", draft, part=best)
        tight = trimmed(listening, edit.part)
        if tight != (edit.part or whole):
            _button("Trim the ends", "trim", ":material/content_cut:", draft, part=tight)
        if edit.part is not None:
            _button("Use all of it", "all", ":material/fit_width:", draft, part=None)
        if examining.edits_of(draft):
            st.button(
                "Undo", key="clone_undo", icon=":material/undo:", on_click=_undo, args=(draft,)
            )
    with st.container(horizontal=True):
        _switch("Even out the level", "level", draft, edit, "Makes quiet speech as loud as usual.")
        _switch(
            "Remove rumble", "rumble", draft, edit, "Removes sound that is too low for a voice."
        )
        cancels = Finding.CHANNELS_CANCEL in quality.findings  # nothing is left of both together
        if recording.channels > 1 and edit.channel is None and (edit.mono or not cancels):
            _switch("One channel", "mono", draft, edit, "Both channels become one.")
    if recording.channels > 1 and (
        edit.channel is not None or CHANNELS_APART.intersection(quality.findings)
    ):
        st.radio(
            "The two channels differ. Which one should be used?",
            [None, 0, 1],
            index=[None, 0, 1].index(edit.channel),
            format_func={None: "Both", 0: "Left", 1: "Right"}.__getitem__,
            key=f"clone_channel_{draft.id}",
            horizontal=True,
            on_change=_choose_channel,
            args=(draft,),
        )


def _button(label: str, name: str, icon: str, draft: Draft, *, part: Span | None) -> None:
    st.button(
        label,
        key=f"clone_{name}",
        icon=icon,
        on_click=_change,
        args=(draft,),
        kwargs={"part": part},
    )


def _switch(label: str, name: str, draft: Draft, edit: Edit, meaning: str) -> None:
    key = f"clone_{name}_{draft.id}"
    st.session_state[key] = getattr(edit, name)  # Undo changes it, too
    st.toggle(label, key=key, help=meaning, on_change=_turn, args=(draft, name, key))


def _draw_players(context: Context, examined: Examined, recording: Recording) -> None:
    if examined.edit.is_nothing:
        _play_whole(context, examined.draft, recording)
        return
    before, after = st.columns(2)
    with before:
        _play_whole(context, examined.draft, recording)
    with after:
        st.caption(f"As it will be used: {units.seconds(examined.seconds)}")
        if examined.seconds > LONGEST_PLAYED:
            st.caption("Too long to play here. Choose a shorter part to hear it.")
        elif data := examining.preview(context, examined.draft, examined.edit):
            st.audio(data, format="audio/mpeg", alt="The part that is used, cleaned up")


def _play_whole(context: Context, draft: Draft, recording: Recording) -> None:
    st.caption("Original")
    alt = "The original recording"
    if playable(recording) and draft.size <= PLAYED_AS_IT_IS:
        st.audio(context.drafts.read(draft), format=recording.media_type, alt=alt)
    elif recording.seconds > LONGEST_PLAYED:
        st.caption("Too long to play as a whole. Choose a part to hear it.")
    elif data := examining.preview(context, draft, Edit()):
        st.audio(data, format="audio/mpeg", alt=alt)


def _turn(draft: Draft, name: str, key: str) -> None:
    _change(draft, **{name: bool(st.session_state[key])})


def _choose_channel(draft: Draft) -> None:
    _change(draft, channel=st.session_state[f"clone_channel_{draft.id}"], mono=False)


@from_inside
def _change(draft: Draft, **chosen: object) -> None:
    """Note one more edit of a draft."""

    def add(edits: list[Edit]) -> list[Edit]:
        return [*edits, replace(edits[-1] if edits else Edit(), **chosen)]  # type: ignore[arg-type]

    _note(draft, add)


@from_inside
def _undo(draft: Draft) -> None:
    """Back to the edit before the last."""
    _note(draft, lambda edits: edits[:-1])


def _note(draft: Draft, change: Callable[[list[Edit]], list[Edit]]) -> None:
    """Note other edits of a draft. What was noted meanwhile in another tab counts as well."""
    drafts = open_shop().drafts
    bringing.tell()
    try:
        latest = next((mine for mine in drafts.of(draft.owner) if mine.id == draft.id), draft)
        edits = change(examining.edits_of(latest))[-MOST_EDITS:]
        drafts.change(latest, **{EDITS: [edit.to_json() for edit in edits] or None})
    except (DraftGone, DraftRefused) as problem:
        bringing.tell(str(problem))
