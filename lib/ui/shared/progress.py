"""Speech on its way, for one voice or for several side by side; a long text part by part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from lib import units
from lib.models import ErrorKind, JobState, Money, Take, TextState, Voice
from lib.roles import Permission
from lib.services import DEMO
from lib.studio.core.context import Context
from lib.studio.jobs import long_texts, overview
from lib.studio.jobs.long_texts import Part, Reading
from lib.studio.jobs.overview import Followed
from lib.studio.orders import speaking
from lib.ui import words
from lib.ui.access.front import may, person
from lib.ui.shared import budget, confirming, voices
from lib.ui.shared.live import balances_of, is_in_progress, money_of, show_waiting, trouble, watch
from lib.ui.shared.player import play_take
from lib.units import span

SHOWN = 4
"""Parts in trouble that are shown one by one; all of them are in the list of parts."""
EXCERPT = 91
"""Characters of a part, where it is in trouble or is chosen."""
HEAD = 161
"""Characters of a text above its sound."""
OPEN_LIST = 6
"""Parts that are listed without a click; more are folded up."""
LINE = 56
"""Characters of a part in that list: one line of a page."""
QUIET = "speak_quiet"
"""What was there before this visit of the page: it does not begin to play by itself."""


def side_by_side(context: Context, ids: Sequence[str]) -> None:
    """What was ordered last, with voice and text: another choice may stand above by now."""
    autoplay = len(ids) == 1 and ids[0] not in st.session_state.get(QUIET, ())

    def draw(found: Sequence[Followed | None]) -> None:
        columns = st.columns(len(ids), border=len(ids) > 1)
        for column, said in zip(columns, found, strict=True):
            with column:
                _draw(context, said, named=True, autoplay=autoplay)

    watch(
        lambda: [overview.find(context, job_id) for job_id in ids],
        draw,
        is_in_progress=lambda found: any(is_in_progress(context, said) for said in found),
        key="said",
    )


def follow(context: Context, job_id: str, *, named: bool = False, autoplay: bool = False) -> None:
    """Draw a speech from its order to its sound, renewed by itself; a long one part by part.

    `named`: with voice and text above it. `autoplay`: it begins to play once it is there.
    """
    watch(
        lambda: overview.find(context, job_id),
        lambda said: _draw(context, said, named=named, autoplay=autoplay),
        is_in_progress=lambda said: is_in_progress(context, said),
        key=f"said_{job_id}",
    )


def _draw(context: Context, said: Followed | None, *, named: bool, autoplay: bool) -> None:
    if said is None or (said.order.deleted and said.take is None):
        st.info("This take no longer exists.")
        return
    order, job = said.order, said.job
    if named:
        head(said.voice, order.text)
    if said.text:
        _draw_text(context, said.text, said.voice, autoplay=autoplay)
    elif said.take:
        play_take(context, said.take, order.service, autoplay=autoplay)
        show_cut(said.take, said.voice)
    elif job and job.is_in_progress(now := context.now(job.service)):
        show_waiting(job, now)
    elif job:
        trouble(context, job, said.voice)


def head(voice: Voice | None, text: str) -> None:
    """Who says it, which leads to the voice's page, and what."""
    with st.container(gap=None):
        if voice:
            voices.name_link(voice)
        else:
            st.markdown("**A voice that is gone**")
        st.markdown(words.plain(words.short(text, HEAD)))


def show_cut(take: Take, voice: Voice | None) -> None:
    """Say when a sound that is there is too short for its text."""
    if _is_cut(take, voice):
        wording = f"{_cut_words('This', take)}. Listen to its end; shorter sentences help."
        st.warning(wording, icon=":material/content_cut:")


def _is_cut(take: Take | None, voice: Voice | None) -> bool:
    return bool(take and take.key and voice and long_texts.sounds_cut(take, voice.kind))


def _cut_words(what: str, take: Take) -> str:
    expected = units.seconds(speaking.seconds_of(take))
    return f"{what} sounds cut off: {units.seconds(take.seconds)} for a text of about {expected}"


