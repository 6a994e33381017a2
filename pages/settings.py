"""Settings: the way to a deployed app, step by step, and what each part said when last seen."""

from lib.ui.access.front import draw_elevation, enter, may, plain_failures

context = enter()

import streamlit as st

from lib import keeper
from lib.roles import Permission
from lib.setting_problems import describe
from lib.studio.alerts import checks, deployment
from lib.studio.alerts.deployment import Facts
from lib.studio.core.accounts import all_known
from lib.ui import words
from lib.ui.access.process import load_settings
from lib.ui.adoption import saved_ids, service_lists
from lib.ui.settings import erasing, library_file, parts, steps
from lib.ui.shared import accounts
from lib.ui.shared.live import watch

Loaded = tuple[Facts, keeper.Signs]
"""What was last seen of each part, and of keepers."""


def draw_problems() -> None:
    """What is set and not followed, by name."""
    if problems := load_settings().problems:
        lines = "\n".join(f"- {words.plain(describe(problem))}" for problem in problems)
        st.warning(f"Not everything that is set takes effect:\n{lines}")


def load() -> Loaded:
    """What steps and parts are drawn of."""
    signs = keeper.signs(context)
    return deployment.facts(context, load_settings(), signs.outside_at), signs


def draw(loaded: Loaded) -> None:
    """The steps, for those who take them, and each part by itself."""
    facts, signs = loaded
    if may(context, Permission.SETTINGS):
        steps.draw(context, facts)
    st.subheader("Details", anchor=False)
    parts.draw(context, facts, signs)


def is_awaited(loaded: Loaded) -> bool:
    """Whether a look is still awaited."""
    return any(
        note.asked_at is not None or (note.at is None and name != checks.SPEECH)
        for name, note in loaded[0].seen.items()
    )


st.title("Settings", anchor=False)

with plain_failures():
    draw_elevation(context)
    draw_problems()
    known = all_known(context)
    accounts.draw_questions(context, known)
    watch(load, draw, is_in_progress=is_awaited, key="settings_checks")
    accounts.draw_lists(context, known)
    service_lists.draw(context)
    saved_ids.draw(context)
    if may(context, Permission.EXPORT):
        library_file.draw(context)
    if may(context, Permission.ERASE):
        erasing.draw(context)
