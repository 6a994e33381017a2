"""The Playground's upper half: who speaks what, at what price, and the button that orders it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from lib.models import Health, Money, Take
from lib.services import DEMO, KIND_TITLES, SERVICES, SpeechModel
from lib.splitting import expected_seconds
from lib.studio import speaking
from lib.studio.catalogue import speech_models
from lib.studio.library import Entry
from lib.studio.orders import OrderRefused
from lib.studio.speaking import MAX_CHARS, Plan, SpeechRequest
from lib.studio.workshop import Workshop
from lib.ui import confirming, purse, words
from lib.ui.live import person
from lib.ui.player import play_take

SAID = "speak_said"
"""What was ordered last, or taken from earlier: the ids to follow, one for each voice."""
NAMES = "speak_names"
"""What the pickers call each voice while this page is open."""
SHORT_ID = 4
MOST_BESIDE = 2
"""Voices besides the first."""
SAMPLE = "Hello. This is my new voice, and I am glad to be here."
DOUBTFUL = (Health.PROBABLY_LOST, Health.UNKNOWN)

_Group = tuple[str, str]
"""Service and kind: voices of one group choose from the same models."""


@dataclass(frozen=True)
class Line:
    """What one voice would say, with which model, at what price, or has said already."""

    item: Entry
    model: SpeechModel
    settings: dict[str, Any] = field(hash=False)
    plan: Plan
    earlier: Take | None


def able(entries: Sequence[Entry]) -> list[Entry]:
    """Everything that speaks, the newest first; what may be lost would only disappoint."""
    found = [item for item in entries if item.can_speak and not item.is_archived]
    return sorted(
        found,
        key=lambda item: (item.standing.health in DOUBTFUL, -item.voice.created_at.timestamp()),
    )


def choose_voices(items: Sequence[Entry]) -> list[Entry]:
    """One voice, whose id stays in the address, or two or three side by side."""
    by_id = {item.voice.id: item for item in items}
    if "speak_voice" not in st.session_state:  # a fresh visit: no picker holds an older name
        st.session_state.pop(NAMES, None)
    labels = _labels(NAMES, {item.voice.id: name_of(item) for item in items})
    first = _first_voice(by_id, labels)
    beside: list[str] = []
    if len(items) > 1 and st.toggle("Compare voices", key="speak_compare"):
        rest = [voice_id for voice_id in by_id if voice_id != first]
        kept = st.session_state.get("speak_beside", [])
        if any(voice_id == first or voice_id not in by_id for voice_id in kept):
            st.session_state["speak_beside"] = [v for v in kept if v != first and v in by_id]
        beside = st.multiselect(
            "Side by side with",
            rest,
            key="speak_beside",
            max_selections=MOST_BESIDE,
            placeholder="One or two more voices",
            format_func=labels.__getitem__,
        )
    chosen = [by_id[voice_id] for voice_id in (first, *beside)]
    st.caption("  \n".join(map(_state_of, chosen)))
    return chosen


def _first_voice(by_id: dict[str, Entry], labels: dict[str, str]) -> str:
    wanted = st.query_params.get("voice", "")
    if st.session_state.get("speak_voice") not in by_id:
        # Written down, not left to the picker: only so the browser shows what is chosen here.
        st.session_state["speak_voice"] = wanted if wanted in by_id else next(iter(by_id))
    chosen = st.selectbox(
        "Voice",
        list(by_id),
        key="speak_voice",
        format_func=labels.__getitem__,
        help="Type to search by name, kind or service.",
    )
    if chosen != wanted:
        st.query_params["voice"] = chosen
    return chosen


def _labels(key: str, titles: Mapping[str, str], *, short: int = SHORT_ID) -> dict[str, str]:
    """A label for each id, none twice, and the same one as long as they are kept under this key.

    The browser says what was chosen by its label alone: under a new label it would be lost.
    """
    labels: dict[str, str] = st.session_state.setdefault(key, {})
    often, taken = Counter(titles.values()), set(labels.values())
    for name, title in titles.items():
        if name in labels:
            continue
        label = title
        while label in taken or (often[title] > 1 and label == title):
            label += f" · {name[-short:]}"
        labels[name] = label
        taken.add(label)
    return labels


def name_of(item: Entry) -> str:
    """Name, kind and service; what changes by itself has no place in a label."""
    voice = item.voice
    service = SERVICES[voice.service].title if voice.service in SERVICES else voice.service
    return f"{voice.name} ({KIND_TITLES[voice.kind]}, {service})"


def _state_of(item: Entry) -> str:
    """How the voice is doing, under the name it has now."""
    health = words.HEALTH[item.standing.health]
    return f"{health.icon} {words.plain(f'{item.voice.name}: {health.word.lower()}')}"


def draw(workshop: Workshop, chosen: Sequence[Entry], begun: Sequence[tuple[str, str]]) -> None:
    """Text, models, settings, cost, the button. `begun`: voices and texts not spoken whole yet."""
    left, right = st.columns([2, 1])
    with right:
        models = _choose_models(workshop, chosen)
        language, speed = _settings(list(models.values()))
    with left:
        text = _text(is_demo=chosen[0].is_demo)
        lines = [
            _line(workshop, item, models[group], text, language, speed)
            for item in chosen
            if (group := _group(item)) in models
        ]
        if not lines:
            return
        if len(text) > MAX_CHARS:
            st.error(f"{len(text):,} characters. {MAX_CHARS:,} are spoken at a time.")
            return
        _tell_cost(workshop, lines, text)
        _offer_earlier(workshop, lines)
        is_begun = any((line.item.voice.id, text) in begun for line in lines)
        if is_begun:
            st.info("This text is begun already: see below. Missing parts can be sent alone.")
        _button(workshop, lines, text, language, speed, first=not is_begun)


def _group(item: Entry) -> _Group:
    return item.voice.service, item.voice.kind.value


def _choose_models(workshop: Workshop, chosen: Sequence[Entry]) -> dict[_Group, SpeechModel]:
    """A model for each kind of voice: each speaks with one of its own."""
    groups = list(dict.fromkeys(map(_group, chosen)))
    several_services = len({service for service, _ in groups}) > 1
    found: dict[_Group, SpeechModel] = {}
    for number, (service, kind) in enumerate(groups):
        models = {model.id: model for model in speech_models(workshop, service, kind)}
        title = next(KIND_TITLES[i.voice.kind] for i in chosen if _group(i) == (service, kind))
        if several_services:
            title = f"{title}, {SERVICES[service].title}"
        if not models:
            st.info(f"No model is known that a {title} voice could speak with here.")
            continue
        key = f"speak_model_{service}_{kind}" if number else "speak_model"
        if st.session_state.get(key) not in models:
            st.session_state[key] = next(iter(models))
        titles = {name: model.title for name, model in models.items()}
        longest = max(map(len, models))
        picked = st.selectbox(
            f"Model ({title})" if len(groups) > 1 else "Model",
            list(models),
            key=key,
            format_func=_labels(
                f"speak_titles_{service}_{kind}", titles, short=longest
            ).__getitem__,
        )
        found[service, kind] = models[picked]
    return found


def _settings(models: Sequence[SpeechModel]) -> tuple[str, float]:
    """Language and speed, where one of the models has them."""
    language, speed = "", 1.0
    languages = next((model.languages for model in models if model.languages), ())
    if languages:
        only = " (Qwen voices)" if len(models) > 1 else ""
        language = st.selectbox(f"Language{only}", languages, key="speak_language")
    ranges = [(m.min_speed, m.max_speed) for m in models if m.max_speed > m.min_speed]
    if ranges:
        slowest, fastest = max(low for low, _ in ranges), min(high for _, high in ranges)
        speed = st.slider("Speed", slowest, fastest, 1.0, 0.05, key="speak_speed", format="%.2f×")
        if len(ranges) < len(models):
            st.caption("Speed is for the models that have it.")
    return ("" if language == "Auto" else language), speed


def _text(*, is_demo: bool) -> str:
    text = st.text_area(
        "Text",
        value=SAMPLE if is_demo else "",
        key="speak_text",
        height=200,
        placeholder=SAMPLE,
        persist_state="session",
        help="A long text is split where sentences end, spoken in parts and put together.",
    )
    return speaking.cleaned(text or "")


def _line(
    workshop: Workshop, item: Entry, model: SpeechModel, text: str, language: str, speed: float
) -> Line:
    settings = speaking.settings_of(model, language, speed)
    earlier = workshop.registry.takes.same(
        voice_id=item.voice.id, text=text, model=model.id, settings=settings
    )
    return Line(item, model, settings, speaking.plan(model, text or SAMPLE), earlier)


def _tell_cost(workshop: Workshop, lines: Sequence[Line], text: str) -> None:
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
    for service in dict.fromkeys(line.item.voice.service for line in lines):
        if service != DEMO:
            facts += [fact for fact in purse.facts(workshop, service) if fact not in facts]
    told = [" · ".join(facts)]
    if several and text:
        told += [
            f"{line.item.voice.name}: {words.count(len(line.plan.parts), 'part')}, {_price([line])}"
            for line in lines
        ]
    st.caption("  \n".join(map(words.plain, told)))


def _price(lines: Sequence[Line]) -> str:
    live = Money.total(line.plan.price for line in lines if not line.item.is_demo)
    play = Money.total(line.plan.price for line in lines if line.item.is_demo)
    return words.total(live, play)


def _offer_earlier(workshop: Workshop, lines: Sequence[Line]) -> None:
    """Exactly this was spoken before: nobody has to pay for it again."""
    shown = st.session_state.get(SAID, [])
    for line in lines:
        if line.earlier and line.earlier.id not in shown:
            who = f" from {words.plain(line.item.voice.name)}" if len(lines) > 1 else ""
            st.info(f"You have this take{who} already. Here it is, for nothing.")
            play_take(workshop, line.earlier, line.item.voice.service)


def _button(
    workshop: Workshop,
    lines: Sequence[Line],
    text: str,
    language: str,
    speed: float,
    *,
    first: bool,
) -> None:
    """What is not there yet is ordered; where all is there, all of it anew."""
    lacking = [line for line in lines if line.earlier is None]
    wanted = lacking or list(lines)
    parts = sum(len(line.plan.parts) for line in wanted)
    label = "Speak" if lacking else "Speak it anew"
    if parts > len(wanted):
        label += f" in {parts} parts"
    who = wanted[0].item.voice.name
    label += f" with {who if len(wanted) == 1 else words.count(len(wanted), 'voice')}"
    least = "" if text else "from "
    if confirming.paid_button(
        words.plain(f"{label} ({least}{_price(wanted)})"),
        key="speak_go",
        price=Money.total(line.plan.price for line in wanted),
        icon=":material/graphic_eq:",
        what=([line.item.voice.id for line in lines], len(lacking)),
        primary=bool(lacking) and first,
    ):
        _say(workshop, lines, wanted, text, language, speed)


def _say(
    workshop: Workshop,
    lines: Sequence[Line],
    wanted: Sequence[Line],
    text: str,
    language: str,
    speed: float,
) -> None:
    """Commit the orders; the keeper sends them, the page follows them."""
    requests = [
        SpeechRequest(
            voice_id=line.item.voice.id,
            text=text,
            model=line.model.id,
            person=person(workshop),
            language=language,
            speed=speed,
        )
        for line in wanted
    ]
    try:
        jobs = speaking.order_all(workshop, requests)
    except OrderRefused as refusal:
        st.error(words.plain(str(refusal)), icon=":material/block:")
        return
    ordered = {line.item.voice.id: job.id for line, job in zip(wanted, jobs, strict=True)}
    earlier = {line.item.voice.id: line.earlier.id for line in lines if line.earlier}
    found = earlier | ordered
    st.session_state[SAID] = [found[line.item.voice.id] for line in lines]
    st.rerun()
