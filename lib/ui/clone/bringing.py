"""Three ways to bring a recording: files, the microphone, a link. What came is a draft at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from threading import Lock
from urllib.parse import urlsplit

import streamlit as st

from lib.downloads import DownloadError, fetch
from lib.settings import Door
from lib.studio.core.context import Context
from lib.studio.core.drafts import LARGEST, Draft, DraftGone, DraftRefused
from lib.ui import words
from lib.ui.access import front, uploads
from lib.ui.access.process import open_shop
from lib.ui.clone.booth import booth
from lib.ui.clone.recorder import Recorded
from lib.ui.shared import fields
from lib.ui.shared.consenting import ConsentForm

UPLOAD, LINK, MICROPHONE = "clone_upload", "clone_link", "clone_record"
ASKED = "clone_bringing"
"""Whether the ways to bring are open though something is here: "other" takes its place, "more"
stands beside it."""
FAULTS = "clone_faults"
"""What could not be taken, as sentences, until the next try."""
TRIES = "clone_link_tries"
TURN = "clone_upload_turn"
"""How often the field for files was emptied: one that is released stays on the screen until its
field has another key."""
SPEECHLESS = "clone_no_speech"
"""The tick that nobody has to speak in what is here."""
CONSENT = ConsentForm(
    form="clone",
    question="Who speaks in this recording?",
    own="I speak in it myself",
    other="Somebody else, who has agreed",
    name="The name of that person",
    agreement=(
        "Only one person speaks in this recording. That person agrees to have their voice cloned, "
        "and I am allowed to confirm this."
    ),
)
OWNER = "clone_owner"
ORDER = "order"
"""Of what is decided about a draft: the order that was made of it."""
OTHER, MORE = "other", "more"
FETCHING = Lock()
"""Held while a link is fetched, by whomever: the file is in memory until it is on the disk, and
what comes this way is counted nowhere else.
"""
BUSY = (
    "Another link is being fetched right now. Try again in a minute. Nothing was stored or spent."
)
SAID = (SPEECHLESS, *CONSENT.typed)
"""What was said of the recording that is here, and holds for no other."""
TYPED = (UPLOAD, LINK, ASKED, FAULTS, TRIES, *SAID)


def owner_of(context: Context) -> str:
    """Whose drafts these are: the person's, in all tabs, or this tab's where nobody has a name."""
    if context.settings.door is Door.EVERYBODY:
        return f"tab {st.session_state.setdefault(OWNER, secrets.token_hex(16))}"
    return f"person {front.seen(context).label}"


def brought(context: Context) -> tuple[Draft, ...]:
    """What this person brought, oldest first; what was just ordered waits among it to be taken."""
    return context.drafts.of(owner_of(context))


def note_ordered(context: Context, ordered: Iterable[tuple[Draft, str]]) -> None:
    """These were ordered a moment ago, each by the order of this id. They stay until the orders
    were shown: a second click may end this page run before it shows them, at any use of Streamlit,
    and must meet neither an empty form nor one of what is ordered.
    """
    for draft, job_id in ordered:
        with suppress(DraftGone, DraftRefused):  # the order stands all the same
            context.drafts.change(draft, **{ORDER: job_id})
    tell()


def take_ordered(context: Context, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """The orders of these that were not shown yet; their drafts are deleted."""
    found = [draft for draft in drafts if ORDER in draft.decided]
    for draft in found:
        context.drafts.drop(draft)
    return tuple(str(draft.decided[ORDER]) for draft in found)


def is_asking(drafts: Sequence[Draft]) -> bool:
    """Whether the ways to bring something are open."""
    return not drafts or ASKED in st.session_state


def ask(how: str) -> None:
    """A button's callback: open the ways to bring another recording, or more of them."""
    st.session_state[ASKED] = how
    st.session_state.pop(FAULTS, None)
    st.session_state.pop(LINK, None)


