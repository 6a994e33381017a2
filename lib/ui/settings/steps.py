"""The way from the demo to a deployed app: each step with what to paste and a button to test it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import streamlit as st

from lib import units
from lib.services import SERVICES
from lib.setting_problems import AUTH_FAULTS
from lib.settings import Door
from lib.studio.alerts import checks, deployment
from lib.studio.alerts.deployment import Facts, Known, State, Step
from lib.studio.core.context import Context
from lib.ui import words
from lib.ui.access.front import person
from lib.ui.settings import pasting
from lib.ui.settings.pasting import Way
from lib.ui.shared import looks, sleeping


@dataclass(frozen=True)
class Wording:
    """What a step is called, why it is taken, and what its button does."""

    title: str
    why: str
    test: str = "Test it"
    testing: str = "Testing…"
    icon: str = ":material/labs:"


STEPS: Mapping[Step, Wording] = {
    Step.KEY: Wording(
        "Connect a service",
        "A hosted service clones voices and generates speech. You pay through your account there.",
        "Test the key",
    ),
    Step.STORAGE: Wording(
        "Connect a bucket",
        "The disk of a hosted app does not last. A bucket of your own keeps recordings, voice "
        "files and takes.",
        "Test the storage",
    ),
    Step.DOOR: Wording(
        "Say who may enter",
        "An app with a key stays closed until you say who may enter: everybody who knows a "
        "passphrase, or accounts that your team has already.",
    ),
    Step.WARNINGS: Wording(
        "Have warnings sent",
        "Email or chat tells you while a voice can still be saved, even if nobody opens this app.",
        "Send a test message",
        "Sending…",
        ":material/send:",
    ),
    Step.KEEPER: Wording(
        "Run a keeper outside the app",
        "An app on Community Cloud sleeps after 12 hours without visitors, and a sleeping app "
        "keeps no voice. GitHub can look after them every 6 hours.",
        "Check now",
        "Checking…",
        ":material/refresh:",
    ),
}
BADGES: Mapping[State, str] = {
    State.MISSING: ":gray-badge[:material/radio_button_unchecked: To do]",
    State.OPTIONAL: ":gray-badge[:material/radio_button_unchecked: Optional]",
    State.RESTART: ":orange-badge[:material/restart_alt: Restart the app]",
    State.UNTESTED: ":orange-badge[:material/pending: Set, not tested yet]",
    State.TESTING: ":blue-badge[:material/hourglass_top: Being tested]",
    State.TROUBLE: ":red-badge[:material/error: Trouble]",
    State.DONE: ":green-badge[:material/check_circle: Done]",
}
NEXT = ":blue-badge[:material/arrow_forward: Next]"
OF = {service.id: f"**{service.title}**: " for service in SERVICES.values()} | {
    checks.DATABASE: "**Database**: "
}
"""What a result is of, where its step does not say it."""
UNSET = (State.MISSING, State.OPTIONAL, State.RESTART)
DOES_WITHOUT = "On your own machine a key is enough: the other steps are for an app that is hosted."
FROM_DEMO = "You are using the demo. The way to real voices is below."
TOGETHER = (
    "Paste the first three together: an app with a key stays closed until it knows who may enter."
)


def draw(context: Context, facts: Facts) -> None:
    """All steps: unfolded the next one, or a single line where nothing is left to do."""
    known = deployment.judge(facts)
    upcoming = deployment.next_step(known)
    if upcoming is None:
        left_out = any(known[step].state is State.OPTIONAL for step in Step)
        how = "Works on this machine" if left_out else "Each step was tested"
        label = f"**This app is set up** :green-badge[:material/check_circle: {how}]"
        with st.expander(label, key="steps_done"):
            if left_out:
                st.caption(f"{DOES_WITHOUT} {pasting.WHERE}")
            for step in Step:
                _draw(context, facts, step, known[step], is_next=False)
        return
    st.subheader("Set up", anchor=False)
    st.write(_how_far(facts, known, upcoming))
    if any(known[step].state in UNSET for step in Step):
        st.caption(pasting.WHERE)
    for step in Step:
        _draw(context, facts, step, known[step], is_next=step is upcoming)


def _how_far(facts: Facts, known: Mapping[Step, Known], upcoming: Step) -> str:
    """Where things stand, in a sentence or two."""
    if facts.running.has_only_demo and known[Step.KEY].state is State.MISSING:
        return f"{FROM_DEMO} {TOGETHER if facts.is_hosted else DOES_WITHOUT}"
    states = [known[step].state for step in Step]
    wanted = [state for state in states if state is not State.OPTIONAL]
    how_far = f"{wanted.count(State.DONE)} of {units.count(len(wanted), 'step')} done."
    return f"{how_far} Next: {STEPS[upcoming].title.lower()}."


def _draw(context: Context, facts: Facts, step: Step, known: Known, *, is_next: bool) -> None:
    wording, state = STEPS[step], known.state
    is_open = is_next or state is State.TROUBLE
    badge = NEXT if is_next and state is State.MISSING else BADGES[state]
    with st.expander(
        f"**{list(Step).index(step) + 1}. {wording.title}** {badge}",
        # A browser remembers by the key whether somebody folded it: that ends with its turn.
        key=f"step_{step}_open" if is_open else f"step_{step}",
        expanded=is_open,
    ):
        st.write(wording.why)
        if state is State.RESTART:
            st.info(pasting.RESTART, icon=":material/restart_alt:")
            return
        if state in UNSET:
            _draw_ways(step)
            _draw_pasted(step, is_next=is_next)
            return
        _draw_found(context, facts, step)
        if names := facts.notes(step).keys():
            looks.ask_button(
                lambda: _ask(context, names),
                key=f"step_test_{step}",
                label=wording.test,
                asked=wording.testing,
                is_asked=known.is_asked,
                icon=wording.icon,
                type="primary" if is_next else "secondary",
            )
        if state is State.TROUBLE:
            _draw_ways(step)


def _draw_ways(step: Step) -> None:
    """What to paste: where there are several ways, one behind the other."""
    ways = pasting.WAYS[step]
    if len(ways) == 1:
        _draw_way(ways[0])
        return
    for tab, way in zip(st.tabs([way.title for way in ways]), ways, strict=True):
        with tab:
            _draw_way(way)


def _draw_way(way: Way) -> None:
    if way.before:
        st.markdown(way.before)
    st.code(way.lines, language="toml", wrap_lines=True)
    if way.after:
        st.markdown(way.after)


def _draw_pasted(step: Step, *, is_next: bool) -> None:
    """The test of what is not set: whether the secrets have it by now, as read for this drawing."""
    if st.button(
        "I have pasted it",
        key=f"step_pasted_{step}",
        icon=":material/content_paste_go:",
        type="primary" if is_next else "secondary",
    ):
        st.warning(
            "It is not in the settings yet. Check the name at the beginning of each line, save the "
            "secrets, and press again in a minute.",
            icon=":material/search_off:",
        )


def _draw_found(context: Context, facts: Facts, step: Step) -> None:
    """What the last test brought, in the sentences that it left."""
    if step is Step.DOOR:
        _draw_door(facts)
        return
    is_own_file = step is Step.KEEPER and not context.settings.get("DATABASE_URL")
    for name, note in {} if is_own_file else facts.notes(step).items():
        sentence = words.plain(str(note.body.get("sentence", "Not checked yet.")))
        st.markdown(f"{OF.get(name, '')}{sentence} {looks.when(context, note)}")
    if step is Step.WARNINGS and facts.sent.at:
        looks.show(facts.sent)
    elif step is Step.WARNINGS:
        st.write("No message was sent yet.")
    elif step is Step.KEEPER and facts.outside_at:
        when = words.until(facts.outside_at, context.clock.now())
        st.write(f"A keeper outside this app last ran {when}.")
    elif step is Step.KEEPER:
        st.write(f"{sleeping.UNHEARD} All that is left is to run it:")
        st.markdown(pasting.ON_GITHUB)


def _draw_door(facts: Facts) -> None:
    auth = facts.now_set.auth
    if auth and auth.fault:
        why = words.plain(AUTH_FAULTS[auth.fault])
        st.write(
            f"Sign-in with accounts lets nobody in: {why}. Visitors are asked for the passphrase."
        )
        return
    if facts.now_set.door is Door.TRUSTED_HOST:
        st.write("The host alone decides who gets in, so this has to be a private app.")
        return
    st.write(
        "You signed in with it. To see what others see, open this app in a private window of "
        "your browser."
    )


def _ask(context: Context, names: Collection[str]) -> None:
    for name in names:
        checks.request(context, name, person(context))