def _draw_text(context: Context, text: Reading, voice: Voice | None, *, autoplay: bool) -> None:
    """A long text: its sound, how far it is, and what stands still."""
    order, count = text.long_text, len(text.parts)
    if text.take:
        # While a part is spoken again this sound is about to be replaced, in the middle of a word.
        play_take(context, text.take, order.service, autoplay=autoplay and not text.is_in_progress)
        length = units.seconds(text.take.seconds)
        cost = words.price(text.cost, demo=order.service == DEMO)
        st.caption(words.plain(f"{count} parts · {length} · {cost}"))
    if not text.take or text.is_in_progress:
        st.progress(text.spoken / max(count, 1), _stage(text))
        _list_parts(text)
    cut = _cut(text, voice)
    if text.missing or cut:
        _show_budget(context, text)
    for part in text.missing[:SHOWN]:
        _draw_missing(context, text, part)
    if len(text.missing) > SHOWN:
        st.caption(f"{len(text.missing) - SHOWN} more parts are missing.")
    if len(text.missing) > 1:
        label = f"Send all {len(text.missing)} missing parts again"
        _again(context, text, text.missing, label)
    for part in cut[:SHOWN]:
        _draw_cut(context, text, part)
    if len(cut) > SHOWN:
        st.caption(f"{len(cut) - SHOWN} more parts sound cut off.")
    if order.state is TextState.FAILED and not text.missing and not text.is_in_progress:
        st.error(words.plain(order.error), icon=":material/error:")
        if may(context, Permission.SPEAK) and st.button(
            "Join the parts again", key=f"join_{order.id}"
        ):
            long_texts.join_again(context, order, person(context))
            st.rerun()
    _all_parts(context, text, budget_is_shown=bool(text.missing or cut))


def _show_budget(context: Context, text: Reading) -> None:
    """What is left to spend, once for all the prices below; nothing where there are none."""
    if not may(context, Permission.SPEAK):
        return
    facts = ["You pay only for what you send again", *budget.facts(context, text.long_text.service)]
    st.caption(words.plain(" · ".join(facts)))


def _stage(text: Reading) -> str:
    """How far it is: what is spoken, what is under way, since when."""
    count = len(text.parts)
    ran = span(text.now - text.long_text.created_at)
    if text.spoken == count and text.is_in_progress:
        held_up = text.long_text.last_answer if text.long_text.attempts else ""
        return words.plain(held_up or f"All {count} parts are ready. Joining them…")
    return f"{text.spoken} of {count} parts are ready" + (
        f" · {ran}" if text.is_in_progress else ""
    )


def _list_parts(text: Reading) -> None:
    """How each part stands, until all are spoken, and what holds them up."""
    if not any(part.take is None or part.is_in_progress(text.now) for part in text.parts):
        return
    for wording in _what_holds_up(text)[:SHOWN]:
        st.caption(words.plain(wording))
    lines = "  \n".join(_line_of(part, text.now) for part in text.parts)
    count = len(text.parts)
    if count <= OPEN_LIST:
        st.markdown(lines)
    else:
        with st.expander(f"All {count} parts", key=f"parts_{text.long_text.id}"):
            st.markdown(lines)


def _line_of(part: Part, now: datetime) -> str:
    is_spoken = part.take is not None and not part.is_in_progress(now)
    stage = words.STATE[JobState.DONE] if is_spoken else words.stage(part.latest, now)
    return f"{part.number} {stage.badge} {words.plain(words.short(part.text, LINE))}"


