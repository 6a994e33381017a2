"""A voice on screen: its card with buttons, its tile in the library, what happens to it next."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from lib.clock import span
from lib.models import Health, Source, Voice
from lib.retention import StepKind
from lib.roles import Permission
from lib.services import COPY, KIND_TITLES, USE
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.orders import activation
from lib.ui import words
from lib.ui.access.front import may, page_file, person
from lib.ui.shared import listening
from lib.ui.shared.confirming import answer, show_refusals

AMBER_AFTER = timedelta(hours=12)
RED_AFTER = timedelta(hours=24)


def last_pass(context: Context, passed_at: datetime | None) -> None:
    """When the keeper last looked; amber after 12 hours, red after 24."""
    now = context.clock.now()
    if passed_at is None:
        st.markdown(":gray-badge[:material/schedule: First check is under way]")
        return
    age = now - passed_at
    colour = "green" if age < AMBER_AFTER else "orange" if age < RED_AFTER else "red"
    when = "just now" if age < timedelta(minutes=1) else f"{span(age)} ago"
    st.markdown(f":{colour}-badge[:material/history: Last check {when}]")


def matches(item: Entry, search: str) -> bool:
    """Whether all words of the search occur in what a person may remember of a voice."""
    voice = item.voice
    wording = " ".join(
        (voice.name, voice.description, *voice.tags, voice.owner, voice.kind)
    ).lower()
    return all(word in wording for word in search.lower().split())


def deadline_words(item: Entry) -> str:
    """The deadline in the viewer's zone and as a length of time, or why there is none."""
    deadline = item.standing.deadline
    if deadline is None:
        return item.standing.why
    verb = "Expired" if deadline < item.now else "Expires"
    return f"{verb} {moment_words(deadline, item.now)}."


def moment_words(at: datetime, now: datetime) -> str:
    """A moment in the viewer's zone and as a length of time: "Sat 21 Nov, 14:05 (in 2 d 4 h)"."""
    return f"{words.local(at, st.context.timezone)} ({words.until(at, now)})"


def next_words(item: Entry) -> str:
    """What will happen by itself, and when."""
    step = item.step
    if item.is_archived:
        return archive_words(item)
    if step.kind is StepKind.NOTHING or step.at is None:
        return step.why
    actions = {
        StepKind.ACTIVATE: "It is used once by itself",
        StepKind.REFRESH: "It is used again by itself, to see that it still speaks,",
        StepKind.MIRROR: "Its files are copied by themselves",
        StepKind.MOVE: "Its files are copied to the new storage by themselves",
        StepKind.VERIFY: "Its copies are read again",
        StepKind.WAIT: "It is tried again by itself",
    }
    when = "now" if step.at <= item.now else words.until(step.at, item.now)
    why = f" Held up: {step.why}" if step.blocked and step.why else ""
    return f"{actions.get(step.kind, '')} {when}.{why}"


def archive_words(item: Entry) -> str:
    """What becomes of a voice that is not kept any more."""
    health, deadline = item.standing.health, item.standing.deadline
    if health in (Health.LOST, Health.PROBABLY_LOST):
        return "What is left of it stays in your storage."
    if deadline and item.rule.stopped_by == USE:
        return f"Nothing keeps it: it will be deleted on {moment_words(deadline, item.now)}."
    if item.rule.stopped_by == COPY:
        if health is Health.SAFE or not deadline:
            return "Its copy stays in your storage."
        when = words.local(deadline, st.context.timezone)
        return f"No copy of its file is made: the service may remove it from {when} on."
    return "It is not looked after any more. Its files stay in your storage."


def card(context: Context, item: Entry, *, place: str) -> None:
    """Draw one voice with its state, its deadline and its buttons.

    `place` begins the key of the card: the same voice may stand in two places of a page.
    """
    voice = item.voice
    with st.container(border=True, key=f"{place}_{voice.id}"):
        able = may(context, Permission.KEEP)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.plain(voice.name.strip())}** {_badges(item)}", width="stretch")
            if able:
                buttons(context, item)
        st.caption(words.plain(f"{deadline_words(item)} {next_words(item)}".strip()))
        if able and st.session_state.get(_asked(voice)):
            _ask_for_a_try(context, item)
        listening.ask(context, item)


