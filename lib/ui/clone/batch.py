"""Several recordings at once: a line for each, one price, one confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import pandas as pd
import streamlit as st

from lib import units
from lib.consent import ConsentState, Relation, is_same_person, state_of
from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.recordings.quality import Grade
from lib.recordings.wording import reason_words
from lib.roles import Person
from lib.services import DEMO, CloneOffer
from lib.studio.core.context import Context
from lib.studio.core.drafts import Draft, DraftGone, DraftRefused
from lib.studio.core.people import recorded_as
from lib.studio.core.typed_text import MAX_NAME
from lib.studio.library import listing
from lib.studio.orders.batch import clone_all
from lib.studio.orders.confirming import why_none
from lib.studio.orders.consenting import ConsentTerms, record_of
from lib.ui import words
from lib.ui.access.front import from_inside, person, seen
from lib.ui.access.process import open_shop
from lib.ui.clone import bringing, cards, examining, ordering, reasons, recording
from lib.ui.clone.examining import Examined
from lib.ui.clone.options import draw_keeping
from lib.ui.clone.reasons import Obstacle, Reason
from lib.ui.shared import confirming, consenting

TABLE = "clone_batch"
LOOKED_AT = "clone_looked_at"
ORDERED = "clone_batch_ordered"
"""Ids of the orders that were just made."""
NAME, SPEAKER = "name", "speaker"
"""Of what is decided about a draft."""
QUESTIONS = "clone_batch_questions"
"""What was asked first: by draft, about what, the sentence, and how often that was ordered."""
TAKES = {Fit.ACCEPT: "✓ Accepted", Fit.CONVERT: "✓ After conversion", Fit.REFUSE: "✕ Not accepted"}


def draw(context: Context, examined: Sequence[Examined], found: Sequence[CloneOffer]) -> None:
    """The whole form for several recordings."""
    _draw_bar(examined)
    st.subheader("2. Choose a service", anchor=False)
    told = [
        cards.told_of_several([one.verdict(context, each) for one in examined]) for each in found
    ]
    offer = cards.choose(found, told)
    st.subheader("3. Name the voices", anchor=False)
    verdicts = {one.draft.id: one.verdict(context, offer) for one in examined}
    grades, names = _listen_to_all(context, examined), _names_of(context, examined)
    _draw_table(examined, names, verdicts, grades)
    _draw_one(context, examined, names, verdicts)
    st.subheader("4. Confirm", anchor=False)
    policy, refresh_days, first_use = draw_keeping(context, offer, several=True)
    taken = [one for one in examined if verdicts[one.draft.id].fit is not Fit.REFUSE]
    agreed = _ask_consent(context, offer, taken)
    terms = consenting.ask_terms(bringing.CONSENT.form, with_statement=False)
    silent = [one for one in taken if grades.get(one.draft.id) is Grade.NO_SPEECH]
    accepts_silence = bool(silent) and st.checkbox(
        words.plain(f"Nobody speaks in {_listed(silent, names)}. Clone anyway."),
        key=f"{bringing.SPEECHLESS}_{_key_of(silent)}",  # of these only: a service may take others
        persist_state="session",
    )
    total = (clone_price(offer) + first_use) * len(taken)
    confirming.show_total(context, offer.service, total)
    again = _draw_asked(taken, offer, names)
    obstacle = _obstacle(
        taken,
        agreed=agreed,
        is_silent=bool(silent) and not accepts_silence,
        not_now=why_none(context, offer.service, total, recorded_as(seen(context))),
    )
    demo = offer.service == DEMO
    if confirming.paid_button(
        f"Clone {units.count(len(taken), 'voice')}{' anyway' if again else ''} "
        f"({words.price(total, demo=demo)})",
        key="clone_confirm",
        price=total,
        icon=":material/mic:",
        what=(tuple(ordering.about(one, offer) for one in taken), again),
        why_not=reasons.sentence(obstacle, several=True),
    ):
        with st.spinner("Storing and checking the recordings…"):
            _order(
                context,
                offer,
                taken,
                names,
                again,
                keep_policy=policy,
                refresh_days=refresh_days,
                terms=terms,
                speechless=silent if accepts_silence else (),
            )


def _draw_bar(examined: Sequence[Examined]) -> None:
    seconds = sum(one.seconds for one in examined)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{units.count(len(examined), 'recording')}**, {units.seconds(seconds)} in all. "
            "Each becomes a voice of its own."
        )
        st.button(
            "Add more",
            key="clone_more",
            icon=":material/add:",
            type="tertiary",
            on_click=bringing.ask,
            args=(bringing.MORE,),
        )
        st.button(
            "Remove all",
            key="clone_none",
            icon=":material/delete:",
            type="tertiary",
            on_click=bringing.remove_all,
        )


def _listen_to_all(context: Context, examined: Sequence[Examined]) -> dict[str, Grade]:
    """The grade of each, by the id of its draft; drawn as far as it has got."""
    grades = {}
    with st.empty():
        for number, one in enumerate(examined):
            st.progress(number / len(examined), f"Listening to {words.plain(one.draft.file_name)}…")
            if quality := examining.quality_of(context, one):
                grades[one.draft.id] = quality.grade
        st.empty()
    return grades


def _names_of(context: Context, examined: Sequence[Examined]) -> dict[str, str]:
    """What the voices are to be called, by draft: as somebody typed it, or as it is suggested."""
    names, taken = {}, listing.names(context)
    for draft in (one.draft for one in examined):
        noted = draft.decided.get(NAME)
        is_typed = isinstance(noted, str) and noted
        suggested = examining.suggested_name(draft, speaker_of(draft), taken)
        names[draft.id] = str(noted) if is_typed else suggested
        taken.add(names[draft.id])
    return names


def speaker_of(draft: Draft) -> str:
    """Who speaks in it, as somebody typed it; "" where nobody did."""
    noted = draft.decided.get(SPEAKER)
    return noted if isinstance(noted, str) else ""


def _draw_table(
    examined: Sequence[Examined],
    names: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
    grades: Mapping[str, Grade],
) -> None:
    rows = [
        {
            "Name": names[one.draft.id],
            "Who speaks": speaker_of(one.draft),
            "Sound": recording.GRADES[grade].signed if (grade := grades.get(one.draft.id)) else "",
            "Service": TAKES[verdicts[one.draft.id].fit],
            "Length": units.seconds(one.seconds) if one.recording else "",
            "File": one.draft.file_name,
        }
        for one in examined
    ]
    key = f"{TABLE}_{_key_of(examined)}"
    st.data_editor(
        pd.DataFrame(rows),
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=["Sound", "Service", "Length", "File"],
        column_config={
            "Name": st.column_config.TextColumn(width="medium", max_chars=MAX_NAME),
            "Who speaks": st.column_config.TextColumn(
                width="medium", max_chars=MAX_NAME, help="The name of the person you hear."
            ),
        },
        on_change=_note,
        args=(key, tuple(one.draft for one in examined)),
    )


@from_inside
def _note(key: str, drafts: Sequence[Draft]) -> None:
    """Keep with the drafts what was typed into the table."""
    columns = {"Name": NAME, "Who speaks": SPEAKER}
    edited = st.session_state[key]["edited_rows"]
    for row, draft in enumerate(drafts):
        cells = edited.get(row, {})
        typed = {columns[name]: value or None for name, value in cells.items() if name in columns}
        if not typed:
            continue
        try:
            open_shop().drafts.change(draft, **typed)
        except (DraftGone, DraftRefused) as problem:
            bringing.tell(str(problem))


def _draw_one(
    context: Context,
    examined: Sequence[Examined],
    names: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
) -> None:
    """A closer look at one of them."""
    by_id = {one.draft.id: one for one in examined}
    chosen = st.selectbox(
        "Edit one of them",
        list(by_id),
        index=None,
        format_func=names.__getitem__,  # no Markdown here
        placeholder="Choose a recording to trim it or clean it up",
        key=LOOKED_AT,
    )
    for one in examined:
        if verdicts[one.draft.id].fit is Fit.REFUSE:
            named = words.plain(one.draft.file_name)
            why = reason_words(verdicts[one.draft.id].why)
            st.warning(
                f"{named}: {words.plain(why)} It will not be cloned.",
                icon=":material/block:",
            )
    if chosen in by_id:
        one = by_id[chosen]
        with st.container(border=True):
            recording.draw_head(one, is_alone=False)
            recording.draw(context, one)


def _ask_consent(context: Context, offer: CloneOffer, taken: Sequence[Examined]) -> bool:
    """One tick for each person, whose record is used where one holds; True once all agreed."""
    speakers = {
        speaker.casefold(): speaker for one in taken if (speaker := speaker_of(one.draft).strip())
    }
    agreed = [
        st.checkbox(
            words.plain(_agreement(context, offer.service, speaker)),
            key=f"clone_consent_{sha256(folded.encode(errors='replace')).hexdigest()[:12]}",
            persist_state="session",
        )
        for folded, speaker in speakers.items()
    ]
    return all(agreed)


def _agreement(context: Context, service: str, speaker: str) -> str:
    known = record_of(context, service, speaker)
    if known and state_of(known, context.now(service)) is ConsentState.RECORDED:
        return consenting.use_again(known)
    if known:
        consenting.warn_of_end(known)
    return (
        f"Only {speaker} speaks there. {speaker} agrees to have their voice cloned, and I am "
        "allowed to confirm this."
    )


def _key_of(several: Sequence[Examined]) -> str:
    """What a widget is called by that is about these, and about no others."""
    return "_".join(one.draft.id[-6:] for one in several)


def _listed(several: Sequence[Examined], names: Mapping[str, str]) -> str:
    """Their names, as one reads them in a sentence."""
    *others, last = [names[one.draft.id] for one in several]
    return f"{', '.join(others)} and {last}" if others else last


def _terms_of(terms: ConsentTerms, speaker: str, who: Person) -> ConsentTerms:
    """The same for all, but that whoever orders may be one of those who speak."""
    is_own = is_same_person(speaker.strip(), who.label)
    return replace(terms, relation=Relation.SELF) if is_own else terms


def _draw_asked(
    taken: Sequence[Examined], offer: CloneOffer, names: Mapping[str, str]
) -> dict[str, int]:
    """What was asked about some of them, which were ordered lately; how often, by draft."""
    again = {}
    for one in taken:
        asked = st.session_state.get(QUESTIONS, {}).get(one.draft.id)
        if asked and asked[0] == ordering.about(one, offer):
            again[one.draft.id] = int(asked[2])
            st.warning(f"{words.plain(names[one.draft.id])}: {words.plain(asked[1])}")
    return again


def _obstacle(
    taken: Sequence[Examined], *, agreed: bool, is_silent: bool, not_now: str
) -> Obstacle | None:
    """What stands in the way of all of them; None where nothing does."""
    is_complete = all(speaker_of(one.draft).strip() for one in taken)
    found = {
        Reason.NOT_TAKEN: not taken,
        Reason.NO_SPEECH: is_silent,
        Reason.NOT_NOW: bool(not_now),
        Reason.NO_SPEAKER: not is_complete,
        Reason.NO_CONSENT: not agreed,
    }
    first = next((reason for reason, is_so in found.items() if is_so), None)
    return first and Obstacle(first, not_now if first is Reason.NOT_NOW else "")


def _order(
    context: Context,
    offer: CloneOffer,
    taken: Sequence[Examined],
    names: Mapping[str, str],
    again: Mapping[str, int],
    *,
    terms: ConsentTerms,
    speechless: Sequence[Examined],
    **filled_in: Any,
) -> None:
    """`speechless`: those that are to be cloned though nobody speaks in them."""
    who = person(context)
    with confirming.show_refusals():
        wanted = [
            partial(
                ordering.request_of,
                context,
                one,
                offer,
                name=names[one.draft.id],
                speaker=speaker_of(one.draft),
                consent=True,
                terms=_terms_of(terms, speaker_of(one.draft), who),
                person=who,
                another=again.get(one.draft.id, 0),
                no_speech_accepted=one in speechless,
                **filled_in,
            )
            for one in taken
        ]
        outcomes = clone_all(context, wanted, who)
        pairs = list(zip(taken, outcomes, strict=True))
        bringing.note_ordered(
            context, [(one.draft, outcome.job.id) for one, outcome in pairs if outcome.job]
        )
        asked = {
            one.draft.id: (ordering.about(one, offer), outcome.why_not, outcome.another)
            for one, outcome in pairs
            if outcome.another
        }
        st.session_state[QUESTIONS] = asked
        for one, outcome in pairs:
            if outcome.why_not and one.draft.id not in asked:
                named = words.plain(names[one.draft.id])
                st.error(f"{named}: {words.plain(outcome.why_not)}", icon=":material/block:")
        if asked or all(outcome.job for outcome in outcomes):
            st.rerun()
