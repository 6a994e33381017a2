"""Clone a voice, describe one, or adopt one: each way with its cost before and its progress."""

from lib.ui.access.front import enter, may, person, plain_failures

context = enter()

from collections.abc import Callable, Sequence
from typing import NoReturn

import streamlit as st

from lib.models import Job
from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.recordings.quality import Grade
from lib.roles import Permission
from lib.services import DEMO, SERVICES, CloneOffer
from lib.studio.core.drafts import DraftGone
from lib.studio.jobs import overview
from lib.studio.orders import cloning
from lib.ui import words
from lib.ui.adoption import adopting
from lib.ui.clone import (
    batch,
    bringing,
    cards,
    designing,
    examining,
    options,
    ordering,
    recording,
    transcript,
)
from lib.ui.clone.examining import Examined
from lib.ui.shared import confirming, fields, voices
from lib.ui.shared.live import job_progress, reading_the_vault

CONSENT = confirming.Consent(
    form="clone",
    question="Who speaks in this recording?",
    own="I speak in it myself",
    other="Somebody else, who has agreed",
    name="The name of that person",
    agreement="Only one person speaks in this recording. That person agrees that their voice is "
    "cloned, and I may say so.",
)
QUESTION = "clone_question"
"""What was asked first: about which recording and offer, the sentence, how often ordered."""
TYPED = (
    *bringing.TYPED, *transcript.TYPED, "clone_name", "clone_consent", "clone_voice_id",
    "clone_preview_text", "clone_speaker", QUESTION, batch.ORDERED,
)  # fmt: skip
"""All that belongs to one order, and not to the next."""


def draw_form() -> None:
    """All steps on one page, top to bottom; several recordings have a form of their own."""
    brought = bringing.brought(context)
    if ordered := bringing.take_ordered(context, brought):
        show(ordered)
    examined = examining.examine_all(context, brought)
    drafts = [one.draft for one in examined]
    st.subheader("1. Bring a recording", anchor=False)
    bringing.draw_faults()
    if bringing.is_asking(drafts):
        bringing.draw(context, drafts)
    found = [offer for service in context.settings.services for offer in SERVICES[service].clones]
    if not found:
        st.info("No service is connected here. Settings shows what to paste.")
        return
    try:
        if len(examined) > 1:
            batch.draw(context, examined, found)
        else:
            draw_one(examined[0] if examined else None, found)
    except DraftGone as gone:
        st.warning(str(gone))


def draw_one(examined: Examined | None, found: list[CloneOffer]) -> None:
    """The steps for one recording, or for none yet."""
    close_look = st.container()
    if examined:
        with close_look:
            recording.draw_head(examined)
    st.subheader("2. Choose a service", anchor=False)
    verdicts = [examined.verdict(context, offer) for offer in found] if examined else []
    is_readable = examined is not None and examined.recording is not None
    offer = cards.choose(found, verdicts if is_readable else [])  # what is wrong stands above
    quality = None
    if examined:
        with close_look:  # after the cards: what the services say does not wait for this
            quality = recording.draw(context, examined)
    if offer is None:
        return
    verdict = verdicts[found.index(offer)] if examined else None
    if examined and verdict and verdict.fit is Fit.CONVERT:
        made = examining.made_of(context, examined, offer)
        st.caption(f":material/check: {words.plain(made.told)}")
        if not made.is_made:
            verdict = Verdict(Fit.REFUSE, made.told)
    st.subheader("3. Name the voice", anchor=False)
    suggested = examining.suggested_name(examined.draft) if examined else ""
    name = fields.voice_name("clone_name", suggested)
    said = ""
    if offer.takes_transcript:
        said = transcript.draw(context, offer, ordering.part_of(context, examined))
    given = options.draw_options(offer)
    st.subheader("4. Confirm", anchor=False)
    policy, refresh_days, first_use = options.draw_keeping(context, offer)
    agreed, speaker = confirming.ask_consent(context, CONSENT)
    is_silent = quality is not None and quality.grade is Grade.NO_SPEECH
    accepts_silence = is_silent and st.checkbox(
        "Nobody speaks in this recording. Clone it all the same.", key=bringing.SPEECHLESS
    )
    total = clone_price(offer) + first_use
    confirming.show_total(context, offer.service, total)
    about = ordering.about(examined, offer) if examined else None
    another = confirming.asked_first(QUESTION, about)
    for line in verdict.warnings if verdict else ():
        st.warning(line)
    why_not = _why_not(verdict, is_stopped=is_silent and not accepts_silence)
    if why_not:
        st.info(words.plain(why_not), icon=":material/block:")
    demo = offer.service == DEMO
    verb = "Clone it once more" if another else "Clone this voice"
    pressed = confirming.paid_button(
        f"{verb} ({words.price(total, demo=demo)})",
        key="clone_confirm",
        price=total,
        icon=":material/mic:",
        what=(another, about),  # somebody may have brought or cut another one in a second tab
        disabled=bool(why_not),
    )
    if not pressed or examined is None or why_not:
        return

    def order() -> Job:
        request = ordering.request_of(
            context,
            examined,
            offer,
            name=name.strip() or suggested,
            speaker=speaker,
            consent=agreed,
            person=person(context),
            transcript=said,
            keep_policy=policy,
            refresh_days=refresh_days,
            no_speech_accepted=accepts_silence,
            another=another,
            **given,
        )
        job = cloning.clone(context, request)
        bringing.note_ordered(context, [(examined.draft, job.id)])
        return job

    with st.spinner("Storing the recording and reading it back…"):
        confirming.commit(order, QUESTION, about)


