"""Voices that services list: what is missing here, and the way to adopt it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.roles import Permission
from lib.services import SERVICES
from lib.studio.adoption import service_lists
from lib.studio.adoption.lists import MAX_LINES
from lib.studio.adoption.service_lists import ServiceListStatus
from lib.studio.core.context import Context
from lib.ui.access.front import may, page_file, person
from lib.ui.adoption import adopting
from lib.ui.shared import looks
from lib.ui.shared.live import watch


def draw(context: Context) -> None:
    """The list of each service that has one."""
    if service_lists.services(context):
        watch(
            lambda: service_lists.status(context),
            partial(_draw, context),
            is_in_progress=lambda found: any(status.last_read.asked_at for status in found),
            key="settings_listed",
        )


def adopt_missing(lines: str, count: int, *, key: str) -> None:
    """The button that takes the missing voices to the form for adopting."""
    label = f"Add the missing voices ({count:,})"
    if count > MAX_LINES:
        label = f"Add the first {MAX_LINES} of {count:,} missing"
    if st.button(
        label,
        key=key,
        icon=":material/add_home:",
        help="Shows the list first. Nothing is added or spent yet.",
    ):
        adopting.bring_list(lines)
        st.switch_page(page_file("clone"))


def _look(context: Context, service: str) -> None:
    service_lists.request(context, service, person(context))


def _draw(context: Context, found: list[ServiceListStatus]) -> None:
    able = may(context, Permission.ADOPT)
    for status in found:
        title = SERVICES[status.service].title
        with st.container(border=True, key=f"listed_{status.service}"):
            looks.head(
                f"**Voices that {title} lists** {looks.badge(status.last_read)}",
                partial(_look, context, status.service) if able else None,
                key=f"listed_look_{status.service}",
                label="Check now",
                is_asked=status.last_read.asked_at is not None,
            )
            looks.show(status.last_read)
            st.caption(
                f"{title} may not list all your voices: one that is missing there is not lost. "
                f"{looks.when(context, status.last_read)}"
            )
            if status.missing_here and able:
                lines = service_lists.as_list(status)
                adopt_missing(lines, len(status.missing_here), key=f"listed_adopt_{status.service}")
            elif not status.missing_here and status.last_read.body.get("ours"):
                st.caption("All your voices in that list are already here.")
