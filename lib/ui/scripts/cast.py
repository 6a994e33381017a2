"""The cast of a script: each name in it, the voice that it is given, and how that voice speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256

import streamlit as st

from lib import units
from lib.models import Voice
from lib.roles import Permission
from lib.scripts import Script, Speaker
from lib.services import SpeechModel
from lib.studio.core.catalogue import speech_models
from lib.studio.core.context import Context
from lib.studio.library import samples
from lib.studio.library.listing import Entry
from lib.studio.scripts import editing
from lib.studio.scripts.casting import CastMember
from lib.studio.scripts.standing import Standing
from lib.ui import words
from lib.ui.access.front import may, page_file, person
from lib.ui.scripts.changes import change, key_for, show_as_kept
from lib.ui.shared import fields, finding, now_playing, speaking, voices

NAMES = "script_voice_names"
"""What the pickers call each voice while the page is open."""
SEARCH = "script_voice_search"
ANY = "Auto"
"""The language of a voice that finds out by itself."""


def draw(
    context: Context,
    standing: Standing,
    able: Sequence[Entry],
    by_id: Mapping[str, Entry],
) -> None:
    """One row for each name; those who only look read who speaks."""
    st.subheader("Cast", anchor=False)
    if not may(context, Permission.SPEAK):
        for member in standing.cast:
            _show(member)
        return
    if not able:
        st.info("No voice is ready yet. Get one, then come back and give each name a voice.")
        st.page_link(page_file("clone"), label="Get a voice", icon=":material/mic:")
    offered = finding.offered(able, key=SEARCH)
    given = {name: by_id[name] for member in standing.cast if (name := _given(member, by_id))}
    titles = {name: finding.label(item) for name, item in (given | offered).items()}
    labels = fields.labels(NAMES, titles)
    now_playing.draw(context, given.values())
    heard = samples.samples(context, [item.dossier for item in given.values()])
    playable = dict(given)
    for member in standing.cast:
        with st.container(key=f"script_cast_{key_of(member.speaker.name)}"):
            given_id = _given(member, by_id)
            options = list(dict.fromkeys([*([given_id] if given_id else []), *offered]))
            picker, settings = st.columns([6, 4], vertical_alignment="bottom")
            with picker.container(horizontal=True, vertical_alignment="bottom", wrap=False):
                _picker(context, standing.script, member, given_id, options, labels)
                if item := playable.pop(given_id, None):  # once, if several have this voice
                    now_playing.button(item.voice, is_heard=given_id in heard)
            with settings:
                if member.voice and member.model:
                    _settings(context, standing.script, member, member.voice, member.model)
            if member.why:
                st.caption(f":material/warning: {words.plain(member.why)}")
    speaking.show_allowed_use(member.voice for member in standing.cast if member.voice)


def key_of(name: str) -> str:
    """What stands for a name, which may be anything, in the keys of widgets."""
    return sha256(name.encode(errors="replace")).hexdigest()[:12]


def _given(member: CastMember, by_id: Mapping[str, Entry]) -> str:
    """The id of the voice that was given, where it still is in the library."""
    return member.speaker.voice_id if member.speaker.voice_id in by_id else ""


def _show(member: CastMember) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{words.plain(member.speaker.name)}**", width="content")
        if member.voice:
            voices.name_link(member.voice)
        else:
            st.caption("No voice yet", width="content")


def _picker(
    context: Context,
    script: Script,
    member: CastMember,
    given_id: str,
    options: Sequence[str],
    labels: Mapping[str, str],
) -> None:
    name = member.speaker.name
    key = f"script_voice_{key_of(name)}"
    show_as_kept(key, given_id or None)
    st.selectbox(
        f"**{words.plain(name)}** · {units.count(member.lines, 'line')}",
        options,
        index=None,
        key=key,
        format_func=labels.__getitem__,
        placeholder="Choose a voice",
        filter_mode="contains",
        on_change=_give,
        args=(context, script.id, name, key),
    )


def _give(context: Context, script_id: str, name: str, key: str) -> None:
    """Another voice, which speaks as it usually does."""
    voice_id = str(st.session_state[key] or "")
    change(
        context,
        script_id,
        lambda script: editing.give_voice(
            context, person(context), script, Speaker(name, voice_id)
        ),
    )


def _settings(
    context: Context, script: Script, member: CastMember, voice: Voice, model: SpeechModel
) -> None:
    """Model, language and speed, behind one button that tells them."""
    speaker = member.speaker
    key = key_of(speaker.name)
    keys = {
        field: key_for(f"script_{field}_{key}", speaker) for field in ("model", "language", "speed")
    }
    on_change = partial(_set, context, script.id, speaker.name, keys)
    titles = {one.id: one.title for one in speech_models(context, voice.service, voice.kind)}
    facts = words.plain(_facts(member, model))
    with st.popover(facts, icon=":material/tune:", width="stretch", key=f"script_settings_{key}"):
        st.selectbox(
            "Model",
            list(titles),
            index=list(titles).index(model.id),
            key=keys["model"],
            format_func=titles.__getitem__,
            on_change=on_change,
        )
        if model.languages:
            st.selectbox(
                "Language",
                model.languages,
                index=model.languages.index(_language(member, model)),
                key=keys["language"],
                on_change=on_change,
            )
        if model.max_speed > model.min_speed:
            st.slider(
                "Speed",
                model.min_speed,
                model.max_speed,
                min(max(speaker.speed, model.min_speed), model.max_speed),
                step=0.05,
                format="%.2f×",
                key=keys["speed"],
                on_change=on_change,
            )


def _set(context: Context, script_id: str, name: str, keys: Mapping[str, str]) -> None:
    """Model, language and speed as they were just chosen."""
    state = st.session_state

    def give(script: Script) -> None:
        speaker = script.speaker(name)
        language = str(state.get(keys["language"], speaker.language))
        wanted = replace(
            speaker,
            model=str(state[keys["model"]]),
            language="" if language == ANY else language,
            speed=float(state.get(keys["speed"], speaker.speed)),
        )
        editing.give_voice(context, person(context), script, wanted)

    change(context, script_id, give)


def _language(member: CastMember, model: SpeechModel) -> str:
    return member.language if member.language in model.languages else model.languages[0]


def _facts(member: CastMember, model: SpeechModel) -> str:
    facts = [model.title]
    facts += [_language(member, model)] if model.languages else []
    facts += [f"{member.speaker.speed:.2f}×"] if model.max_speed > model.min_speed else []
    return " · ".join(facts)
