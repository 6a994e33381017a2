"""A voice on screen: its card with buttons, its name as a link, what happens to it next."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from lib.consent import STOPS_SPEECH
from lib.models import Health, Source, Voice
from lib.retention import StepKind, reason_words
from lib.roles import Permission
from lib.services import COPY, KIND_TITLES, SERVICES, USE
from lib.studio.core.context import Context
from lib.studio.library import editing
from lib.studio.library.listing import Entry
from lib.studio.orders import activation
from lib.ui import words
from lib.ui.access.front import from_inside, may, page_file, person
from lib.ui.shared import listening
from lib.ui.shared.confirming import answer, show_refusals
from lib.ui.shared.icon_button import icon_button
from lib.units import span

AMBER_AFTER = timedelta(hours=12)
RED_AFTER = timedelta(hours=24)


def last_pass(context: Context, passed_at: datetime | None) -> None:
    """When the keeper last looked; amber after 12 hours, red after 24."""
    now = context.clock.now()
    if passed_at is None:
        st.markdown(":gray-badge[:material/schedule: First check is running]")
        return
    age = now - passed_at
    colour = "green" if age < AMBER_AFTER else "orange" if age < RED_AFTER else "red"
    when = "just now" if age < timedelta(minutes=1) else f"{span(age)} ago"
    st.markdown(f":{colour}-badge[:material/history: Last check {when}]")


def deadline_words(item: Entry) -> str:
    """The deadline in the viewer's zone and as a length of time, or why there is none."""
    deadline = item.standing.deadline
    if deadline is None:
        return reason_words(item.standing.why)
    return f"{_expires(deadline, item.now)} {moment_words(deadline, item.now)}."


def _left_words(item: Entry) -> str:
    """The same in short, without the date."""
    deadline = item.standing.deadline
    if deadline is None:
        return reason_words(item.standing.why)
    return f"{_expires(deadline, item.now)} {words.until(deadline, item.now)}."


def _expires(deadline: datetime, now: datetime) -> str:
    return "Expired" if deadline < now else "Expires"


def moment_words(at: datetime, now: datetime) -> str:
    """A moment in the viewer's zone and as a length of time: "Sat 21 Nov, 14:05 (in 2 d 4 h)"."""
    return f"{words.local(at, st.context.timezone)} ({words.until(at, now)})"


def next_words(item: Entry) -> str:
    """What will happen by itself, and when."""
    step = item.step
    if item.is_archived:
        return archive_words(item)
    if step.kind is StepKind.NOTHING or step.at is None:
        return reason_words(step.why)
    actions = {
        StepKind.ACTIVATE: "It will be kept automatically",
        StepKind.REFRESH: "It will be used again automatically",
        StepKind.MIRROR: "It will be backed up automatically",
        StepKind.MOVE: "Its files will move to the new storage",
        StepKind.VERIFY: "Its backup will be checked again",
        StepKind.WAIT: "It will be tried again automatically",
    }
    when = "now" if step.at <= item.now else words.until(step.at, item.now)
    why = f" On hold: {reason_words(step.why)}" if step.blocked and step.why else ""
    return f"{actions.get(step.kind, '')} {when}.{why}"


def archive_words(item: Entry) -> str:
    """What becomes of a voice that is not kept any more."""
    health, deadline = item.standing.health, item.standing.deadline
    if health in (Health.LOST, Health.PROBABLY_LOST):
        return "Its files stay in your storage."
    if deadline and item.rule.stopped_by == USE:
        return f"Nothing keeps it alive: it will be deleted on {moment_words(deadline, item.now)}."
    if item.rule.stopped_by == COPY:
        if health is Health.SAFE or not deadline:
            return "Its backup stays in your storage."
        when = words.local(deadline, st.context.timezone)
        return f"It is not backed up: the service may remove it from {when} on."
    return "Voicekeep no longer keeps it alive. Its files stay in your storage."


