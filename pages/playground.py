"""Playground: a voice says a text; the cost before, the player after, every take kept."""

from lib.ui.front import enter, plain_failures

workshop = enter()

import streamlit as st

from lib.models import Health, Take
from lib.pricing import speech_price
from lib.services import SERVICES, SpeechModel
from lib.studio import library, orders
from lib.studio.library import Entry
from lib.studio.orders import OrderRefused, SpeechRequest
from lib.ui import words
from lib.ui.live import job_progress, person, reading_the_vault
from lib.ui.player import play_take, save_button

JOB = "speak_job"
TAKES = 10
SAMPLE = "Hello. This is my new voice, and I am glad to be here."


def choose_voice(entries: list[Entry]) -> Entry:
    """The voice of the address, or the first one; the choice stays in the address."""
    by_id = {item.voice.id: item for item in entries}
    wanted = st.query_params.get("voice", "")
    if "speak_voice" not in st.session_state and wanted in by_id:
        st.session_state["speak_voice"] = wanted
    if st.session_state.get("speak_voice") not in by_id:
        st.session_state.pop("speak_voice", None)
    chosen = st.selectbox(
        "Voice",
        list(by_id),
        key="speak_voice",
        format_func=lambda voice_id: name_of(by_id[voice_id]),
    )
    if chosen != wanted:
        st.query_params["voice"] = chosen
    return by_id[chosen]


def doubtful_last(item: Entry) -> tuple[bool, float]:
    """The newest voice first; one that may be lost would only disappoint."""
    doubtful = item.standing.health in (Health.PROBABLY_LOST, Health.UNKNOWN)
    return doubtful, -item.voice.created_at.timestamp()


def name_of(item: Entry) -> str:
    demo = ", demo" if item.is_demo else ""
    health = words.HEALTH[item.standing.health].word
    return f"{item.voice.name} ({words.KIND[item.voice.kind]}{demo}, {health.lower()})"


def choose_model(item: Entry) -> SpeechModel | None:
    """A model that this voice can speak with."""
    models = SERVICES[item.voice.service].speech_models(item.voice.kind)
    if not models:
        st.info("No model is known that this voice could speak with here.")
        return None
    by_title = {model.title: model for model in models}
    chosen = st.selectbox("Model", list(by_title), key="speak_model")
    return by_title.get(chosen or "", models[0])


def draw_settings(model: SpeechModel) -> tuple[str, float]:
    """Language and speed, where the model has them."""
    language, speed = "", 1.0
    if model.languages:
        language = st.selectbox("Language", model.languages, key="speak_language") or ""
    if model.max_speed > model.min_speed:
        speed = st.slider(
            "Speed", model.min_speed, model.max_speed, 1.0, 0.05, key="speak_speed", format="%.2f×"
        )
    return ("" if language == "Auto" else language), speed


def say(request: SpeechRequest) -> None:
    """Commit the order; the keeper sends it, the page follows it."""
    try:
        job = orders.speech(workshop, request)
    except OrderRefused as refusal:
        st.error(words.plain(str(refusal)), icon=":material/block:")
    else:
        st.session_state[JOB] = job.id
        st.session_state.pop("speak_again", None)
        st.rerun()


def draw_speaking(item: Entry) -> None:
    """Model, text, cost, the button; an identical earlier take is offered first."""
    left, right = st.columns([2, 1])
    with right:
        model = choose_model(item)
        if model is None:
            return
        language, speed = draw_settings(model)
    with left:
        text = st.text_area(
            "Text",
            value=SAMPLE if item.is_demo else "",
            key="speak_text",
            height=160,
            placeholder=SAMPLE,
            persist_state="session",
        )
        text = (text or "").strip()
        cost = words.price(speech_price(model, text or SAMPLE), demo=item.is_demo)
        about = "" if model.documented else "about "
        length = f"{len(text):,} of {model.max_chars:,} characters"
        if len(text) > model.max_chars:
            st.error(f"{length}. Make it shorter, or speak it in two parts.")
        else:
            st.caption(f"{length} · {about}{cost}".replace("$", r"\$"))
        settings: dict[str, object] = {}
        if language:
            settings["language"] = language
        if speed != 1.0:
            settings["speed"] = speed
        earlier = workshop.registry.takes.same(
            voice_id=item.voice.id, text=text, model=model.id, settings=settings
        )
        if earlier and earlier.id != st.session_state.get(JOB):
            st.info("You have this take already. Here it is, for nothing.")
            play_take(workshop, earlier, item.voice.service)
        label = "Speak it anew" if earlier else "Speak"
        if st.button(
            f"{label} ({cost})",
            key="speak_go",
            type="secondary" if earlier else "primary",
            icon=":material/graphic_eq:",
            disabled=not item.can_speak,
        ):
            say(
                SpeechRequest(
                    voice_id=item.voice.id,
                    text=text,
                    model=model.id,
                    person=person(workshop),
                    language=language,
                    speed=speed,
                )
            )
        if not item.can_speak:
            st.caption("This voice cannot speak now. Retention tells its story.")


def draw_take(take: Take, item: Entry) -> None:
    """One kept take; it plays when somebody wants to hear it."""
    with st.container(border=True, key=f"take_{take.id}"):
        st.markdown(f"**{words.plain(item.voice.name)}**: {words.plain(take.text[:160])}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"{words.until(take.created_at, item.now)} · {words.seconds(take.seconds)}",
                width="stretch",
            )
            extension = take.key.rsplit(".", 1)[-1]
            if st.button("Listen", key=f"listen_{take.id}", icon=":material/play_arrow:"):
                st.session_state["listening"] = take.id
            save_button(
                workshop,
                item.voice.service,
                take.key,
                label="Save",
                file_name=f"{item.voice.name} {take.id[:6]}.{extension}",
                widget_key=f"save_{take.id}",
            )
        if st.session_state.get("listening") == take.id:
            play_take(workshop, take, item.voice.service, autoplay=True)


st.title("Playground", anchor=False)

with plain_failures():
    if reading_the_vault(workshop):
        st.stop()
    everything = library.entries(workshop)
    speaking = sorted((item for item in everything if item.can_speak), key=doubtful_last)
    if not speaking:
        st.info("No voice can speak yet. Clone one first; it takes about a minute.")
        st.page_link("pages/clone.py", label="Clone a voice", icon=":material/mic:")
        st.stop()
    voice = choose_voice(speaking)
    draw_speaking(voice)
    if job_id := st.session_state.get(JOB):
        with st.container(border=True, key="speak_result"):
            job_progress(workshop, job_id)
    takes = workshop.registry.takes.latest(services=workshop.settings.visible, limit=TAKES)
    if takes:
        st.subheader("Takes", anchor=False)
        by_id = {item.voice.id: item for item in everything}
        for kept in takes:
            if kept.voice_id in by_id:
                draw_take(kept, by_id[kept.voice_id])
