"""Activity: who did what, with which voice, and when; for admins."""

from lib.ui.access.front import draw_elevation, enter, page_file, person, plain_failures

context = enter()

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

import streamlit as st

from lib import units
from lib.event_kinds import EventKind
from lib.roles import Permission, Person
from lib.services import DEMO
from lib.studio.core import spreadsheet
from lib.studio.core.records import Deed, Wanted
from lib.studio.library import activity
from lib.studio.library.reasons import Called
from lib.studio.library.wording import called
from lib.ui import words
from lib.ui.shared import in_use, lengths
from lib.ui.shared.in_use import InUse
from lib.ui.shared.live import reading_the_vault
from lib.ui.shared.player import save_button

LINES = 100  # more with each press of “Show more”
MOST_LINES = 1_000
LONGEST = 300  # characters of what somebody did, as far as the table shows it
PEOPLE, KINDS, VOICE = "activity_who", "activity_what", "activity_voice"
FROM, UNTIL = "activity_from", "activity_until"
SHOWN = "activity_shown"  # for which filter how many lines are shown


def filters(who: Person) -> Wanted:
    """Draw the filters, which are kept in the address; returns what they let through."""
    searching = in_use.search(
        "activity", "Search by voice", key=VOICE, placeholder="Name of a voice"
    )
    with searching as voice:
        people = in_use.choice(
            "Who",
            activity.people(context, who),
            key=PEOPLE,
            named=str,
            placeholder="Everybody",
        )
        kinds = in_use.choice(
            "What", list(words.DEED), key=KINDS, named=deed_words, placeholder="Everything"
        )
        with st.container(horizontal=True):
            first = day("From", FROM)
            last = day("Until", UNTIL)
    in_use.draw(
        "activity",
        [
            *(InUse(words.short(name), PEOPLE, name) for name in people),
            *(InUse(deed_words(kind), KINDS, kind) for kind in kinds),
            *([InUse(f"From {first}", FROM)] if first else []),
            *([InUse(f"Until {last}", UNTIL)] if last else []),
        ],
    )
    return Wanted(
        people=tuple(people),
        kinds=tuple(map(EventKind, kinds)),
        voice=voice,
        since=midnight(first) if first else None,
        before=midnight(last + timedelta(days=1)) if last else None,
    )


def deed_words(kind: str) -> str:
    return words.DEED[EventKind(kind)]


def day(label: str, key: str) -> date | None:
    chosen = st.date_input(
        label,
        value=None,
        min_value=date(2000, 1, 1),
        key=key,
        format="YYYY-MM-DD",
        width=138,
        bind="query-params",
    )
    return chosen if isinstance(chosen, date) else None


def midnight(of: date) -> datetime:
    """When this day begins for the viewer."""
    return datetime.combine(of, time(), words.zone(st.context.timezone))


def clear() -> None:
    """Let all lines through."""
    st.session_state[VOICE] = ""
    in_use.drop_all([PEOPLE, KINDS, FROM, UNTIL])


def draw_lines(who: Person, wanted: Wanted) -> None:
    """The newest lines, their number, and ways to see more of them."""
    length = lengths.shown(SHOWN, wanted, LINES)
    deeds = activity.find(context, who, wanted, limit=length)
    if not deeds:
        st.write("Nothing matches these filters.")
        st.button("Clear filters", key="activity_clear", on_click=clear)
        return
    count = activity.count(context, who, wanted, most=activity.MOST_IN_FILE + 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        many = count_words(len(deeds), count)
        st.caption(f"{many} Choose one to open its voice or its order.", width="stretch")
        save_button(
            "Save as CSV",
            partial(activity.table, context, who, wanted),
            file_name=activity.FILE_NAME,
            mime=spreadsheet.MEDIA_TYPE,
            key="activity_save",
            help=f"For a spreadsheet. The newest {activity.MOST_IN_FILE:,} lines at most.",
        )
    link = st.container()
    draw_table(deeds, link)
    if length >= MOST_LINES and count > length:
        st.caption("To see older ones, choose an earlier day, or save the CSV.")
    elif count > length:
        lengths.button(SHOWN, wanted, length + LINES)


def count_words(shown: int, count: int) -> str:
    if count > activity.MOST_IN_FILE:
        return f"The newest {shown:,} of more than {activity.MOST_IN_FILE:,}."
    all_of_them = f"{units.count(count, 'line')}."
    return all_of_them if shown == count else f"The newest {shown:,} of {count:,}."


def draw_table(deeds: Sequence[Deed], link: st.delta_generator.DeltaGenerator) -> None:
    """A row for each line; the voice and the order of a chosen one can be opened."""
    with_demo = any(deed.service == DEMO for deed in deeds)
    state = st.dataframe(
        [row(deed, with_demo=with_demo) for deed in deeds],
        key="activity_table",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt="Who did what, the newest first",
        placeholder="",
        column_config={
            "When": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm", timezone=st.context.timezone or "UTC", width=140
            ),
            "Who": st.column_config.TextColumn(width=140),
            "What": st.column_config.TextColumn(width=250),
            "Voice": st.column_config.TextColumn(width=120),
            "Amount": st.column_config.TextColumn(width=125),
        },
    )
    rows = [number for number in state.selection.rows if number < len(deeds)]
    if rows:
        draw_links(deeds[rows[0]], link)


def draw_links(deed: Deed, place: st.delta_generator.DeltaGenerator) -> None:
    """Where the chosen line leads."""
    with place.container(horizontal=True):
        if deed.service not in context.settings.visible:
            st.caption("The voice of this line no longer exists.")
            return
        if deed.line.voice_id:
            st.page_link(
                page_file("voice"),
                label=f"Open {words.plain(words.short(deed.voice))}",
                icon=":material/graphic_eq:",
                query_params={"id": deed.line.voice_id},
            )
        if deed.line.job_id:
            st.page_link(
                page_file("jobs"),
                label="Open the order",
                icon=":material/pending_actions:",
                query_params={"job": deed.line.job_id},
            )


def row(deed: Deed, *, with_demo: bool) -> dict[str, object]:
    line = deed.line
    demo = deed.service == DEMO
    what = line.what[:1].upper() + line.what[1:LONGEST]
    return {
        "When": line.at,
        "Who": line.person or called(Called.UNKNOWN_VISITOR),
        "What": what,
        "Voice": deed.voice,
        "Amount": "" if deed.amount is None else words.price(deed.amount, demo=demo),
        **({"Demo": "Demo" if demo else ""} if with_demo else {}),
    }


st.title("Activity", anchor=False)

with plain_failures():
    visitor = person(context)
    draw_elevation(context, "see this")
    if not visitor.may(Permission.ACTIVITY):
        st.stop()
    if reading_the_vault(context):
        st.stop()
    if not activity.find(context, visitor, Wanted(), limit=1):
        st.info("No activity yet. Clone a voice, and see here who did what.")
        st.stop()
    draw_lines(visitor, filters(visitor))
