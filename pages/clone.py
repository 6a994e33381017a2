"""Clone a voice, describe one, or adopt one: each way with its cost before and its progress."""

from lib.ui.access.front import enter, may, person, plain_failures, seen

context = enter()

from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

import streamlit as st

from lib import units
from lib.models import Job
from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.recordings.quality import Grade
from lib.recordings.reasons import Reason, Why
from lib.recordings.wording import reason_words
from lib.roles import Permission
from lib.services import DEMO, SERVICES, CloneOffer
from lib.studio.core.drafts import Draft, DraftGone
from lib.studio.core.people import recorded_as
from lib.studio.jobs import overview
from lib.studio.library import listing
from lib.studio.orders import cloning
from lib.studio.orders.confirming import why_none
from lib.ui import words
from lib.ui.adoption import adopting
from lib.ui.clone import (
    batch,
    bringing,
    cards,
    designing,
    examining,
    options,
    ordered,
    ordering,
    reasons,
    recording,
    transcript,
)
from lib.ui.clone.examining import Examined
from lib.ui.shared import accounts, confirming, consenting, fields, voices
from lib.ui.shared.live import MAKING, job_progress, reading_the_vault

QUESTION = "clone_question"
"""What was asked first: about which recording and offer, the sentence, how often ordered."""
TYPED = (
    *bringing.TYPED, *transcript.TYPED, "clone_name", "clone_voice_id", "clone_preview_text",
    QUESTION, batch.ORDERED,
)  # fmt: skip
"""All that belongs to one order, and not to the next."""


