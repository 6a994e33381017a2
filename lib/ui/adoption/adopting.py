"""Adopting voices that exist already: what somebody has, what will happen, consent, the result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import units
from lib.models import Money, Purpose
from lib.retention import reason_words, rule_of
from lib.services import DEMO, KIND_TITLES, KINDS, MINIMAX, USE, VOICE_FILE_BYTES
from lib.studio.adoption import adopting
from lib.studio.adoption.adopting import AdoptionPlan, Candidate, Verdict
from lib.studio.adoption.cells import clean_id
from lib.studio.adoption.ids import FILE_KIND, VoiceType, adoptable_types
from lib.studio.adoption.lists import Line
from lib.studio.core.context import Context
from lib.studio.core.typed_text import one_line
from lib.studio.library import listing
from lib.studio.library.bulk import BulkResult
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import page_file, person
from lib.ui.adoption import list_reading
from lib.ui.shared import budget, confirming, consenting, fields, listening, sleeping
from lib.ui.shared.consenting import Agreement, ConsentForm
from lib.ui.shared.live import watch

ONE, LIST, FILE = "One voice", "A list", "A voice file"
DONE = "adopt_outcome"
MAX_MEGABYTES = 5
SHOWN = 20
"""Voices whose test calls are played on this page; Retention has all."""
TOLD = 5
"""Lines of a list whose refusal is told below its table."""
DEMO_EXAMPLE = "marlow6c2v9t5k"
EXAMPLE = "MyNarrator2024"
CONSENT = ConsentForm(
    form="adopt",
    question="Whose voice is it?",
    own="I speak myself",
    other="Somebody else, who has agreed",
    name="Who speaks: the name, or the names",
    agreement=(
        "Everyone whose voice this is agrees to its use here, and I am allowed to confirm this."
    ),
)
WIDE = st.column_config.TextColumn(width=420)
DAY = st.column_config.TextColumn(width=130)
VERDICTS = {
    Verdict.NEW: words.Label("New", ":material/add_circle:", "green", "+"),
    Verdict.HERE: words.Label("Already here", ":material/check:", "gray", "="),
    Verdict.REFUSED: words.Label("Refused", ":material/block:", "red", "✕"),
}
TYPED = (
    "adopt_id", "adopt_name", "adopt_made", "adopt_transcript", "adopt_lines", "adopt_csv",
    "adopt_file", list_reading.HELD, *CONSENT.typed,
)  # fmt: skip
"""All that belongs to one adoption, and not to the next."""


def draw(context: Context) -> None:
    """The whole way: what there is, what happens, who agrees, what came of it."""
    if DONE in st.session_state:
        _draw_done(context)
        return
    voice_types = adoptable_types(context)
    if not voice_types:
        st.info("No service is connected. Settings shows what to paste.")
        return
    st.subheader("1. Add what you have", anchor=False)
    what = fields.one_of("What you have", [ONE, LIST, FILE], key="adopt_what")
    above, below = st.container(), st.container()
    below.subheader("2. See what happens", anchor=False)
    with above:
        if what == LIST:
            make_plan = _list(context, voice_types, below)
        else:
            make_plan = {ONE: _one, FILE: _file}[what](context, voice_types)
    test = False
    if what != FILE:
        test = st.checkbox(
            "Make a test call with each, so you can listen to it",
            value=True,
            key="adopt_test",
            help=(
                "One short sentence each, at the price below. A voice is safe once you have heard "
                "its test call and confirmed it."
            ),
        )
    plan = make_plan(test, True) if make_plan else None
    if plan is None or not plan.candidates:
        st.caption("Add something above to see what would happen to each voice.")
    else:
        _draw_plan(plan, in_table=what == LIST)
        if not test:
            left_alone = [item.voice for item in plan.new if item.voice]
            mortal = (v for v in left_alone if rule_of(v).stopped_by == USE)
            sleeping.warn(context, *(voice.service for voice in mortal))
    st.subheader("3. Confirm", anchor=False)
    service = next((item.voice.service for item in plan.new if item.voice), "") if plan else ""
    answered = consenting.ask(context, CONSENT, service or voice_types[0].service)
    _draw_money(context, plan or AdoptionPlan(()))
    count = plan.count(Verdict.NEW) if plan else 0
    pressed = confirming.paid_button(
        _label(plan, count),
        key="adopt_confirm",
        price=plan.at_most.live + plan.at_most.play if plan else Money(),
        icon=":material/add_home:",
        what=plan.identities if plan else (),
        why_not="" if count else "First add a voice that is not here yet.",
    )
    if pressed and make_plan and plan:
        _adopt(
            context,
            lambda: make_plan(test, False).within(plan),
            answered=answered,
            count=count,
        )


MakePlan = Callable[[bool, bool], AdoptionPlan]
"""With test calls or not; for a look (a reading that others share will do) or for good."""


def _one(context: Context, voice_types: list[VoiceType]) -> MakePlan | None:
    """One ID or address, with what is known of it."""
    demo = voice_types[0].service == DEMO
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        typed = fields.line(
            "Voice ID, or the address of a voice file",
            key="adopt_id",
            placeholder=f"Such as {DEMO_EXAMPLE if demo else EXAMPLE}",
        )
        text = clean_id(typed)
        name = fields.voice_name("adopt_name")
    with right:
        voice_type = _choice_of_type(voice_types, "Kind of voice")
        made = st.date_input(
            "Made on (leave empty if you don't know)",
            value=None,
            max_value=context.clock.now().date(),
            key="adopt_made",
        )
    transcript = ""
    if KINDS[voice_type.kind].is_file or text.startswith("https://"):
        transcript = _transcript()
    if not text:
        return None
    line = Line(
        1,
        id=text,
        name=one_line(name),
        made=made if isinstance(made, date) else None,
        transcript=transcript,
    )
    return lambda test, cached: adopting.plan(context, [line], voice_type, test=test, cached=cached)


def _list(
    context: Context, voice_types: list[VoiceType], preview: DeltaGenerator
) -> MakePlan | None:
    """Pasted lines, or a file of them; how they are read is shown in the preview."""
    example = DEMO_EXAMPLE if voice_types[0].service == DEMO else EXAMPLE
    text = fields.lines(
        "One voice on each line",
        key="adopt_lines",
        height=180,
        placeholder=f"{example}, Night train, {KIND_TITLES[MINIMAX]}, 2026-11-20, train; calm\n"
        "https://…/voice.safetensors, Teacher",
        help=(
            "The ID, and optionally name, kind, the day it was made, and tags. Columns may have a "
            "header in any language. Separate them with commas, semicolons, tabs or bars."
        ),
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        given = fields.file(
            "Or a CSV or Excel file",
            # The old kind too, so that it is told what to do with it.
            type=["csv", "tsv", "txt", "xlsx", "xlsm", "xls"],
            key="adopt_csv",
            max_upload_size=MAX_MEGABYTES,
        )
    with right:
        voice_type = _choice_of_type(voice_types, "Kind of lines that don't name one")
    with preview:
        lines = list_reading.draw(given.getvalue() if given else None, text)
    if not lines:
        return None
    return lambda test, cached: adopting.plan(context, lines, voice_type, test=test, cached=cached)


def _file(context: Context, voice_types: list[VoiceType]) -> MakePlan | None:
    """A voice file that was downloaded once."""
    kind = KIND_TITLES[FILE_KIND]
    service = next((of.service for of in voice_types if of.kind == FILE_KIND), "")
    given = fields.file(
        f"Voice file of a {kind} voice",
        type=["safetensors"],
        key="adopt_file",
        max_upload_size=MAX_MEGABYTES,
        help=f"A .safetensors file, about {units.size(VOICE_FILE_BYTES)}.",
    )
    name = fields.voice_name("adopt_name")
    transcript = _transcript()
    if given is None:
        return None
    if not service:
        st.info(f"No connected service works with {kind} voices.")
        return None
    stem = given.name.rsplit(".", 1)[0]
    line = Line(1, id=given.name, name=one_line(name) or one_line(stem), transcript=transcript)
    data = given.getvalue()
    return lambda _, cached: adopting.plan_file(context, data, line, service, cached=cached)


def _transcript() -> str:
    return fields.lines(
        "Transcript of the recording it was cloned from",
        key="adopt_transcript",
        help="Optional. It is sent along whenever you generate speech.",
    )


def _choice_of_type(voice_types: list[VoiceType], label: str) -> VoiceType:
    return (
        st.selectbox(
            label, voice_types, key="adopt_kind", format_func=lambda voice_type: voice_type.title
        )
        or voice_types[0]
    )


def _draw_plan(plan: AdoptionPlan, *, in_table: bool) -> None:
    """One voice in a sentence, those of a list in a table without columns that are empty."""
    if not in_table:
        _draw_one(plan.candidates[0])
        return
    with st.container(horizontal=True):
        for verdict, label in VERDICTS.items():
            if number := plan.count(verdict):
                st.markdown(label.counted(number), width="content")
        if plan.calls:
            paid = f"{units.count(plan.calls, 'test call')}, {words.total(plan.price)}"
            st.markdown(f":green-badge[:material/payments: {words.plain(paid)}]", width="content")
    rows = [_row(item) for item in plan.candidates]
    filled = [name for name in rows[0] if any(row[name] for row in rows)]
    st.dataframe(
        [{name: row[name] for name in filled} for row in rows],
        hide_index=True,
        column_config={"Line": st.column_config.NumberColumn(width=44), "Made": DAY, "Why": WIDE},
        key="adopt_preview",
        height=min(38 * (len(plan.candidates) + 1), 420),
    )
    refused = [item for item in plan.candidates if item.verdict is Verdict.REFUSED]
    for item in refused[:TOLD]:
        st.caption(words.plain(f"Line {item.line.number}, “{item.shown_id or '…'}”: {item.why}"))
    if len(refused) > TOLD:
        st.caption(f"{len(refused) - TOLD:,} more refused: the table says why.")


def _row(item: Candidate) -> dict[str, object]:
    return {
        "Line": item.line.number,
        "ID": item.shown_id,
        "What happens": VERDICTS[item.verdict].signed,
        "Name": item.voice.name if item.voice else item.line.name,
        "Test call": _price(item),
        "Made": list_reading.made(item.line.made),
        "Why": item.why,
        "Kind": item.voice_type.title if item.voice_type else "",
    }


def _draw_one(item: Candidate) -> None:
    label = VERDICTS[item.verdict]
    kind = f" :gray-badge[{item.voice_type.title}]" if item.voice_type else ""
    price = f" :green-badge[{words.plain(_price(item))}]" if item.price.micros else ""
    st.markdown(f"{label.badge}{kind}{price}")
    st.write(words.plain(item.why))


def _price(item: Candidate) -> str:
    if not item.price.micros:
        return ""
    return words.price(item.price, demo=item.is_demo)


def _draw_money(context: Context, plan: AdoptionPlan) -> None:
    """The total with all tries, and what is left to pay it from."""
    total = words.total(plan.price)
    if not plan.calls:
        st.markdown("**Total: nothing.** Adding is free.")
        return
    most = words.total(plan.at_most)
    services = {
        item.voice_type.service for item in plan.new if item.voice_type and item.price.micros
    }
    left = budget.facts(context, *sorted(services), purpose=Purpose.TEST_CALL)
    calls = units.count(plan.calls, "test call")
    facts = [f"**Total: {total}** for {calls}", *left]
    st.markdown(" · ".join(facts).replace("$", r"\$"))
    if most != total:
        st.caption(
            words.plain(
                f"A voice with a deadline gets more tries if one fails, for {most} at most in all."
            )
        )


def _label(plan: AdoptionPlan | None, count: int) -> str:
    what = f"Add {units.count(count, 'voice')}" if count > 1 else "Add this voice"
    if plan is None or not plan.calls:
        return what
    return f"{what} ({words.total(plan.price)})"


def _adopt(
    context: Context,
    make_plan: Callable[[], AdoptionPlan],
    *,
    answered: Agreement,
    count: int,
) -> None:
    """Adopt, show the result; a refusal leaves the form as it is."""
    bar = st.progress(0.0, "Adding…")

    def report(number: int) -> None:
        bar.progress(min(number / max(count, 1), 1.0), f"Adding {number:,} of {count:,}…")

    outcome = None
    with confirming.show_refusals():
        outcome = adopting.adopt(
            context,
            make_plan,
            speaker=answered.speaker,
            consent=answered.is_given,
            terms=answered.terms,
            person=person(context),
            report=report,
        )
    bar.empty()
    if outcome:
        st.session_state[DONE] = outcome
        st.rerun()


def _draw_done(context: Context) -> None:
    """The new voices, with the sounds of their test calls as they come in."""
    outcome: BulkResult = st.session_state[DONE]
    count = len(outcome.done)
    if count:
        st.success(f"{units.count(count, 'voice')} added.", icon=":material/check_circle:")
    for sentence in outcome.refused[:10]:
        st.warning(words.plain(sentence))
    # Each shown voice may bring a player; a list of hundreds would hold up the browser.
    shown = frozenset(outcome.done[:SHOWN])
    watch(
        lambda: [item for item in listing.entries(context) if item.voice.id in shown],
        lambda found: _draw_new(context, found),
        is_in_progress=lambda found: any(item.is_in_progress or _arriving(item) for item in found),
        key="adopt_result",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            page_file("retention"), label="See how they are kept", icon=":material/verified_user:"
        )
        st.button(
            "Add more", key="adopt_again", icon=":material/add:", type="tertiary", on_click=_again
        )


def _arriving(item: Entry) -> bool:
    return item.unheard is not None and not item.unheard.key


def _draw_new(context: Context, found: list[Entry]) -> None:
    for item in found:
        health = words.HEALTH[item.standing.health]
        with st.container(border=True, key=f"adopted_{item.voice.id}"):
            st.markdown(f"**{words.plain(item.voice.name)}** {health.badge}")
            for wording in filter(None, (_trouble(item), item.why_mute)):
                st.caption(words.plain(wording))
            listening.ask(context, item)


def _trouble(item: Entry) -> str:
    """What a test call is waiting for, or why there is no sound to listen to."""
    calls = item.dossier.activations
    if not calls:
        return item.voice.copy_error or reason_words(item.standing.why)
    last = calls[-1]
    if last.is_open:
        return last.last_answer or "The test call is running."
    return last.error or reason_words(item.standing.why)


WAY = "Add existing voice"
"""What this way is called on the clone page."""


def bring_list(text: str) -> None:
    """Fill the form with this list; the clone page shows it next."""
    _again()
    st.session_state["clone_way"] = WAY
    st.session_state["adopt_what"] = LIST
    st.session_state["adopt_lines"] = text


def _again() -> None:
    """Back to an empty form."""
    for key in (DONE, *TYPED):
        st.session_state.pop(key, None)
