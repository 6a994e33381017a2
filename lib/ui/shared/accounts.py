"""Accounts on the Settings page: whose a new key is, and what each account is called."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.retention import Reach
from lib.roles import Permission
from lib.services import COPY, KINDS, SERVICES
from lib.studio.core import accounts
from lib.studio.core.accounts import Known, Question
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.ui import words
from lib.ui.access.front import from_inside, may, page_file, person
from lib.ui.shared.confirming import answer

SAME_AS = "account_same_as"
"""Where the session keeps which account somebody called the same."""


def draw(context: Context) -> None:
    """The question after a new key, and the accounts of services that have more than one."""
    for service, known in accounts.all_known(context).items():
        if asked := accounts.question_about(known):
            _ask(context, asked)
        elif len(known) > 1:
            _list(context, service, known)


def remind(context: Context, entries: Sequence[Entry]) -> None:
    """While a new key's question is open, other pages say so and lead to it."""
    asked = [
        item.voice.service
        for item in entries
        if item.terms.reach is Reach.ASKED and item.rule.stopped_by != COPY
    ]
    open_for = [SERVICES[service].title for service in dict.fromkeys(asked)]
    if open_for:
        with st.container(border=True, key="accounts_reminder"):
            st.markdown(
                f":material/key: **The {' and the '.join(open_for)} key is new.** Until somebody "
                "says whose it is, voices from before are not used with it."
            )
            if may(context, Permission.KEEP):  # a member may know the admins' passphrase
                st.page_link(page_file("settings"), label="Say it in Settings")


def _ask(context: Context, asked: Question) -> None:
    title = SERVICES[asked.current.service].title
    with st.container(border=True, key=f"account_question_{asked.current.service}"):
        st.markdown(f"**Is the new {title} key one of the same account?**")
        st.write(
            "A service knows a voice by the account that made it. Until this is answered, the new "
            "key is not used with the voices from before, but for those in their last 48 hours."
        )
        if not may(context, Permission.SETTINGS):
            return
        with st.container(horizontal=True):
            for item in asked.others:
                made = words.count(item.voices, "voice")
                if st.button(
                    f"Yes, the same as “{words.plain(item.account.label)}” ({made})",
                    key=f"account_same_{item.account.id}",
                    icon=":material/check:",
                ):
                    st.session_state[SAME_AS] = item.account.id
            if st.button(
                "No, another account",
                key=f"account_other_{asked.current.id}",
                icon=":material/person_add:",
            ):
                accounts.other(context, asked, person(context))
                st.rerun()
        _make_sure(context, asked)


def _make_sure(context: Context, asked: Question) -> None:
    """ "Yes" joins two accounts into one, for good: it is asked twice."""
    old_id = st.session_state.get(SAME_AS)
    if old_id not in {item.account.id for item in asked.others}:
        return
    st.warning(
        "Both become one account, and that cannot be taken back. With a key of another account, "
        "its voices would be used in vain and could be lost. The service's own page shows whose "
        "a key is.",
        icon=":material/warning:",
    )
    keys = f"account_sure_{old_id}", f"account_leave_{old_id}"
    if answer(SAME_AS, "They are one account", "Back", keys=keys):
        accounts.same(context, asked, old_id, person(context))
        st.rerun()


def _list(context: Context, service: str, known: list[Known]) -> None:
    """Each account with its voices and a name to be changed."""
    with st.container(border=True, key=f"accounts_{service}"):
        st.markdown(f"**{SERVICES[service].title} accounts**")
        files = [kind.title for kind in KINDS.values() if kind.is_file]
        st.caption(
            "Voices speak with a key of the account that made them, and with no other; only "
            f"{' and '.join(files)} voices, which are files, speak with any key."
        )
        for item in known:
            made = words.count(item.voices, "voice")
            use = "its key is in use" if item.in_use else "there is no key of it here"
            if not may(context, Permission.SETTINGS):
                st.markdown(f"**{words.plain(item.account.label)}**: {made}, {use}")
                continue
            st.text_input(
                f"{made}, {use}",
                value=item.account.label,
                max_chars=accounts.MAX_LABEL,
                key=f"account_name_{item.account.id}",
                on_change=_rename,
                args=(context, item),
            )
            if (
                item.in_use
                and item.account.settled
                and st.button(
                    "Ask again whose key this is",
                    key=f"account_ask_again_{item.account.id}",
                    icon=":material/undo:",
                    help="If it was answered wrongly, the question comes back.",
                )
            ):
                accounts.ask_again(context, item.account, person(context))
                st.rerun()


@from_inside
def _rename(context: Context, item: Known) -> None:
    label = str(st.session_state[f"account_name_{item.account.id}"] or "")
    accounts.rename(context, item.account, label, person(context))
