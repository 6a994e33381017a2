"""Takes that are shared by a link: one is shared, what is shared, and where such a link leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import quote, urlsplit

import streamlit as st

from lib import units
from lib.models import Take
from lib.roles import Permission
from lib.studio.core.context import Context
from lib.studio.core.records import Share, VaultError
from lib.studio.library import sharing
from lib.studio.library.listing import Entry
from lib.studio.library.reasons import Reason
from lib.studio.library.sharing import Link
from lib.studio.library.wording import sentence
from lib.ui import words
from lib.ui.access.front import may, person, seen
from lib.ui.shared import progress, voices
from lib.ui.shared.confirming import show_refusals
from lib.ui.shared.live import watch
from lib.ui.shared.player import play_take

SHARING = "takes_sharing"
"""The take whose links are open."""
ENDED = "takes_share_ended"
"""The link that this session ended last."""
LINKED = "take"
"""What a link inside the app says behind the `?`."""
USUAL_DAYS = 3
SHOWN = 50
"""Links in one list, the newest; older ones stand at their takes as well."""
CLOUDS_OWN = "/~/+"
"""Streamlit's Community Cloud shows an app inside a page of its own, under this path."""


def button(context: Context, take_id: str) -> None:
    """Opens and closes the links of a take, which stand below it."""
    if not may(context, Permission.SHARE):
        return
    is_open = st.session_state.get(SHARING) == take_id
    st.button(
        "Close" if is_open else "Share",
        key=f"share_{take_id}",
        icon=":material/close:" if is_open else ":material/share:",
        type="tertiary",
        on_click=partial(st.session_state.update, {SHARING: None if is_open else take_id}),
    )


def panel(context: Context, take: Take, service: str) -> None:
    """The links of this take, where they are open: for the team, and for anybody."""
    if st.session_state.get(SHARING) != take.id or not may(context, Permission.SHARE):
        return
    with st.container(key=f"share_panel_{take.id}"):
        st.markdown("**For your team**")
        st.code(team_link(st.context.url, take.id), language=None)
        st.caption("Opens this take here, for people who can sign in to this app.")
        st.markdown("**For anybody**")
        if sharing.has_bucket(context, service):
            _offer(context, take)
        else:
            st.caption(
                "Links that open without signing in need a bucket. This take is on the app's disk."
            )
        _follow(context, f"shared_{take.id}", take_id=take.id)


def draw_all(context: Context) -> None:
    """Everything that is shared, folded up, where there is a bucket; what is folded is not asked
    for, so that no address is signed which nobody looks at.
    """
    if not may(context, Permission.SHARE) or not sharing.has_bucket(context):
        return
    part = st.expander(
        "Shared by link", icon=":material/share:", key="shared_all", on_change="rerun"
    )
    if not part.open:
        return
    with part:
        if st.session_state.get(SHARING):  # those of one take renew themselves below
            _draw_shares(context, sharing.listed(context, seen(context)), place="shared_all")
        else:
            _follow(context, "shared_all")


def linked(context: Context, by_id: Mapping[str, Entry]) -> None:
    """The take that somebody came for by a link, above all else."""
    wanted = st.query_params.get(LINKED, "")
    if not wanted:
        return
    take = sharing.find(context, wanted)
    if take is None:
        st.info("This link leads to a take that no longer exists.", icon=":material/link_off:")
        return
    item = by_id.get(take.voice_id)
    with st.container(border=True, key="linked_take"):
        progress.head(item.voice if item else None, take.text)
        play_take(context, take, item.voice.service if item else "")
        with st.container(horizontal=True, vertical_alignment="center"):
            now = item.now if item else context.clock.now()
            made = f"{words.until(take.created_at, now)} · {units.seconds(take.seconds)}"
            st.caption(words.plain(made), width="stretch")
            st.button(
                "Close",
                key="linked_close",
                icon=":material/close:",
                type="tertiary",
                on_click=_close_linked,
            )
        if len(take.text) >= progress.HEAD:
            with st.expander("The whole text"):
                st.text(take.text)


def _close_linked() -> None:
    st.query_params.pop(LINKED, None)


