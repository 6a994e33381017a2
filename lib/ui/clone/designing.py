"""A voice from words: the description, who makes it, what it costs and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib.pricing import design_price
from lib.roles import KEEPER
from lib.services import DEMO, SERVICES, DesignOffer
from lib.studio.core.context import Context
from lib.studio.orders import designing
from lib.studio.orders.designing import DesignRequest
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.shared import confirming, fields, keeping, sleeping

WAY = "Describe a voice"
OPEN = "Any"
QUESTION = "design_question"
"""What was asked first: about which words, the sentence, how often they were ordered."""
TYPED = ("design_description", "design_preview", "design_name", QUESTION)
"""All that belongs to one order, and not to the next."""
EXAMPLE = "A warm, calm woman in her fifties who tells stories by the fire, slowly, with a smile."


def draw(context: Context) -> None:
    """All steps on one page, top to bottom."""
    found = [offer for service in context.settings.services for offer in SERVICES[service].designs]
    if not found:
        able = [known.title for known in SERVICES.values() if known.designs and not known.is_demo]
        st.info(
            "No connected service makes voices from words. Settings shows what to paste for "
            f"{' or '.join(able)}."
        )
        return
    st.subheader("1. Describe the voice", anchor=False)
    offer = _choose(found)
    description = fields.lines(
        "Who speaks, how it sounds, what it is for",
        key="design_description",
        placeholder=EXAMPLE,
        max_chars=offer.description_max,
        height=120,
    )
    left, right = st.columns(2)
    with left:
        gender = _open_choice("Gender", "design_gender", offer.genders)
    with right:
        age_group = _open_choice("Age", "design_age", offer.age_groups)
    preview_text = _preview(offer) if offer.preview_text_max else ""
    st.subheader("2. Name it", anchor=False)
    name = fields.voice_name("design_name")
    st.subheader("3. Confirm", anchor=False)
    request = DesignRequest(
        service=offer.service,
        name=name,
        description=description,
        person=person(context),
        gender=gender,
        age_group=age_group,
        preview_text=preview_text,
    )
    _confirm(context, offer, request)


def _choose(found: list[DesignOffer]) -> DesignOffer:
    """Who makes it, with what that gives; a choice only where there is one."""
    titles = {f"{offer.title} · {SERVICES[offer.service].title}": offer for offer in found}
    chosen = next(iter(titles))
    if len(titles) > 1:
        chosen = fields.one_of("Service", list(titles), key="design_service")
    offer = titles[chosen]
    price = words.price(design_price(offer), demo=offer.service == DEMO)
    st.markdown(f"**{chosen}** :green-badge[{price}]")
    st.caption(f"{offer.gives} {offer.kept_by}")
    return offer


def _open_choice(label: str, key: str, options: tuple[str, ...]) -> str:
    """One of a few words, or none of them."""
    chosen = st.selectbox(
        label,
        [OPEN, *options],
        key=key,
        format_func=lambda word: word[:1].upper() + word[1:],
        persist_state="session",
    )
    return "" if chosen in (None, OPEN) else chosen


def _preview(offer: DesignOffer) -> str:
    """What the new voice says first, for whoever does not leave that to the service."""
    with st.expander("More options"):
        return fields.lines(
            "Preview text",
            key="design_preview",
            placeholder="The first words of the new voice",
            max_chars=offer.preview_text_max,
        )


def _confirm(context: Context, offer: DesignOffer, request: DesignRequest) -> None:
    demo = offer.service == DEMO
    each = designing.first_use(context, offer)
    total = design_price(offer) + each
    st.caption(
        words.plain(
            "It cannot be made again. So it speaks once as soon as it is ready, for "
            f"{words.each(each, demo=demo)}: that keeps it, and the audio stays in your storage. "
            f"{keeping.retries_words(each, demo=demo)}"
        )
    )
    days = keeping.choose_refresh(
        "design_refresh", context.settings.team.refresh_days, each, demo=demo, lasting=True
    )
    if days:
        sleeping.warn(context, offer.service)
    confirming.show_total(context, offer.service, total)
    about = replace(request, name="", person=KEEPER)  # the same voice by any name, for anybody
    another = confirming.asked_first(QUESTION, about)
    verb = "Make another one" if another else "Make this voice"
    if confirming.paid_button(
        f"{verb} ({words.price(total, demo=demo)})",
        key="design_confirm",
        price=total,
        icon=":material/draw:",
        what=another,
    ):
        wanted = replace(request, refresh_days=days, another=another)
        confirming.commit(lambda: designing.design(context, wanted), QUESTION, about)