def _why_not(verdict: Verdict | None, *, is_stopped: bool) -> str:
    """Why the paid button is off, as a sentence; "" where it is not."""
    if verdict is None:
        return "Bring a recording first: upload one, record one, or give a link."
    if verdict.fit is Fit.REFUSE:
        return verdict.reason
    if is_stopped:
        return "Nobody speaks in this recording. Bring another one, or tick that it is meant."
    return ""


def show(ordered: Sequence[str]) -> NoReturn:
    """The orders that were just made, in place of the form."""
    if len(ordered) == 1:
        st.query_params["job"] = ordered[0]
    else:
        st.session_state[batch.ORDERED] = tuple(ordered)
    st.rerun()


def start_over() -> None:
    """Back to an empty form."""
    st.query_params.pop("job", None)
    for key in (*TYPED, *designing.TYPED):
        st.session_state.pop(key, None)


WAYS: dict[str, tuple[Permission, Callable[[], None]]] = {
    "Clone a recording": (Permission.CLONE, draw_form),
    designing.WAY: (Permission.CLONE, lambda: designing.draw(context)),
    adopting.WAY: (Permission.ADOPT, lambda: adopting.draw(context)),
}
"""All ways to a voice, and what each takes."""


def draw_ways() -> None:
    """The way that is chosen, of those that this person may go."""
    open_ways = {name: draw for name, (takes, draw) in WAYS.items() if may(context, takes)}
    if not open_ways:
        st.info(
            "New voices are made by members. You are a viewer: you can hear voices and download "
            "takes. Ask an admin of your team to make you a member.",
            icon=":material/lock:",
        )
        return
    open_ways[fields.one_of("Way to a voice", list(open_ways), key="clone_way")]()


st.title("Clone a voice", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    current = st.query_params.get("job", "")
    if current and (found := overview.find(context, current)) and found.job:
        bringing.take_ordered(context, bringing.brought(context))
        voice = found.voice
        st.subheader(words.plain(voice.name) if voice else "Your order", anchor=False)
        job_progress(context, found.job.id)
        with st.container(horizontal=True, vertical_alignment="center"):
            if voice and may(context, Permission.SPEAK):
                voices.link(voice, "playground", "Speak with it", ":material/graphic_eq:")
            if voice:
                voices.link(voice, "retention", "See how it is kept", ":material/verified_user:")
            if may(context, Permission.CLONE):
                st.button(
                    "Clone another voice",
                    key="clone_again",
                    icon=":material/add:",
                    on_click=start_over,
                    type="tertiary",
                )
    elif ordered := st.session_state.get(batch.ORDERED):
        batch.draw_ordered(context, ordered)
        st.button(
            "Clone other voices",
            key="clone_again",
            icon=":material/add:",
            on_click=start_over,
            type="tertiary",
        )
    else:
        draw_ways()