def draw_form() -> None:
    """All steps on one page, top to bottom; several recordings have a form of their own."""
    brought = bringing.brought(context)
    if job_ids := take_ordered(brought):
        show(job_ids)
    examined = examining.examine_all(context, brought)
    drafts = [one.draft for one in examined]
    st.subheader("1. Add a recording", anchor=False)
    bringing.draw_faults()
    if bringing.is_asking(drafts):
        bringing.draw(context, drafts)
    found = [offer for service in context.settings.services for offer in SERVICES[service].clones]
    if not found:
        st.info("No service is connected. Settings shows what to paste.")
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
    told = map(cards.told_of, verdicts if is_readable else ())  # what is wrong stands above
    offer = cards.choose(found, list(told))
    quality = None
    if examined:
        with close_look:  # after the cards: what the services say does not wait for this
            quality = recording.draw(context, examined)
    verdict = verdicts[found.index(offer)] if examined else None
    if examined and verdict and verdict.fit is Fit.CONVERT:
        made = examining.made_of(context, examined, offer)
        st.caption(f":material/check: {words.plain(made.told)}")
        if not made.is_made:
            verdict = Verdict(Fit.REFUSE, Why(Reason.SAID, said=made.told))
    st.subheader("3. Name the voice", anchor=False)
    naming_part = st.container()
    said = ""
    if offer.takes_transcript:
        said = transcript.draw(context, offer, ordering.part_of(context, examined))
    given = options.draw_options(offer)
    st.subheader("4. Confirm", anchor=False)
    policy, refresh_days, first_use = options.draw_keeping(context, offer)
    agreement = consenting.ask(context, bringing.CONSENT, offer.service)
    with naming_part:  # after the consent: who speaks may be what it is called
        name = draw_name(examined, agreement.speaker)
    is_silent = quality is not None and quality.grade is Grade.NO_SPEECH
    accepts_silence = is_silent and st.checkbox(
        "Nobody speaks in this recording. Clone it anyway.",
        key=bringing.SPEECHLESS,
        persist_state="session",
    )
    total = clone_price(offer) + first_use
    confirming.show_total(context, offer.service, total)
    about = ordering.about(examined, offer) if examined else None
    another = confirming.asked_first(QUESTION, about)
    for why in verdict.warnings if verdict else ():
        st.warning(reason_words(why))
    obstacle = reasons.first(
        reasons.Form(
            verdict,
            is_silent=is_silent and not accepts_silence,
            not_now=why_none(context, offer.service, total, recorded_as(seen(context))),
            name=name,
            id_fault=options.id_fault(given, offer),
            agreement=agreement,
        )
    )
    demo = offer.service == DEMO
    verb = "Clone it again" if another else "Clone this voice"
    pressed = confirming.paid_button(
        f"{verb} ({words.price(total, demo=demo)})",
        key="clone_confirm",
        price=total,
        icon=":material/mic:",
        what=(another, about),  # somebody may have brought or cut another one in a second tab
        why_not=reasons.sentence(obstacle),
    )
    if not pressed or examined is None:
        return

    def order() -> Job:
        request = ordering.request_of(
            context,
            examined,
            offer,
            name=name.strip(),
            speaker=agreement.speaker,
            consent=agreement.is_given,
            terms=agreement.terms,
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

    with st.spinner("Storing and checking the recording…"):
        confirming.commit(order, QUESTION, about)


def draw_name(examined: Examined | None, speaker: str) -> str:
    """What the voice is to be called; a name that says something stands there at first."""
    suggested = ""
    if examined:
        suggested = examining.suggested_name(examined.draft, speaker, listing.names(context))
    return fields.voice_name("clone_name", suggested)


def take_ordered(brought: Sequence[Draft]) -> tuple[str, ...]:
    """The orders of these that were not shown yet; what was filled in for them is forgotten."""
    job_ids = bringing.take_ordered(context, brought)
    if job_ids:
        forget(TYPED)
    return job_ids


def forget(keys: Iterable[str]) -> None:
    """Nothing is filled in here any more."""
    for key in keys:
        st.session_state.pop(key, None)


def show(job_ids: Sequence[str]) -> NoReturn:
    """The orders that were just made, in place of the form."""
    if len(job_ids) == 1:
        st.query_params["job"] = job_ids[0]
    else:
        st.session_state[batch.ORDERED] = tuple(job_ids)
    st.rerun()


def start_over() -> None:
    """Back to an empty form."""
    st.query_params.pop("job", None)
    forget((*TYPED, *designing.TYPED))


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
            "Only members can make new voices. You are a viewer: you can hear voices and download "
            "takes. Ask an admin of your team to make you a member.",
            icon=":material/lock:",
        )
        return
    accounts.warn_of_refused_keys(context)
    open_ways[fields.one_of("How to get a voice", list(open_ways), key="clone_way")]()


st.title("Clone a voice", anchor=False)

with plain_failures():
    if reading_the_vault(context):
        st.stop()
    current = st.query_params.get("job", "")
    if current and (found := overview.find(context, current)) and found.job:
        take_ordered(bringing.brought(context))
        voice = found.voice
        st.subheader(words.plain(voice.name) if voice else "Your order", anchor=False)
        if found.job.kind in MAKING:
            ordered.draw(context, [found.job.id], is_alone=True)
        else:
            job_progress(context, found.job.id)
        with st.container(horizontal=True, vertical_alignment="center"):
            if voice and may(context, Permission.SPEAK):
                voices.link(voice, "playground", "Generate speech", ":material/graphic_eq:")
            if voice:
                voices.link(voice, "voice", "Open its page", ":material/arrow_forward:")
            if may(context, Permission.CLONE):
                st.button(
                    "Clone another voice",
                    key="clone_again",
                    icon=":material/add:",
                    on_click=start_over,
                    type="tertiary",
                )
    elif several := st.session_state.get(batch.ORDERED):
        st.subheader(f"{units.count(len(several), 'voice')} ordered", anchor=False)
        ordered.draw(context, several)
        st.button(
            "Clone other voices",
            key="clone_again",
            icon=":material/add:",
            on_click=start_over,
            type="tertiary",
        )
    else:
        draw_ways()
