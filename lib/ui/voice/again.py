"""Cloning a voice again from the recording that was kept: price, question, order."""

from __future__ import annotations

import streamlit as st

from lib.models import Health, KeepPolicy, Voice
from lib.services import USE
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.orders import recloning
from lib.studio.orders.recloning import Chance
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.shared import budget, confirming
from lib.ui.voice import policy

GONE = (Health.LOST, Health.PROBABLY_LOST)


def button(item: Entry, chance: Chance) -> None:
    """The button with its price, where there is a recording to clone from."""
    if not chance.is_open:
        return
    voice = item.voice
    if st.button(
        f"Clone again ({words.price(chance.price, demo=item.is_demo)})",
        key=f"reclone_{voice.id}",
        icon=":material/replay:",
        type="primary" if item.standing.health is Health.LOST else "secondary",
        help="Makes a new voice with a new ID from the stored recording.",
    ):
        st.session_state[_asking(voice)] = True
        confirming.close(_question(voice))


def question(context: Context, item: Entry, chance: Chance, heir: Voice | None) -> None:
    """What is asked once the button was pressed, or why a voice that is gone has no button."""
    voice = item.voice
    if not chance.is_open:
        if item.standing.health in GONE and not heir:
            st.info(words.plain(f"It cannot be cloned again from here. {chance.why_not}"))
        return
    if _asking(voice) not in st.session_state:
        return
    price = words.price(chance.price, demo=item.is_demo)
    with st.container(border=True, key=f"reclone_question_{voice.id}"):
        st.markdown(f"**Clone {words.plain(voice.name)} again for {words.plain(price)}?**")
        another = confirming.asked_first(_question(voice), voice.id)
        st.write(
            "The stored recording goes to the same service, with the same options and consent. "
            "The new voice gets its own ID and may sound a little different." + _then_kept(item)
        )
        if facts := budget.facts(context, voice.service):
            st.caption(words.plain(" · ".join(facts)))
        name = st.text_input(
            "Name of the new voice",
            value=recloning.next_name(voice.name),
            key=f"reclone_name_{voice.id}",
        )
        with st.container(horizontal=True):
            sure = confirming.paid_button(
                f"Clone it ({price})",
                key=f"reclone_sure_{voice.id}",
                price=chance.price,
                icon=":material/mic:",
                what=another,
            )
            st.button(
                "Cancel",
                key=f"reclone_leave_{voice.id}",
                type="tertiary",
                on_click=confirming.close,
                args=(_asking(voice),),
            )
        if sure:
            with confirming.asking_first(_question(voice), voice.id):
                with st.spinner("Reading the recording, storing it for the new voice…"):
                    job = recloning.clone_again(
                        context,
                        item.dossier,
                        name=name or "",
                        person=person(context),
                        another=another,
                    )
                confirming.close(_asking(voice))
                st.query_params["id"] = job.voice_id
                wording = "Ordered. This is the new voice; it is being made now."
                st.toast(wording, icon=":material/mic:")
                st.rerun()


def _then_kept(item: Entry) -> str:
    each = item.use_price
    if item.rule.stopped_by != USE or not each.micros:
        return ""
    if item.voice.keep_policy is KeepPolicy.ASK:
        return " Like the old one, it is kept only when you press Keep."
    return words.plain(f" {policy.cost_of_keeping(item)}")


def _asking(voice: Voice) -> str:
    """Where the session keeps that the question stands open."""
    return f"asked_again_{voice.id}"


def _question(voice: Voice) -> str:
    """Where it keeps what the order asked about first."""
    return f"asked_first_{voice.id}"
