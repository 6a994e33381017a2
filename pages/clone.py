"""Clone a voice, describe one, or adopt one: each way with its cost before and its progress."""

from lib.ui.access.front import enter, may, person, plain_failures

context = enter()

from collections.abc import Callable
from hashlib import sha256
from typing import TypedDict

import streamlit as st

from lib.models import KeepPolicy, Money
from lib.pricing import clone_price, keeping_price
from lib.recordings.judge import Fit, Verdict
from lib.roles import Permission
from lib.services import DEMO, SERVICES, USE, CloneOffer
from lib.studio.core import catalogue
from lib.studio.jobs import overview
from lib.studio.orders import cloning
from lib.studio.orders.cloning import CloneRequest
from lib.ui import words
from lib.ui.adoption import adopting
from lib.ui.clone import designing, recording
from lib.ui.shared import confirming, fields, keeping, sleeping, voices
from lib.ui.shared.live import job_progress, reading_the_vault

CONSENT = confirming.Consent(
    form="clone",
    question="Who speaks in this recording?",
    own="I speak in it myself",
    other="Somebody else, who has agreed",
    name="The name of that person",
    agreement="The person in this recording agrees that their voice is cloned, and I may say so.",
)
QUESTION = "clone_question"
"""What was asked first: about which recording and offer, the sentence, how often ordered."""
TYPED = (
    "clone_upload", "clone_record", "clone_link", "clone_name", "clone_consent", "clone_voice_id",
    "clone_transcript", "clone_preview_text", "clone_speaker", QUESTION,
)  # fmt: skip
"""All that belongs to one order, and not to the next."""


def title_of(offer: CloneOffer) -> str:
    return f"{offer.title} · {SERVICES[offer.service].title}"


def verdict_on(brought: recording.Brought | None, offer: CloneOffer) -> Verdict | None:
    if brought is None:
        return None
    return brought.verdict(offer, by_link=cloning.can_send_links(context, offer.service))


def draw_fit(verdict: Verdict | None) -> None:
    """On a card: why its service does not take the recording, or not as it is."""
    if verdict and verdict.fit is Fit.REFUSE:
        st.markdown(f":red[:material/block: {words.plain(verdict.reason)}]")
    elif verdict and verdict.fit is Fit.CONVERT:
        st.markdown(f":material/autorenew: {words.plain(verdict.reason)}")


def draw_cards(found: list[CloneOffer], brought: recording.Brought | None) -> CloneOffer | None:
    """The services side by side, and the one control that chooses."""
    columns = [column for _ in found[::2] for column in st.columns(2)]
    for column, offer in zip(columns, found, strict=False):
        with column.container(border=True, height="stretch"):
            demo = offer.service == DEMO
            st.markdown(f"**{title_of(offer)}**")
            st.markdown(f":green-badge[{words.price(clone_price(offer), demo=demo)}]")
            st.markdown(offer.gives)
            st.caption(offer.kept_by)
            draw_fit(verdict_on(brought, offer))
    by_name = {title_of(offer): offer for offer in found}
    return by_name.get(fields.one_of("Service", list(by_name), key="clone_service"))


class Options(TypedDict, total=False):
    """Fields of a `CloneRequest` that only some services ask for."""

    transcript: str
    voice_id: str
    preview_text: str
    model: str
    noise_reduction: bool
    volume_normalization: bool
    accuracy: float


def draw_options(offer: CloneOffer) -> Options:
    """What the chosen service can be told; the rest of the form follows from its data."""
    given = Options()
    if offer.takes_transcript:
        given["transcript"] = fields.lines(
            "What is said in the recording",
            key="clone_transcript",
            help="Optional. Word for word, it makes the voice closer to the original.",
        )
    if not (offer.id_rule or offer.preview_text_max or offer.has_audio_options):
        return given
    with st.expander("More options"):
        if offer.id_rule:
            voice_id = fields.line(
                "Voice ID",
                key="clone_voice_id",
                placeholder="Made for you from the name",
                help=offer.id_rule_words,
            ).strip()
            given["voice_id"] = voice_id
            if voice_id and (fault := cloning.check_voice_id(voice_id, offer)):
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
                "Closeness to the recording",
                0.0,
                1.0,
                0.7,
                0.05,
                key="clone_accuracy",
                persist_state="session",
            )
    return given


def draw_keeping(offer: CloneOffer) -> tuple[KeepPolicy, int, Money]:
    """How the voice is to be kept, how often used again, and the price of the first use."""
    model = catalogue.activation_model(context, offer.service, offer.kind)
    if offer.retention.stopped_by != USE or model is None:
        st.caption(f":material/backup: {offer.kept_by}")
        return KeepPolicy.AT_ONCE, 0, Money()
    each = keeping_price(model)
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
    if policy is not KeepPolicy.AT_ONCE or days:
        sleeping.warn(context, offer.service)
    return policy, days, Money() if policy is KeepPolicy.ASK else each


def draw_form() -> None:
    """All steps on one page, top to bottom."""
    st.subheader("1. Bring a recording", anchor=False)
    brought = recording.bring()
    found = [offer for service in context.settings.services for offer in SERVICES[service].clones]
    if not found:
        st.info("No service is connected here. Settings shows what to paste.")
        return
    st.subheader("2. Choose a service", anchor=False)
    offer = draw_cards(found, brought)
    if offer is None:
        return
    st.subheader("3. Name the voice", anchor=False)
    name = fields.voice_name("clone_name", brought.suggested_name if brought else "")
    given = draw_options(offer)
    st.subheader("4. Confirm", anchor=False)
    policy, refresh_days, first_use = draw_keeping(offer)
    agreed, speaker = confirming.ask_consent(context, CONSENT)
    total = clone_price(offer) + first_use
    confirming.show_total(context, offer.service, total)
    about = (offer.service, offer.kind, sha256(brought.data).hexdigest()) if brought else None
    another = confirming.asked_first(QUESTION, about)
    demo = offer.service == DEMO
    verb = "Clone it once more" if another else "Clone this voice"
    verdict = verdict_on(brought, offer)
    for line in verdict.warnings if verdict else ():
        st.warning(line)
    pressed = confirming.paid_button(
        f"{verb} ({words.price(total, demo=demo)})",
        key="clone_confirm",
        price=total,
        icon=":material/mic:",
        what=another,
    )
    if not pressed:
        return
    if brought is None:
        st.error("Bring a recording first: upload one, record one, or give a link.")
        return
    if verdict and not verdict.accepted:
        st.error(words.plain(verdict.reason), icon=":material/block:")
        return
    request = CloneRequest(
        service=offer.service,
        kind=offer.kind,
        name=name.strip() or brought.suggested_name,
        recording=brought.data,
        speaker=speaker,
        consent=agreed,
        person=person(context),
        keep_policy=policy,
        refresh_days=refresh_days,
        another=another,
        **given,
    )
    with st.spinner("Storing the recording and reading it back…"):
        confirming.commit(lambda: cloning.clone(context, request), QUESTION, about)


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
    else:
        draw_ways()