def tile(context: Context, item: Entry) -> None:
    """One voice in the library: who it is, how it stands, and a way to hear it."""
    voice = item.voice
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{words.plain(voice.name.strip())}**")
        st.markdown(_badges(item))
        if voice.description:
            st.caption(words.plain(voice.description[:140]))
        with st.container(horizontal=True):
            if item.can_speak and may(context, Permission.SPEAK):
                link(voice, "playground", "Speak", ":material/graphic_eq:")
            link(voice, "retention", "Details", ":material/info:")


def link(voice: Voice, page: str, label: str, icon: str) -> None:
    """The way to this voice on another page; `page` is that page's name."""
    st.page_link(page_file(page), label=label, icon=icon, query_params={"voice": voice.id})


def buttons(context: Context, item: Entry) -> None:
    """Draw what can be done for a voice right now, each with its price, if anything."""
    voice = item.voice
    if item.standing.health is Health.BEING_MADE or item.is_archived:
        return
    if item.rule.stopped_by == USE and item.standing.health not in (Health.SAFE, Health.LOST):
        _keep_button(context, item)
    if item.rule.stopped_by == COPY:
        safe = item.standing.health is Health.SAFE
        label = "Check the copy" if safe else "Back up now"
        icon = ":material/rule:" if safe else ":material/backup:"
        if (safe or voice.embedding_url) and st.button(label, key=f"mirror_{voice.id}", icon=icon):
            activation.ask_for_files(context, voice.id, person(context))
            st.toast("This is done now, in the background.", icon=icon)


def _keep_button(context: Context, item: Entry) -> None:
    voice = item.voice
    if item.unheard or not item.use_price.micros:
        return  # a person's ear comes first; and without a model there is no use
    price = words.price(item.use_price, demo=item.is_demo)
    busy = any(job.is_open for job in item.dossier.activations)
    late = item.standing.health is Health.PROBABLY_LOST
    adopted = voice.source is Source.ADOPTED
    action = "Make a test call" if adopted else "Keep"
    label = f"Try it once ({price})" if late else f"{action} ({price})"
    being = "Held up" if item.step.blocked else "Being kept…"
    pressed = st.button(
        being if busy else label,
        key=f"activate_{voice.id}",
        icon=":material/record_voice_over:" if late else ":material/favorite:",
        type="primary" if not busy else "secondary",
        disabled=busy,
        help="Speaks one short sentence with it. " + _then(adopted=adopted, late=late),
    )
    if pressed and late:
        st.session_state[_asked(voice)] = True
        st.rerun()
    elif pressed:
        _order_use(context, item)


def _then(*, adopted: bool, late: bool) -> str:
    """What comes of one use."""
    if adopted:
        return "You listen to it and say whether it is the voice; then it is kept."
    return "If it still speaks, it is kept." if late else "That real use keeps it."


def _ask_for_a_try(context: Context, item: Entry) -> None:
    """A test call for a voice that is probably lost costs money, and is asked about first."""
    voice = item.voice
    if item.standing.health is not Health.PROBABLY_LOST or item.is_in_progress:
        del st.session_state[_asked(voice)]
        return
    price = words.price(item.use_price, demo=item.is_demo)
    st.markdown(
        words.plain(
            f"The time of this voice is over, and it was probably deleted. One short sentence is "
            f"spoken with it, for {price}. {_after_a_try(item)}"
        )
    )
    keys = f"activate_sure_{voice.id}", f"activate_leave_{voice.id}"
    if answer(_asked(voice), "Try it now", "Leave it", keys=keys):
        _order_use(context, item)


def _after_a_try(item: Entry) -> str:
    """What comes of a test call of a voice that is probably lost."""
    if item.voice.source is Source.ADOPTED:
        return "If something speaks, you listen and say whether it is this voice; then it is kept."
    return (
        "If it speaks, it is kept from now on. If the service says that it is not there, its "
        "recording stays here to clone it again."
    )


def _order_use(context: Context, item: Entry) -> None:
    with show_refusals():
        activation.order_activation(context, item.dossier, person=person(context))
        st.rerun()


def _asked(voice: Voice) -> str:
    return f"asked_to_try_{voice.id}"


def _badges(item: Entry) -> str:
    label = words.HEALTH[item.standing.health]
    kind = KIND_TITLES[item.voice.kind]
    demo = words.demo_badge(demo=item.is_demo)
    archived = " :gray-badge[:material/archive: Archived]" if item.is_archived else ""
    return f"{label.badge} :gray-badge[{kind}]{demo}{archived}"