def draw(context: Context, drafts: Sequence[Draft]) -> None:
    """The three ways."""
    upload, record, link = st.tabs(["Upload files", "Record", "From a link"])
    with upload:
        fields.files(
            "Recordings",
            key=_upload(),
            max_upload_size=LARGEST // uploads.MEGABYTE,
            help="Audio files, voice memos, and videos from a phone. Each file becomes a voice.",
            on_change=_take_files,
        )
        st.caption(
            "Best is half a minute of one person, without music or noise. Any common audio or "
            "video file works. Voicekeep converts what a service does not accept."
        )
    with record:
        booth(MICROPHONE, on_recorded=_take_recorded)
    with link:
        _draw_link(context)
    if drafts:
        st.button("Cancel", key="clone_bring_cancel", type="tertiary", on_click=_stop_asking)


def draw_faults() -> None:
    """What could not be taken, or noted of what is here."""
    for sentence in st.session_state.get(FAULTS, ()):
        st.error(words.plain(sentence), icon=":material/block:")


def tell(*faults: str) -> None:
    """What the next drawing says of what could not be done; nothing any more without one."""
    st.session_state[FAULTS] = list(faults)


@front.from_inside
def remove(draft: Draft) -> None:
    """A button's callback: delete one draft."""
    open_shop().drafts.drop(draft)


@front.from_inside
def remove_all() -> None:
    """A button's callback: delete all that this person brought."""
    context = open_shop()
    context.drafts.drop_all(owner_of(context))


def _upload() -> str:
    """The key of the field for files."""
    turn = st.session_state.get(TURN, 0)
    return f"{UPLOAD}_{turn}" if turn else UPLOAD


def _stop_asking() -> None:
    st.session_state.pop(ASKED, None)
    st.session_state.pop(FAULTS, None)


@front.from_inside
def _take_files() -> None:
    given = st.session_state.get(_upload()) or []
    _keep(open_shop(), [(file.getvalue(), file.name) for file in given])
    for file in given:
        uploads.release(file)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + bool(st.session_state[FAULTS])


@front.from_inside
def _take_recorded(recorded: Recorded) -> None:
    _keep(open_shop(), [(recorded.data, "My recording.wav")])


def _keep(context: Context, came: Sequence[tuple[bytes, str]]) -> None:
    """Keep what came as drafts. It takes the place of what was here where somebody asked for that;
    else it stands beside it: another tab may have brought that, which nobody saw in this one.
    """
    owner, who = owner_of(context), front.person(context)
    before = context.drafts.of(owner)
    kept, faults = [], []
    for data, name in came:
        try:
            kept.append(context.drafts.bring(owner, data, name, person=who))
        except DraftRefused as refusal:
            faults.append(f"{name}: {refusal}" if len(came) > 1 else str(refusal))
    st.session_state[FAULTS] = faults
    if not kept:
        return
    for key in SAID if before else ():
        st.session_state.pop(key, None)
    if st.session_state.pop(ASKED, None) == OTHER:
        stay = {draft.id for draft in kept}
        for draft in before:
            if draft.id not in stay:
                context.drafts.drop(draft)


def _draw_link(context: Context) -> None:
    address = fields.line(
        "Link to a recording",
        key=LINK,
        placeholder="https://…",
        help="Voicekeep fetches, checks and stores it. The service gets that copy.",
        on_change=_try_again,
    ).strip()
    if not address:
        return
    # A page run follows every click: an address that failed is not fetched again by each.
    fault = st.session_state.get(TRIES, "")
    if not fault and not FETCHING.acquire(blocking=False):
        fault = st.session_state[TRIES] = BUSY
    elif not fault:
        try:
            with st.spinner("Fetching the recording…"):
                data = fetch(address, max_bytes=LARGEST)
            _keep(context, [(data, PurePosixPath(urlsplit(address).path).name or "Recording")])
        except DownloadError as problem:
            fault = st.session_state[TRIES] = f"{problem} Nothing was stored or spent."
        else:
            fault = st.session_state[TRIES] = " ".join(st.session_state.pop(FAULTS))
        finally:
            FETCHING.release()
        if not fault:
            st.session_state.pop(LINK)  # or it would be fetched again once it is ordered
            st.rerun()
    st.error(words.plain(fault))
    st.button("Try again", key="clone_fetch", icon=":material/refresh:", on_click=_try_again)


def _try_again() -> None:
    st.session_state.pop(TRIES, None)
    st.session_state.pop(FAULTS, None)