def team_link(url: str | None, take_id: str) -> str:
    """Where this take is found in the app; `url` is that of the Playground as this browser sees it.

    Without one it begins with the path alone.
    """
    here = urlsplit(url or "/playground")
    start = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    path = here.path.replace(CLOUDS_OWN, "") or "/playground"
    return f"{start}{path}?{LINKED}={quote(take_id, safe='')}"


def _offer(context: Context, take: Take) -> None:
    """What a link does and for how long, and the button that makes one."""
    st.caption(
        "Anyone with the link can listen and download without signing in. Sharing costs nothing. A "
        "copy of the audio stays in your bucket until the link expires or you end it."
    )
    if sharing.is_short_lived(context):
        st.caption(
            "Your bucket's keys are temporary: the link stops working when they expire, even "
            "before its last day. Then come back here and copy a new one."
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.segmented_control(
            "Days until it expires",
            range(1, sharing.LONGEST_DAYS + 1),
            default=USUAL_DAYS,
            required=True,
            key=f"share_days_{take.id}",
        )
        pressed = st.button("Create link", key=f"share_go_{take.id}", icon=":material/add_link:")
    if pressed:
        with show_refusals("Nothing was shared."):
            sharing.share(context, take, person(context), days=days or USUAL_DAYS)
            st.rerun()


def _follow(context: Context, place: str, *, take_id: str = "") -> None:
    """All links, or those of one take, drawn anew by themselves while one comes or goes."""
    watch(
        lambda: sharing.listed(context, seen(context), take_id=take_id),
        lambda found: _draw_shares(context, found, place=place),
        is_in_progress=lambda found: any(
            item.share.is_in_progress(context.clock.now()) for item in found
        ),
        key=f"{place}_links",
    )


def _draw_shares(context: Context, found: Sequence[Link], *, place: str) -> None:
    ended = st.session_state.get(ENDED)
    if ended and all(item.share.id != ended for item in found):
        del st.session_state[ENDED]
        st.toast(
            "The link has ended. Its copy is deleted, and Voicekeep checked that it is gone.",
            icon=":material/link_off:",
        )
    if not found and place == "shared_all":
        st.caption("Nothing is shared. Press Share on a take to create a link.")
    for item in found[:SHOWN]:
        with st.container(border=True, key=f"{place}_{item.share.id}"):
            _draw_share(context, item, place=place)
    if (rest := len(found) - SHOWN) > 0:
        st.caption(f"And {rest:,} more. Each is listed on its take, under Share.")


def _draw_share(context: Context, item: Link, *, place: str) -> None:
    """One link: of what, by whom, until when, its address, and the button that ends it."""
    share, now, who = item.share, context.clock.now(), seen(context)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            if place == "shared_all":
                st.markdown(
                    words.plain(words.short(item.text or "A take that is gone", progress.HEAD))
                )
            by = f" · by {share.shared_by}" if share.shared_by else ""
            voice = f"{item.voice} · " if place == "shared_all" and item.voice else ""
            until = voices.moment_words(share.until, now)
            st.caption(words.plain(f"{voice}Expires {until}{by}"))
        if not share.ended_at and item.may_end:
            _end_button(context, share, place)
    if share.is_open(now):
        try:
            if address := sharing.address(context, share, who):
                st.code(address, language=None)
            else:
                st.warning(sentence(Reason.IN_PREVIOUS_STORAGE))
        except VaultError as problem:
            st.warning(words.plain(str(problem)))
    elif share.is_over(now):
        _tell_end(share)
    elif share.trouble:
        st.warning(
            words.plain(f"The link is not ready. {share.trouble} Voicekeep will try again."),
            icon=":material/link_off:",
        )
    else:
        st.progress(0.5, "Storing and checking the copy…")


def _tell_end(share: Share) -> None:
    if share.trouble:
        st.warning(
            words.plain(
                "The copy is not deleted yet, so the link may still work until it expires. "
                f"{share.trouble} Voicekeep will try again."
            ),
            icon=":material/warning:",
        )
    else:
        st.progress(0.5, "Deleting the copy…")


def _end_button(context: Context, share: Share, place: str) -> None:
    pressed = st.button(
        "End link",
        key=f"{place}_end_{share.id}",
        icon=":material/link_off:",
        type="tertiary",
    )
    if pressed:
        with show_refusals("The link was not ended."):
            sharing.end(context, share, person(context))
            st.session_state[ENDED] = share.id
            st.rerun()
