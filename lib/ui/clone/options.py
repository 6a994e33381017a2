"""What the chosen service can be told about a clone, and how the voice is kept."""

from __future__ import annotations

from typing import TypedDict

import streamlit as st

from lib.models import KeepPolicy, Money
from lib.pricing import keeping_price
from lib.services import DEMO, USE, CloneOffer
from lib.studio.core import catalogue
from lib.studio.core.context import Context
from lib.studio.library import bulk
from lib.studio.orders import cloning
from lib.ui import words
from lib.ui.shared import fields, keeping, sleeping

KEPT_ICONS = {
    KeepPolicy.AT_ONCE: ":material/favorite:",
    KeepPolicy.BEFORE_DEADLINE: ":material/schedule:",
    KeepPolicy.ASK: ":material/pan_tool:",
}


class Options(TypedDict, total=False):
    """Fields of a `CloneRequest` that only some services ask for."""

    voice_id: str
    preview_text: str
    model: str
    noise_reduction: bool
    volume_normalization: bool
    accuracy: float


def draw_options(offer: CloneOffer) -> Options:
    """What the chosen service can be told; the rest of the form follows from its data."""
    given = Options()
    if not (offer.id_rule or offer.preview_text_max or offer.has_audio_options):
        return given
    with st.expander("More options"):
        if offer.id_rule:
            voice_id = fields.line(
                "Voice ID",
                key="clone_voice_id",
                placeholder="Made from the name",
                help=offer.id_rule_words,
            ).strip()
            given["voice_id"] = voice_id
            if fault := id_fault(given, offer):
                st.error(fault)
        if offer.preview_text_max:
            given["preview_text"] = fields.lines(
                "Preview text",
                key="clone_preview_text",
                placeholder="The first words of the new voice",
            )
        if offer.models:
            given["model"] = st.selectbox(
                "Model", offer.models, key="clone_model", persist_state="session"
            )
        if offer.has_audio_options:
            given["noise_reduction"] = st.toggle(
                "Remove noise", key="clone_noise", persist_state="session"
            )
            given["volume_normalization"] = st.toggle(
                "Even out the volume", key="clone_volume", persist_state="session"
            )
            given["accuracy"] = st.slider(
                "Similarity to the recording",
                0.0,
                1.0,
                0.7,
                0.05,
                key="clone_accuracy",
                persist_state="session",
            )
    return given


def id_fault(given: Options, offer: CloneOffer) -> str:
    """What is wrong with the voice ID that was typed; "" for none."""
    voice_id = given.get("voice_id", "")
    return cloning.check_voice_id(voice_id, offer) if voice_id else ""


def draw_keeping(
    context: Context, offer: CloneOffer, *, several: bool = False
) -> tuple[KeepPolicy, int, Money]:
    """How a voice is to be kept, how often used again, and the price of its first use.

    One sentence says it; what can be changed opens beside it. `several`: it holds for each of them.
    """
    model = catalogue.activation_model(context, offer.service, offer.kind)
    if offer.retention.stopped_by != USE or model is None:
        st.markdown(":material/backup: Backed up right away, for free.")
        return KeepPolicy.AT_ONCE, 0, Money()
    each = keeping_price(model)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = st.empty()
        with st.popover("Change", type="tertiary", key="clone_keeping"):
            policy, days = _choose_keeping(context, offer, each)
    sentence = _keeping_words(offer, policy, days, each, several=several)
    told.markdown(f"{KEPT_ICONS[policy]} {words.plain(sentence)}", width="content")
    if policy is not KeepPolicy.AT_ONCE or days:
        sleeping.warn(context, offer.service)
    return policy, days, Money() if policy is KeepPolicy.ASK else each


def _choose_keeping(context: Context, offer: CloneOffer, each: Money) -> tuple[KeepPolicy, int]:
    demo = offer.service == DEMO
    policies = list(KeepPolicy)
    policy = st.radio(
        "Keep the voice",
        policies,
        index=policies.index(context.settings.team.keep_policy),
        format_func=words.POLICY.__getitem__,
        captions=[words.POLICY_HELP[item] for item in policies],
        key="clone_keep",
        persist_state="session",
    )
    once = f"Keeping is one short sentence, spoken once, for {words.each(each, demo=demo)}."
    if policy is KeepPolicy.ASK:
        st.caption(words.plain(f"{once} The button shows that price when you press it."))
    else:
        st.caption(words.plain(f"{once} {keeping.retries_words(each, demo=demo)}"))
    days = keeping.choose_refresh(
        "clone_refresh", context.settings.team.refresh_days, each, demo=demo, lasting=True
    )
    return policy, days


def _keeping_words(
    offer: CloneOffer, policy: KeepPolicy, days: int, each: Money, *, several: bool
) -> str:
    """What is chosen, and what it costs or what is lost, in a sentence."""
    demo = offer.service == DEMO
    one = " each" if several else ""
    price = f"{words.each(each, demo=demo)}{one}"
    window = words.hours(offer.retention.hours) if offer.retention.hours else "its time"
    first = {
        KeepPolicy.AT_ONCE: f"Kept at once, for {price}.",
        KeepPolicy.BEFORE_DEADLINE: (
            f"Kept halfway to its deadline, for {price}, unless somebody uses it first."
        ),
        KeepPolicy.ASK: f"Not kept automatically: it is deleted unless it is used within {window}.",
    }[policy]
    if not days:
        return first
    month = words.price(bulk.monthly_price(each, days), demo=demo)
    return f"{first} Then used again every {days} days, about {month} a month{one}."
