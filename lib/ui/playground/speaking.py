"""The Playground's upper half: who speaks what, at what price, and the button that orders it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lib.models import LongText, Money, Take, TextState, VoiceKind
from lib.services import DEMO, KIND_TITLES, SERVICES, SpeechModel
from lib.splitting import expected_seconds
from lib.studio.core import accounts
from lib.studio.core.catalogue import speech_models
from lib.studio.core.context import Context
from lib.studio.core.money import Sum
from lib.studio.core.standpoint import standpoint_of
from lib.studio.core.typed_text import several_lines
from lib.studio.library import takes
from lib.studio.library.listing import Entry
from lib.studio.orders import speaking
from lib.studio.orders.speaking import MAX_CHARS, Plan, SpeechRequest
from lib.ui import words
from lib.ui.access.front import page_file, person
from lib.ui.playground.picking import labels
from lib.ui.shared import budget, confirming, fields
from lib.ui.shared.player import play_take

SAID = "speak_said"
"""What was ordered last, or taken from earlier: the ids to follow, one for each voice."""
_WRITTEN = "speak_written"
LONGEST_NAME = 25
"""Characters of a name on a button, so that its price can be seen on a phone as well."""
SAMPLE = "Hello. This is my new voice, and I am glad to be here."

_Group = tuple[str, VoiceKind]
"""Service and kind: voices of one group choose from the same models."""


@dataclass(frozen=True)
class Line:
    """What one voice would say, with which model, at what price, or has said already."""

    item: Entry
    model: SpeechModel
    request: SpeechRequest
    plan: Plan
    earlier: Take | None


def draw(context: Context, chosen: Sequence[Entry], begun: Sequence[LongText]) -> None:
    """Text, models, settings, cost, the button. `begun`: long texts that are not joined yet."""
    text = _text(is_demo=chosen[0].is_demo)
    _offer_transcript(chosen, text)
    left, right = st.columns(2)
    with left:
        models = _choose_models(context, chosen)
    with right:
        language, speed = _settings(list(models.values()))
    lines = [
        _line(context, item, models[group], text, language, speed)
        for item in chosen
        if (group := _group(item)) in models
    ]
    if not lines or _is_refused(context, lines):
        return
    if len(text) > MAX_CHARS:
        st.error(f"{len(text):,} characters. {MAX_CHARS:,} are spoken at a time.")
        return
    _show_cost(context, lines, text)
    _offer_earlier(context, lines)
    is_begun = _show_begun(lines, text, begun)
    _button(context, lines, least="" if text else "from ", first=not is_begun)


def _is_refused(context: Context, lines: Sequence[Line]) -> bool:
    """Whether the key in use may not speak with one of them; said before anybody presses."""
    standpoint = standpoint_of(context)
    faults = [accounts.why_not_speak(standpoint, line.item.voice) for line in lines]
    for line, fault in zip(lines, faults, strict=True):
        if fault:
            st.warning(words.plain(f"{line.item.voice.name}: {fault}"), icon=":material/key_off:")
    if any(faults):
        st.page_link(page_file("settings"), label="Settings", icon=":material/settings:")
    return any(faults)


def _show_begun(lines: Sequence[Line], text: str, begun: Sequence[LongText]) -> bool:
    """Whether this very text is on its way, or stands still with some of it missing."""
    voices = {line.item.voice.id for line in lines}
    twins = [twin for twin in begun if twin.voice_id in voices and twin.text == text]
    if any(twin.state is TextState.FAILED for twin in twins):
        st.info("This text is begun already: see below. Missing parts can be sent alone.")
    elif twins:
        st.caption("This text is on its way: see below.")
    return bool(twins)


def _group(item: Entry) -> _Group:
    return item.voice.service, item.voice.kind


def _choose_models(context: Context, chosen: Sequence[Entry]) -> dict[_Group, SpeechModel]:
    """A model for each kind of voice: each speaks with one of its own."""
    groups = list(dict.fromkeys(map(_group, chosen)))
    several_services = len({service for service, _ in groups}) > 1
    found: dict[_Group, SpeechModel] = {}
    for number, (service, kind) in enumerate(groups):
        models = {model.id: model for model in speech_models(context, service, kind)}
        title = KIND_TITLES[kind]
        if several_services:
            title = f"{title}, {SERVICES[service].title}"
        if not models:
            st.info(f"No model is known that a {title} voice could speak with here.")
            continue
        key = f"speak_model_{service}_{kind}" if number else "speak_model"
        # What was chosen for another voice, or is not sold any more, is no option of this field.
        if st.session_state.get(key) not in models:
            st.session_state[key] = next(iter(models))
        titles = {name: model.title for name, model in models.items()}
        longest = max(map(len, models))
        picked = st.selectbox(
            f"Model ({title})" if len(groups) > 1 else "Model",
            list(models),
            key=key,
            format_func=labels(f"speak_titles_{service}_{kind}", titles, short=longest).__getitem__,
            persist_state="session",
        )
        found[service, kind] = models[picked]
        st.caption(words.plain(_terms_of(models[picked], demo=service == DEMO)))
    return found


def _terms_of(model: SpeechModel, *, demo: bool) -> str:
    """What this model costs, before there is a text."""
    about = "" if model.documented else "About "
    play = " play money" if demo else ""
    price = Money.usd(model.per_1000_chars).exact
    return f"{about}{price}{play} per 1,000 characters."


def _settings(models: Sequence[SpeechModel]) -> tuple[str, float]:
    """Language and speed, where one of the models has them."""
    language, speed = "", 1.0
    languages = next((model.languages for model in models if model.languages), ())
    if languages:
        having = [kind for model in models if model.languages for kind in model.kinds]
        titles = " and ".join(dict.fromkeys(KIND_TITLES[kind] for kind in having))
        only = "" if all(model.languages for model in models) else f" ({titles} voices)"
        if st.session_state.get("speak_language", languages[0]) not in languages:
            del st.session_state["speak_language"]
        language = st.selectbox(
            f"Language{only}", languages, key="speak_language", persist_state="session"
        )
    ranges = [(m.min_speed, m.max_speed) for m in models if m.max_speed > m.min_speed]
    if ranges:
        slowest, fastest = max(low for low, _ in ranges), min(high for _, high in ranges)
        # Another model may have allowed more, and the slider would refuse what it cannot show.
        if not slowest <= st.session_state.get("speak_speed", 1.0) <= fastest:
            del st.session_state["speak_speed"]
        speed = st.slider(
            "Speed", slowest, fastest, 1.0, 0.05, key="speak_speed", format="%.2f×",
            persist_state="session",
        )  # fmt: skip
        if len(ranges) < len(models):
            st.caption("Speed is for the models that have it.")
    return ("" if language == "Auto" else language), speed


def _text(*, is_demo: bool) -> str:
    text = fields.lines(
        "Text",
        value=SAMPLE if is_demo else "",
        key="speak_text",
        height=160,
        placeholder=SAMPLE,
        on_change=_written,
        help="A long text is split where sentences end, spoken in parts and put together.",
    )
    return several_lines(text)


def _offer_transcript(chosen: Sequence[Entry], text: str) -> None:
    """A first text: what is said in the recording of a voice, word for word."""
    found = next((item.voice for item in chosen if item.voice.transcript), None)
    is_written = bool(text) and st.session_state.get(_WRITTEN, False)
    if found is None or is_written:
        return
    whose = "its recording" if len(chosen) == 1 else f"{words.plain(found.name)}’s recording"
    st.button(
        f"Use the words of {whose}",
        key="speak_transcript",
        icon=":material/notes:",
        type="tertiary",
        on_click=_fill_in,
        args=(found.transcript,),
    )


def _fill_in(text: str) -> None:
    st.session_state["speak_text"] = text
    _written()


def _written() -> None:
    """From now on the text is somebody's own: not what the demo begins with."""
    st.session_state[_WRITTEN] = True


