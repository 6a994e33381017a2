"""Who speaks what, at what price, and the button that orders it: the Playground's form, and with
fewer choices that of a voice's own page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import units
from lib.json_reading import number_of, text_of
from lib.markup import said_aloud
from lib.models import LongText, Money, Take, TextState, Voice, VoiceKind
from lib.services import DEMO, KIND_TITLES, SERVICES, SpeechModel
from lib.splitting import expected_seconds
from lib.studio.core import accounts, catalogue
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
from lib.ui.shared import budget, confirming, fields, voices
from lib.ui.shared.bring_up import bring_up
from lib.ui.shared.player import play_take

SAID = "speak_said"
"""What was ordered last, or taken from earlier: the ids to follow, one for each voice."""
_WRITTEN = "speak_written"
_FILLED_IN = "speak_filled_in"
"""Set by a button far below the form, until the form is drawn."""
LONGEST_NAME = 25
"""Characters of a name on a button, so that its price can be seen on a phone as well."""
COST_WIDTH = 340
"""Pixels: beside the options on a laptop, beneath them on a phone."""
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


@dataclass(frozen=True)
class _Offer:
    """What voices of one group can speak with; `key` and `label` of the field that chooses."""

    group: _Group
    key: str
    label: str
    models: dict[str, SpeechModel]

    @property
    def chosen(self) -> SpeechModel:
        return self.models[st.session_state[self.key]]


@dataclass(frozen=True)
class _Settings:
    """Language and speed, where one of the models has them, and what is chosen in this session.

    `languages_of`: which voices the languages are for, `speeds_for_all`: whether all have speeds.
    """

    languages: Sequence[str]
    languages_of: str
    speeds: tuple[float, float] | None
    speeds_for_all: bool

    @classmethod
    def of(cls, models: Sequence[SpeechModel]) -> _Settings:
        languages = next((model.languages for model in models if model.languages), ())
        having = [kind for model in models if model.languages for kind in model.kinds]
        titles = " and ".join(dict.fromkeys(KIND_TITLES[kind] for kind in having))
        only = "" if all(model.languages for model in models) else f" ({titles} voices)"
        if languages and st.session_state.get("speak_language", languages[0]) not in languages:
            del st.session_state["speak_language"]
        ranges = [(m.min_speed, m.max_speed) for m in models if m.max_speed > m.min_speed]
        speeds = (
            (max(low for low, _ in ranges), min(high for _, high in ranges)) if ranges else None
        )
        # Another model may have allowed more, and the slider would refuse what it cannot show.
        if speeds and not speeds[0] <= st.session_state.get("speak_speed", 1.0) <= speeds[1]:
            del st.session_state["speak_speed"]
        return cls(languages, only, speeds, len(ranges) == len(models))

    @property
    def language(self) -> str:
        return str(st.session_state.get("speak_language", self.languages[0]))

    @property
    def speed(self) -> float:
        return float(st.session_state.get("speak_speed", 1.0))

    def choose(self) -> tuple[str, float]:
        """Draw the fields; "" and 1 for what no model has."""
        language, speed = "", 1.0
        if self.languages:
            language = st.selectbox(
                f"Language{self.languages_of}",
                self.languages,
                key="speak_language",
                persist_state="session",
            )
        if self.speeds:
            speed = st.slider(
                "Speed", *self.speeds, 1.0, 0.05, key="speak_speed", format="%.2f×",
                persist_state="session",
            )  # fmt: skip
            if not self.speeds_for_all:
                st.caption("Only some models support speed.")
        return ("" if language == "Auto" else language), speed


def draw(context: Context, chosen: Sequence[Entry], begun: Sequence[LongText]) -> None:
    """Text, models, settings, cost, the button. `begun`: long texts that are not joined yet."""
    text = _text(is_demo=chosen[0].is_demo, height=120)
    if st.session_state.pop(_FILLED_IN, False):
        bring_up("speak_text")
    _warn_of_markup(text, chosen)
    offers = _offers(context, chosen)
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        models, language, speed = _choose(offers)
    lines = [
        _line(context, item, models[group], text, language, speed)
        for item in chosen
        if (group := _group(item)) in models
    ]
    cost = row.container(width=COST_WIDTH) if len(lines) == 1 else st.container()
    with row:
        _offer_transcript(chosen, text)
    _offer(context, lines, text, begun, said=SAID, cost=cost)


def draw_brief(context: Context, item: Entry) -> str:
    """The form of one voice, with the usual model and its own language in place of choices.

    Returns where the session keeps what was ordered here last, as `SAID` does for the Playground.
    """
    said = f"{SAID}_{item.voice.id}"
    text = _text(is_demo=item.is_demo, height=100)
    _warn_of_markup(text, [item])
    voice = item.voice
    if model := catalogue.usual_model(context, voice.service, voice.kind):
        line = _line(context, item, model, text, speaking.language_of(voice, model), 1.0)
        _offer(context, [line], text, (), said=said, cost=st.container(), brief=True)
    return said


def _offer(
    context: Context,
    lines: Sequence[Line],
    text: str,
    begun: Sequence[LongText],
    *,
    said: str,
    cost: DeltaGenerator,
    brief: bool = False,
) -> None:
    """What these lines cost (at the place `cost`), and the button that orders them, where nothing
    stands against it.
    """
    if not lines or _is_refused(context, lines):
        return
    if len(text) > MAX_CHARS:
        st.error(f"{len(text):,} characters. The limit is {MAX_CHARS:,} at a time.")
        return
    with cost:
        _show_cost(context, lines, text, with_model=brief)
    show_allowed_use(line.item.voice for line in lines)
    _offer_earlier(context, lines, said=said)
    first = not _show_begun(lines, text, begun)
    if brief:  # the page of a voice has one first thing to do
        first = not voices.is_to_be_kept(lines[0].item)
    with st.container(horizontal=True, vertical_alignment="center"):
        least = "" if text else "from "
        _button(context, lines, said=said, least=least, first=first, named=not brief)
        if brief:
            voice = lines[0].item.voice
            voices.link(voice, "playground", "More options in the Playground", ":material/tune:")


def show_allowed_use(voices_used: Iterable[Voice]) -> None:
    """What those who speak agreed to, where that has a limit."""
    given = (voice.consent for voice in voices_used)
    for consent in dict.fromkeys(consent for consent in given if consent and consent.use):
        wording = words.plain(f"{consent.speaker} agreed to: {consent.use}")
        st.caption(f":material/how_to_reg: {wording}")


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
    ids = {line.item.voice.id for line in lines}
    twins = [twin for twin in begun if twin.voice_id in ids and twin.text == text]
    if any(twin.state is TextState.FAILED for twin in twins):
        st.info("This text is already in progress below. You can send its missing parts alone.")
    elif twins:
        st.caption("This text is already in progress below.")
    return bool(twins)


def _group(item: Entry) -> _Group:
    return item.voice.service, item.voice.kind


def _offers(context: Context, chosen: Sequence[Entry]) -> list[_Offer]:
    """What each kind of voice can speak with, and which of it is chosen in this session."""
    groups = list(dict.fromkeys(map(_group, chosen)))
    several_services = len({service for service, _ in groups}) > 1
    found = []
    for number, (service, kind) in enumerate(groups):
        models = {model.id: model for model in speech_models(context, service, kind)}
        title = KIND_TITLES[kind]
        if several_services:
            title = f"{title}, {SERVICES[service].title}"
        if not models:
            st.info(f"No model here works with {title} voices.")
            continue
        key = f"speak_model_{service}_{kind}" if number else "speak_model"
        # What was chosen for another voice, or is not sold any more, is no option of this field.
        if st.session_state.get(key) not in models:
            st.session_state[key] = next(iter(models))
        label = f"Model ({title})" if len(groups) > 1 else "Model"
        found.append(_Offer((service, kind), key, label, models))
    return found


def _choose(offers: Sequence[_Offer]) -> tuple[dict[_Group, SpeechModel], str, float]:
    """A model for each kind of voice, language and speed: behind one button that tells them."""
    if not offers:
        return {}, "", 1.0
    settings = _Settings.of([offer.chosen for offer in offers])
    names = [offer.chosen.title for offer in offers]
    facts = [*names[:1], f"{len(names) - 1} more"] if len(names) > 1 else names
    facts += [settings.language] if settings.languages else []
    facts += [f"{settings.speed:.2f}×"] if settings.speeds else []
    with st.popover(words.plain(" · ".join(facts)), icon=":material/tune:", key="speak_options"):
        for offer in offers:
            _choose_model(offer)
        language, speed = settings.choose()
    return {offer.group: offer.chosen for offer in offers}, language, speed


def _choose_model(offer: _Offer) -> None:
    service, kind = offer.group
    titles = {name: model.title for name, model in offer.models.items()}
    longest = max(map(len, offer.models))
    st.selectbox(
        offer.label,
        list(offer.models),
        key=offer.key,
        format_func=fields.labels(
            f"speak_titles_{service}_{kind}", titles, short=longest
        ).__getitem__,
        persist_state="session",
    )
    st.caption(words.plain(_terms_of(offer.chosen, demo=service == DEMO)))


def _terms_of(model: SpeechModel, *, demo: bool) -> str:
    """What this model costs, before there is a text."""
    about = "" if model.documented else "About "
    play = " play money" if demo else ""
    price = Money.usd(model.per_1000_chars).exact
    return f"{about}{price}{play} per 1,000 characters."


def _text(*, is_demo: bool, height: int) -> str:
    text = fields.lines(
        "Text",
        value=SAMPLE if is_demo else "",
        key="speak_text",
        height=height,
        placeholder=SAMPLE,
        on_change=_written,
        help="Long texts are split between sentences, generated in parts, and joined.",
    )
    return several_lines(text)


def _warn_of_markup(text: str, chosen: Sequence[Entry]) -> None:
    """Signs in the text that one of these voices would say, where the writer means something."""
    for kind in dict.fromkeys(item.voice.kind for item in chosen):
        if wording := markup_words(text, kind):
            st.warning(wording, icon=":material/record_voice_over:")


def markup_words(text: str, kind: VoiceKind) -> str:
    """That a voice of this kind would say signs of a text aloud, as Markdown; "" for none."""
    signs = said_aloud(text, kind)
    if not signs:
        return ""
    return (
        f"{KIND_TITLES[kind]} voices would read these aloud: "
        f"{words.plain(', '.join(signs))}. Remove them, or write what you want to hear."
    )


def _offer_transcript(chosen: Sequence[Entry], text: str) -> None:
    """A first text: what is said in the recording of a voice, word for word."""
    found = next((item.voice for item in chosen if item.voice.transcript), None)
    is_written = bool(text) and st.session_state.get(_WRITTEN, False)
    if found is None or is_written:
        return
    whose = "its recording" if len(chosen) == 1 else f"{words.plain(found.name)}’s recording"
    st.button(
        f"Use the text of {whose}",
        key="speak_transcript",
        icon=":material/notes:",
        type="tertiary",
        on_click=_fill_in,
        args=(found.transcript,),
    )


def fill_in_again(take: Take) -> None:
    """The form as it was for this take, so that somebody changes what they want changed. What is
    not there any more is left at what is usual. Before the page is drawn.
    """
    _fill_in(take.text)
    st.session_state["speak_voice"] = take.voice_id
    st.session_state["speak_model"] = take.model
    st.session_state["speak_language"] = text_of(take.settings.get("language")) or "Auto"
    st.session_state["speak_speed"] = number_of(take.settings.get("speed"), 1.0)
    st.session_state["speak_compare"] = False
    st.session_state[_FILLED_IN] = True


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


def _show_cost(
    context: Context, lines: Sequence[Line], text: str, *, with_model: bool = False
) -> None:
    """Length, parts and price before anything is ordered, and what the purse holds.

    `with_model`: and the model, where nobody chose it.
    """
    length = f"{len(text):,} characters"
    if text:
        length += f", about {units.seconds(expected_seconds(text))} of speech"
    facts = [lines[0].model.title, length] if with_model else [length]
    about = "" if all(line.model.documented for line in lines) else "about "
    several = len(lines) > 1
    if not several and len(lines[0].plan.parts) > 1:
        facts.append(f"in {len(lines[0].plan.parts)} parts, split between sentences")
    if text:
        facts.append(f"{'together ' if several else ''}{about}{_price(lines)}")
    facts += budget.facts(context, *(line.item.voice.service for line in lines))
    wording = [" · ".join(facts)]
    if several and text:
        wording += [
            f"{line.item.voice.name}: {units.count(len(line.plan.parts), 'part')}, {_price([line])}"
            for line in lines
        ]
    st.caption("  \n".join(map(words.plain, wording)))


def _price(lines: Sequence[Line]) -> str:
    return words.total(Sum.of((line.item.voice.service, line.plan.price) for line in lines))


def _offer_earlier(context: Context, lines: Sequence[Line], *, said: str) -> None:
    """Exactly this was spoken before: nobody has to pay for it again."""
    shown = st.session_state.get(said, [])
    for line in lines:
        if line.earlier and line.earlier.id not in shown:
            who = f" from {words.plain(line.item.voice.name)}" if len(lines) > 1 else ""
            st.info(f"You already have this take{who}. Here it is, at no cost.")
            play_take(context, line.earlier, line.item.voice.service)


def _button(
    context: Context,
    lines: Sequence[Line],
    *,
    said: str,
    least: str,
    first: bool,
    named: bool,
) -> None:
    """What is not there yet is ordered; where all is there, all of it anew. `named`: it says whose
    voice speaks.
    """
    lacking = [line for line in lines if line.earlier is None]
    wanted = lacking or list(lines)
    parts = sum(len(line.plan.parts) for line in wanted)
    label = "Generate" if lacking else "Generate again"
    if parts > len(wanted):
        label += f" in {parts} parts"
    if named:
        who = words.short(wanted[0].item.voice.name, LONGEST_NAME)
        label += f" with {who if len(wanted) == 1 else units.count(len(wanted), 'voice')}"
    if confirming.paid_button(
        words.plain(f"{label} ({least}{_price(wanted)})"),
        key="speak_go",
        price=Money.total(line.plan.price for line in wanted),
        icon=":material/graphic_eq:",
        what=([line.item.voice.id for line in lines], len(lacking)),
        primary=bool(lacking) and first,
    ):
        _say(context, lines, wanted, said=said)


def _say(context: Context, lines: Sequence[Line], wanted: Sequence[Line], *, said: str) -> None:
    """Commit the orders; the keeper sends them, the page follows them."""
    with confirming.show_refusals():
        jobs = speaking.order_all(context, [line.request for line in wanted])
        found = {line.item.voice.id: line.earlier.id for line in lines if line.earlier}
        found |= {job.voice_id: job.id for job in jobs}
        st.session_state[said] = [found[line.item.voice.id] for line in lines]
        st.rerun()