def _what_holds_up(text: Reading) -> list[str]:
    """Each reason once, in the words of the first part that it holds up: of those in line that is
    the one whose turn is next.
    """
    reasons: dict[str, list[Part]] = {}
    for part in text.parts:
        why = part.latest.last_answer
        waits = part.latest.state is JobState.CONFIRMED or part.latest.attempts
        if why and waits and part.is_in_progress(text.now):
            in_queue = part.latest.answer_kind is ErrorKind.QUEUE
            reasons.setdefault(ErrorKind.QUEUE if in_queue else why, []).append(part)
    found = []
    for first, *more in reasons.values():
        whose = f"Part {first.number}" + (f" and {len(more)} more" if more else "") + ": "
        found.append((whose if len(reasons) > 1 else "") + first.latest.last_answer)
    return found


def _cut(text: Reading, voice: Voice | None) -> list[Part]:
    """Parts whose sound is too short for their text, and that nobody speaks again right now."""
    return [
        part
        for part in text.parts
        if _is_cut(part.take, voice) and not part.is_in_progress(text.now)
    ]


def _draw_missing(context: Context, text: Reading, part: Part) -> None:
    """A part that brought no sound: what is known, and the way on."""
    job = part.latest
    if job.state is JobState.UNKNOWN:
        wording = "we don't know if it went through. If it did, sending it again is charged twice."
        wording += f" {balances_of(job)}"
    elif job.state is JobState.CONFIRMED:
        wording = "it was not sent in time, and nothing was spent."
    else:
        wording = f"it failed. {job.error}"
        if job.cost.micros or not job.error_tells_cost:
            wording += f" {money_of(job)}"
    said = words.plain(words.short(part.text, EXCERPT))
    st.warning(
        f"Part {part.number}: {words.plain(wording)}  \n“{said}”",
        icon=":material/error:",
    )
    _again(context, text, [part], f"Send part {part.number} again")


def _draw_cut(context: Context, text: Reading, part: Part) -> None:
    if part.take is None:
        return
    end = words.plain(part.text[-EXCERPT:])
    wording = f"{_cut_words(f'Part {part.number}', part.take)}.  \n“…{end}”"
    st.warning(wording, icon=":material/content_cut:")
    play_take(context, part.take, text.long_text.service)
    _again(context, text, [part], f"Generate part {part.number} again")


def _again(
    context: Context, text: Reading, parts: Sequence[Part], label: str, *, place: str = ""
) -> None:
    """The button that orders these parts once more, at the price of these parts alone.

    `place`: tells two buttons for the same part apart.
    """
    if not may(context, Permission.SPEAK):
        return
    # The same for a newer order of a part, so that a press on the button before it still counts.
    key = f"part_again_{place}{text.long_text.id}_{parts[0].number}"
    if len(parts) > 1:
        key = f"parts_again_{text.long_text.id}"
    price = Money.total(part.latest.estimate for part in parts)
    if confirming.paid_button(
        words.plain(f"{label} ({words.price(price, demo=text.long_text.service == DEMO)})"),
        key=key,
        price=price,
        icon=":material/replay:",
        what=[part.latest.id for part in parts],
        primary=False,
    ):
        with confirming.show_refusals():
            for part in parts:
                speaking.again(context, part.latest, person(context))
            st.rerun()


def _all_parts(context: Context, text: Reading, *, budget_is_shown: bool) -> None:
    """Any part can be heard, and spoken again, by itself.
    `budget_is_shown`: what is left to spend is told already.
    """
    if not text.spoken:
        return
    by_number = {part.number: part for part in text.parts}
    number = st.selectbox(
        "A single part",
        list(by_number),
        index=None,
        key=f"part_{text.long_text.id}",
        format_func=lambda number: f"{number}: {words.short(by_number[number].text, EXCERPT)}",
        placeholder=f"All {len(by_number)} parts",
    )
    part = by_number.get(number or 0)
    if part is None:
        return
    st.text(part.text)
    if part.take is None:
        st.caption(words.plain(words.stage(part.latest, text.now).word))
    else:
        st.caption(words.plain(units.seconds(part.take.seconds)))
        play_take(context, part.take, text.long_text.service)
        if not part.is_in_progress(text.now):
            if not budget_is_shown:
                _show_budget(context, text)
            _again(context, text, [part], f"Generate part {part.number} again", place="one_")