def card(context: Context, item: Entry, *, place: str, primary: bool = True) -> None:
    """Draw one voice with its state, its deadline and its buttons, the first of them `primary`.

    `place` begins the key of the card: the same voice may stand in two places of a page.
    """
    voice = item.voice
    with st.container(key=f"{place}_{voice.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, key=f"wide_{place}_{voice.id}"):
                with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                    name_link(voice)
                    st.markdown(badges(item), width="content")
                st.caption(words.plain(f"{_left_words(item)} {next_words(item)}".strip()))
            buttons(context, item, primary=primary)
        questions(context, item)


def link(voice: Voice, page: str, label: str, icon: str = "") -> None:
    """The way to this voice on another page; `page` is that page's name."""
    st.page_link(
        page_file(page), label=label, icon=icon or None, query_params=query_of(voice, page)
    )


def query_of(voice: Voice, page: str) -> dict[str, str]:
    """What has a page open with this voice."""
    return {("id" if page == "voice" else "voice"): voice.id}


def name_link(voice: Voice) -> None:
    """The voice's name, which leads to its page."""
    link(voice, "voice", f"**{words.plain(voice.name.strip())}**")


def full_name(item: Entry) -> str:
    """Name, kind and service; what changes by itself has no place in a label."""
    voice = item.voice
    service = SERVICES[voice.service].title if voice.service in SERVICES else voice.service
    return f"{voice.name} ({KIND_TITLES[voice.kind]}, {service})"


def star(context: Context, item: Entry) -> None:
    """The team's star: a small button that gives it or takes it away; viewers see it only."""
    voice = item.voice
    if not may(context, Permission.KEEP):
        if voice.favourite:
            st.markdown(":orange-badge[:material/star: Favourite]", width="content")
        return
    icon_button(  # of one key, or who presses it by keyboard would lose their place
        "Remove from favourites" if voice.favourite else "Add to favourites",
        "⭐" if voice.favourite else ":material/star:",
        key=f"star_{voice.id}",
        on_click=_set_favourite,
        args=(context, voice),
    )


@from_inside
def _set_favourite(context: Context, voice: Voice) -> None:
    editing.set_favourite(context, voice, person(context), favourite=not voice.favourite)


def is_to_be_kept(item: Entry) -> bool:
    """Whether one use would keep it, which then is the first thing to do for it."""
    return item.rule.stopped_by == USE and item.standing.health not in (Health.SAFE, Health.LOST)


def buttons(context: Context, item: Entry, *, primary: bool = True, again: str = "") -> None:
    """Draw what can be done for a voice right now, each with its price, if anything.

    `again` begins the keys where the voice has such buttons elsewhere on the page.
    """
    voice = item.voice
    if not may(context, Permission.KEEP):
        return
    if item.standing.health is Health.BEING_MADE or item.is_archived:
        return
    if is_to_be_kept(item):
        _keep_button(context, item, primary=primary, again=again)
    if item.rule.stopped_by == COPY:
        safe = item.standing.health is Health.SAFE
        label = "Check backup" if safe else "Back up"
        icon = ":material/rule:" if safe else ":material/backup:"
        key = f"{again}mirror_{voice.id}"
        if (safe or voice.embedding_url) and st.button(label, key=key, icon=icon):
            activation.ask_for_files(context, voice.id, person(context))
            st.toast("Running in the background.", icon=icon)


def questions(context: Context, item: Entry, *, again: str = "") -> None:
    """What a person is asked about a voice: whether to pay for a try, what a test call spoke.

    `again` as for its buttons.
    """
    if may(context, Permission.KEEP) and st.session_state.get(_asked(item.voice, again)):
        _ask_for_a_try(context, item, again)
    listening.ask(context, item, again=again)


def _keep_button(context: Context, item: Entry, *, primary: bool, again: str) -> None:
    voice = item.voice
    if item.unheard or not item.use_price.micros:
        return  # a person's ear comes first; and without a model there is no use
    price = words.price(item.use_price, demo=item.is_demo)
    busy = any(job.is_open for job in item.dossier.activations)
    late = item.standing.health is Health.PROBABLY_LOST
    adopted = voice.source is Source.ADOPTED
    action = "Make a test call" if adopted else "Keep"
    label = f"Try it once ({price})" if late else f"{action} ({price})"
    being = "On hold" if item.step.blocked else "Being kept…"
    pressed = st.button(
        being if busy else label,
        key=f"{again}activate_{voice.id}",
        icon=":material/record_voice_over:" if late else ":material/favorite:",
        type="primary" if primary and not busy else "secondary",
        disabled=busy,
        help="Speaks one short sentence with it. " + _then(adopted=adopted, late=late),
    )
    if pressed and late:
        st.session_state[_asked(voice, again)] = True
        st.rerun()
    elif pressed:
        _order_use(context, item)


def _then(*, adopted: bool, late: bool) -> str:
    """What comes of one use."""
    if adopted:
        return "You listen and confirm that it is the right voice. Then it is kept."
    return "If it still speaks, it is kept." if late else "That use keeps it."


def _ask_for_a_try(context: Context, item: Entry, again: str) -> None:
    """A test call for a voice that is probably lost costs money, and is asked about first."""
    voice = item.voice
    if item.standing.health is not Health.PROBABLY_LOST or item.is_in_progress:
        del st.session_state[_asked(voice, again)]
        return
    price = words.price(item.use_price, demo=item.is_demo)
    st.markdown(
        words.plain(
            "This voice has expired and was probably deleted. A test call speaks one short "
            f"sentence, for {price}. {_after_a_try(item)}"
        )
    )
    keys = f"{again}activate_sure_{voice.id}", f"{again}activate_leave_{voice.id}"
    if answer(_asked(voice, again), "Try it now", "Leave it", keys=keys):
        _order_use(context, item)


def _after_a_try(item: Entry) -> str:
    """What comes of a test call of a voice that is probably lost."""
    if item.voice.source is Source.ADOPTED:
        return "If a voice answers, you listen and confirm that it is this one. Then it is kept."
    return (
        "If it speaks, it is kept from now on. If the service says it is gone, you can clone it "
        "again from its recording."
    )


def _order_use(context: Context, item: Entry) -> None:
    with show_refusals():
        activation.order_activation(context, item.dossier, person=person(context))
        st.rerun()


def _asked(voice: Voice, again: str) -> str:
    return f"{again}asked_to_try_{voice.id}"


def badges(item: Entry) -> str:
    """How a voice stands, what it is, whether it is the demo's, archived, or without consent now,
    as Markdown.
    """
    label = words.HEALTH[item.standing.health]
    kind = KIND_TITLES[item.voice.kind]
    demo = words.demo_badge(demo=item.is_demo)
    archived = " :gray-badge[:material/archive: Archived]" if item.is_archived else ""
    state = item.consent_state
    over = f" {words.CONSENT[state].badge}" if state in STOPS_SPEECH else ""
    return f"{label.badge} :gray-badge[{kind}]{demo}{archived}{over}"
