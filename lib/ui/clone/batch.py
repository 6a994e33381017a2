"""Several recordings at once: a line for each, one price, one confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pandas as pd
import streamlit as st

from lib.pricing import clone_price
from lib.recordings.judge import Fit, Verdict
from lib.recordings.quality import Grade
from lib.services import DEMO, CloneOffer
from lib.studio.core.context import Context
from lib.studio.core.drafts import Draft, DraftGone, DraftRefused
from lib.studio.core.typed_text import MAX_NAME
from lib.studio.jobs import overview
from lib.studio.orders.batch import clone_all
from lib.ui import words
from lib.ui.access.front import from_inside, person
from lib.ui.access.process import open_shop
from lib.ui.clone import bringing, cards, examining, ordering, recording
from lib.ui.clone.examining import Examined
from lib.ui.clone.options import draw_keeping
from lib.ui.shared import confirming
from lib.ui.shared.live import job_progress

TABLE = "clone_batch"
LOOKED_AT = "clone_looked_at"
ORDERED = "clone_batch_ordered"
"""Ids of the orders that were just made."""
NAME, SPEAKER = "name", "speaker"
"""Of what is decided about a draft."""
QUESTIONS = "clone_batch_questions"
"""What was asked first: by draft, about what, the sentence, and how often that was ordered."""
TAKES = {Fit.ACCEPT: "✓ Takes it", Fit.CONVERT: "✓ After converting", Fit.REFUSE: "✕ Needs another"}


def draw(context: Context, examined: Sequence[Examined], found: Sequence[CloneOffer]) -> None:
    """The whole form for several recordings."""
    _draw_bar(examined)
    st.subheader("2. Choose a service", anchor=False)
    offer = cards.choose(found, [])
    if offer is None:
        return
    st.subheader("3. Name the voices", anchor=False)
    verdicts = {one.draft.id: one.verdict(context, offer) for one in examined}
    grades = _listen_to_all(context, examined)
    _draw_table(examined, verdicts, grades)
    _draw_one(context, examined, verdicts)
    st.subheader("4. Confirm", anchor=False)
    policy, refresh_days, first_use = draw_keeping(context, offer)
    taken = [one for one in examined if verdicts[one.draft.id].fit is not Fit.REFUSE]
    agreed = _ask_consent(taken)
    silent = [one for one in taken if grades.get(one.draft.id) is Grade.NO_SPEECH]
    accepts_silence = bool(silent) and st.checkbox(
        words.plain(f"Nobody speaks in {_listed(silent)}. Clone that all the same."),
        key=bringing.SPEECHLESS,
    )
    total = (clone_price(offer) + first_use) * len(taken)
    confirming.show_total(context, offer.service, total)
    again = _draw_asked(taken, offer)
    why_not = _why_not(taken, agreed=agreed, is_stopped=bool(silent) and not accepts_silence)
    if why_not:
        st.info(why_not, icon=":material/block:")
    demo = offer.service == DEMO
    if (
        confirming.paid_button(
            f"Clone {words.count(len(taken), 'voice')}{' all the same' if again else ''} "
            f"({words.price(total, demo=demo)})",
            key="clone_confirm",
            price=total,
            icon=":material/mic:",
            what=(tuple(ordering.about(one, offer) for one in taken), again),
            disabled=bool(why_not),
        )
        and not why_not
    ):
        with st.spinner("Storing the recordings and reading them back…"):
            _order(
                context,
                offer,
                taken,
                again,
                keep_policy=policy,
                refresh_days=refresh_days,
                no_speech_accepted=accepts_silence,
            )


def draw_ordered(context: Context, job_ids: Sequence[str]) -> None:
    """How far the orders are that were just made."""
    st.subheader(f"{words.count(len(job_ids), 'voice')} ordered", anchor=False)
    for job_id in job_ids:
        with st.container(border=True):
            found = overview.find(context, job_id)
            if found and found.voice:
                st.markdown(f"**{words.plain(found.voice.name)}**")
            job_progress(context, job_id)


def _draw_bar(examined: Sequence[Examined]) -> None:
    seconds = sum(one.seconds for one in examined)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{words.count(len(examined), 'recording')}**, {words.seconds(seconds)} in all. "
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


def name_of(draft: Draft) -> str:
    """What the voice is to be called: as somebody typed it, or after the file."""
    noted = draft.decided.get(NAME)
    return noted if isinstance(noted, str) and noted else examining.suggested_name(draft)


def speaker_of(draft: Draft) -> str:
    """Who speaks in it, as somebody typed it; "" where nobody did."""
    noted = draft.decided.get(SPEAKER)
    return noted if isinstance(noted, str) else ""


def _draw_table(
    examined: Sequence[Examined], verdicts: Mapping[str, Verdict], grades: Mapping[str, Grade]
) -> None:
    rows = [
        {
            "Name": name_of(one.draft),
            "Who speaks": speaker_of(one.draft),
            "Sound": recording.GRADES[grade].signed if (grade := grades.get(one.draft.id)) else "",
            "Service": TAKES[verdicts[one.draft.id].fit],
            "Length": words.seconds(one.seconds) if one.recording else "",
            "File": one.draft.file_name,
        }
        for one in examined
    ]
    key = f"{TABLE}_{'_'.join(one.draft.id[-6:] for one in examined)}"
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
        try:
            open_shop().drafts.change(draft, **typed)
        except (DraftGone, DraftRefused) as problem:
            bringing.tell(str(problem))


def _draw_one(
    context: Context, examined: Sequence[Examined], verdicts: Mapping[str, Verdict]
) -> None:
    """A closer look at one of them."""
    by_id = {one.draft.id: one for one in examined}
    chosen = st.selectbox(
        "Look at one closely",
        list(by_id),
        index=None,
        format_func=lambda id_: name_of(by_id[id_].draft),  # no Markdown here
        placeholder="Choose a recording to cut it or mend it",
        key=LOOKED_AT,
    )
    for one in examined:
        if verdicts[one.draft.id].fit is Fit.REFUSE:
            named = words.plain(name_of(one.draft))
            st.warning(
                f"{named}: {words.plain(verdicts[one.draft.id].reason)} It will not be cloned.",
                icon=":material/block:",
            )
    if chosen in by_id:
        one = by_id[chosen]
        with st.container(border=True):
            recording.draw_head(one, is_alone=False)
            recording.draw(context, one)


def _ask_consent(taken: Sequence[Examined]) -> bool:
    """One tick for each person; True once all agreed."""
    speakers = {
        speaker.casefold(): speaker for one in taken if (speaker := speaker_of(one.draft).strip())
    }
    agreed = [
        st.checkbox(
            words.plain(
                f"Nobody but {speaker} speaks there. {speaker} agrees that their voice is cloned, "
                "and I may say so."
            ),
            key=f"clone_consent_{sha256(folded.encode(errors='replace')).hexdigest()[:12]}",
        )
        for folded, speaker in speakers.items()
    ]
    return all(agreed)


def _listed(several: Sequence[Examined]) -> str:
    """Their names, as one reads them in a sentence."""
    *others, last = [name_of(one.draft) for one in several]
    return f"{', '.join(others)} and {last}" if others else last


def _draw_asked(taken: Sequence[Examined], offer: CloneOffer) -> dict[str, int]:
    """What was asked about some of them, which were ordered lately; how often, by draft."""
    again = {}
    for one in taken:
        asked = st.session_state.get(QUESTIONS, {}).get(one.draft.id)
        if asked and asked[0] == ordering.about(one, offer):
            again[one.draft.id] = int(asked[2])
            st.warning(f"{words.plain(name_of(one.draft))}: {words.plain(asked[1])}")
    return again


def _why_not(taken: Sequence[Examined], *, agreed: bool, is_stopped: bool) -> str:
    """Why nothing can be ordered yet; "" where it can."""
    if not taken:
        return "This service takes none of these recordings."
    if not all(speaker_of(one.draft).strip() for one in taken):
        return "Fill in who speaks in each recording."
    if not agreed:
        return "Tick that each of these people agrees."
    if is_stopped:
        return "Some recordings have no speech: choose others, or tick that they are cloned."
    return ""


def _order(
    context: Context,
    offer: CloneOffer,
    taken: Sequence[Examined],
    again: Mapping[str, int],
    **filled_in: Any,
) -> None:
    with confirming.show_refusals():
        requests = [
            ordering.request_of(
                context,
                one,
                offer,
                name=name_of(one.draft),
                speaker=speaker_of(one.draft),
                consent=True,
                person=person(context),
                another=again.get(one.draft.id, 0),
                **filled_in,
            )
            for one in taken
        ]
        outcomes = clone_all(context, requests)
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
                named = words.plain(name_of(one.draft))
                st.error(f"{named}: {words.plain(outcome.why_not)}", icon=":material/block:")
        if asked or all(outcome.job for outcome in outcomes):
            st.rerun()
