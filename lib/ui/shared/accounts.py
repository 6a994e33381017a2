"""Accounts and their keys: whose a new one is, what each account is called, which are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lib import units
from lib.retention import Reach
from lib.roles import Permission
from lib.services import COPY, KINDS, SERVICES
from lib.studio.alerts import checks
from lib.studio.core import accounts
from lib.studio.core.accounts import Known, Question
from lib.studio.core.context import Context
from lib.studio.library.listing import Entry
from lib.studio.library.together import fact
from lib.ui import words
from lib.ui.access.front import from_inside, may, page_file, person
from lib.ui.shared.confirming import answer

SAME_AS = "account_same_as"
"""Where the session keeps which account somebody called the same."""


def draw_questions(context: Context, found: Mapping[str, list[Known]]) -> None:
    """The question after a new key. `found`: all accounts, by service."""
    for known in found.values():
        if asked := accounts.question_about(known):
            _ask(context, asked)


def draw_lists(context: Context, found: Mapping[str, list[Known]]) -> None:
    """The accounts of services that have more than one, once it is known whose the key is."""
    for service, known in found.items():
        if len(known) > 1 and not accounts.question_about(known):
            _list(context, service, known)


def remind(context: Context, entries: Sequence[Entry]) -> None:
    """While a new key's question is open, other pages say so and lead to it."""
    open_for = [SERVICES[service].title for service in fact(entries, _asked_about)]
    if open_for:
        with st.container(border=True, key="accounts_reminder"):
            st.markdown(
                f":material/key: **The {' and the '.join(open_for)} key is new.** Until somebody "
                "confirms whose it is, earlier voices are not used with it."
            )
            if may(context, Permission.KEEP):  # a member may know the admins' passphrase
                st.page_link(page_file("settings"), label="Answer in Settings")


def _asked_about(entries: Sequence[Entry]) -> list[str]:
    """The services whose key is new while voices wait for the answer."""
    asked = (
        item.voice.service
        for item in entries
        if item.terms.reach is Reach.ASKED and item.rule.stopped_by != COPY
    )
    return list(dict.fromkeys(asked))


def warn_of_refused_keys(context: Context) -> None:
    """A key that is not accepted is told before anybody fills in an order that cannot be sent."""
    for service in checks.refused_keys(context):
        title = SERVICES[service].title
        st.warning(
            f"{title} rejects the key, so nothing can be ordered there. "
            + (
                "Replace it in Settings."
                if may(context, Permission.SETTINGS)
                else "Ask an admin to replace it."
            ),
            icon=":material/key_off:",
        )


def _ask(context: Context, asked: Question) -> None:
    title = SERVICES[asked.current.service].title
    with st.container(border=True, key=f"account_question_{asked.current.service}"):
        st.markdown(f"**Does the new {title} key belong to the same account?**")
        st.write(
            "A voice works only with the account that made it. Until you answer, the new key is "
            "not used with earlier voices, except in their last 48 hours."
        )
        if not may(context, Permission.SETTINGS):
            return
        with st.container(horizontal=True):
            for item in asked.others:
                made = units.count(item.voices, "voice")
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
        "Both become one account, and this cannot be undone. If the key belongs to another account "
        "after all, attempts to use those voices fail and they could be lost. The service's "
        "website shows whose key it is.",
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
            "A voice works only with a key of the account that made it. Only "
            f"{' and '.join(files)} voices, which are files, work with any key."
        )
        for item in known:
            made = units.count(item.voices, "voice")
            use = "its key is in use" if item.in_use else "no key of it is set"
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
                    help="Asks the question again, in case the answer was wrong.",
                )
            ):
                accounts.ask_again(context, item.account, person(context))
                st.rerun()


@from_inside
def _rename(context: Context, item: Known) -> None:
    label = str(st.session_state[f"account_name_{item.account.id}"] or "")
    accounts.rename(context, item.account, label, person(context))