def _line(
    context: Context, item: Entry, model: SpeechModel, text: str, language: str, speed: float
) -> Line:
    settings = speaking.settings_of(model, language, speed)
    earlier = takes.earlier(context, item.voice, text, model, settings)
    request = SpeechRequest(
        voice_id=item.voice.id,
        text=text,
        model=model.id,
        person=person(context),
        language=language,
        speed=speed,
    )
    return Line(item, model, request, speaking.plan(model, text or SAMPLE), earlier)


def _show_cost(context: Context, lines: Sequence[Line], text: str) -> None:
    """Length, parts and price before anything is ordered, and what the purse holds."""
    length = f"{len(text):,} characters"
    if text:
        length += f", about {words.seconds(expected_seconds(text))} of speech"
    facts = [length]
    about = "" if all(line.model.documented for line in lines) else "about "
    several = len(lines) > 1
    if not several and len(lines[0].plan.parts) > 1:
        facts.append(f"in {len(lines[0].plan.parts)} parts, split where sentences end")
    if text:
        facts.append(f"{'together ' if several else ''}{about}{_price(lines)}")
    facts += budget.facts(context, *(line.item.voice.service for line in lines))
    wording = [" · ".join(facts)]
    if several and text:
        wording += [
            f"{line.item.voice.name}: {words.count(len(line.plan.parts), 'part')}, {_price([line])}"
            for line in lines
        ]
    st.caption("  \n".join(map(words.plain, wording)))


def _price(lines: Sequence[Line]) -> str:
    return words.total(Sum.of((line.item.voice.service, line.plan.price) for line in lines))


def _offer_earlier(context: Context, lines: Sequence[Line]) -> None:
    """Exactly this was spoken before: nobody has to pay for it again."""
    shown = st.session_state.get(SAID, [])
    for line in lines:
        if line.earlier and line.earlier.id not in shown:
            who = f" from {words.plain(line.item.voice.name)}" if len(lines) > 1 else ""
            st.info(f"You have this take{who} already. Here it is, for nothing.")
            play_take(context, line.earlier, line.item.voice.service)


def _button(context: Context, lines: Sequence[Line], *, least: str, first: bool) -> None:
    """What is not there yet is ordered; where all is there, all of it anew."""
    lacking = [line for line in lines if line.earlier is None]
    wanted = lacking or list(lines)
    parts = sum(len(line.plan.parts) for line in wanted)
    label = "Speak" if lacking else "Speak it anew"
    if parts > len(wanted):
        label += f" in {parts} parts"
    who = words.short(wanted[0].item.voice.name, LONGEST_NAME)
    label += f" with {who if len(wanted) == 1 else words.count(len(wanted), 'voice')}"
    if confirming.paid_button(
        words.plain(f"{label} ({least}{_price(wanted)})"),
        key="speak_go",
        price=Money.total(line.plan.price for line in wanted),
        icon=":material/graphic_eq:",
        what=([line.item.voice.id for line in lines], len(lacking)),
        primary=bool(lacking) and first,
    ):
        _say(context, lines, wanted)


def _say(context: Context, lines: Sequence[Line], wanted: Sequence[Line]) -> None:
    """Commit the orders; the keeper sends them, the page follows them."""
    with confirming.show_refusals():
        jobs = speaking.order_all(context, [line.request for line in wanted])
        found = {line.item.voice.id: line.earlier.id for line in lines if line.earlier}
        found |= {job.voice_id: job.id for job in jobs}
        st.session_state[SAID] = [found[line.item.voice.id] for line in lines]
        st.rerun()
