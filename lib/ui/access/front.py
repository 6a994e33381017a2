"""The front door and the side entrance: navigation, gate, and what every page begins with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial, wraps
from typing import NoReturn, ParamSpec, TypeVar

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from lib.roles import NotPermitted, Permission, Person
from lib.setting_problems import describe
from lib.settings import BadSettings, Door, Settings
from lib.studio.core import door_log
from lib.studio.core.context import Context
from lib.studio.core.records import DatabaseUnavailable, VaultError
from lib.ui import appearance, words
from lib.ui.access import (
    account,
    device,
    elevation,
    gate,
    going_back,
    keyboard_help,
    sessions,
    sign_in_services,
    strangers,
    uploads,
    way_back,
)
from lib.ui.access.process import load_settings, open_aside, open_shop
from lib.ui.access.uninterrupted import uninterrupted, wait_for_changes
from lib.ui.access.visitor import is_ended, sign_in

log = logging.getLogger("voicekeep.pages")
P = ParamSpec("P")
T = TypeVar("T")

CAME_IN = "came_in_by_the_front_door"
REFUSED = "front_refused"
"""What a callback was refused, as a sentence, until the next drawing says so."""
SEEN = "visitor_seen"
"""Who the door, or what stands in its place in a fragment or callback, saw last."""
PAGES = (
    ("home", "Home", ":material/home:"),
    ("clone", "Clone a voice", ":material/mic:"),
    ("jobs", "Jobs", ":material/pending_actions:"),
    ("playground", "Playground", ":material/graphic_eq:"),
    ("scripts", "Scripts", ":material/theater_comedy:"),
    ("retention", "Retention", ":material/verified_user:"),
    ("voice", "Voice", ":material/person:"),
    ("spending", "Spending", ":material/payments:"),
    ("activity", "Activity", ":material/history:"),
    ("settings", "Settings", ":material/settings:"),
)
BY_LINK = frozenset({"voice"})
"""Pages that one comes to from another page, and that the navigation does not list."""


def open_front_door() -> None:
    """What the entry file does: set up, gate, navigation, the page."""
    st.session_state[CAME_IN] = True
    _set_up()
    page = _navigation()
    if page.url_path not in BY_LINK:  # those are called by what they show
        name_tab(page.title)
    with uploads.page_run(page.url_path):
        page.run()


def enter() -> Context:
    """The first statement of every page: lets only those in who may, and opens the library.

    A fresh process runs just the page file for a deep link; then this sends the same request
    in by the front door, address and all.
    """
    if not st.session_state.get(CAME_IN):
        _set_up()
        _navigation()
        st.rerun()
    try:
        settings = load_settings()
        if not gate.is_open(settings):
            _door(settings)
        context = open_shop()
        settings = _beside(context, settings)
        found = sign_in(settings)
        if found is None or is_ended(context, found):
            # Signed out in another tab; or no key is set, yet the library holds a team's voices.
            if device.let_go():
                st.rerun()
            _door(settings, is_ended=found is not None)
        if found.id:
            door_log.note_sign_in(found.person, context.clock.now(), sign_in_id=found.id)
        with suppress(DatabaseUnavailable):  # the keeper tries again, and the page says so itself
            door_log.write_down(context)
        st.session_state[SEEN] = found.person
        account.draw(context, settings, found)
        keyboard_help.draw()
        going_back.mend()
    except BadSettings as problem:
        _closed("The settings cannot be used.", str(problem))
    except (DatabaseUnavailable, VaultError) as problem:
        _closed("The library cannot be opened.", str(problem))
    sessions.note_visitor(is_in=True)
    wait_for_changes()
    if settings.differs_from(context.settings):
        st.warning("Secrets have changed: restart the app to use them.")
    _demo_ribbon(context)
    gate.warn_of_guessing()
    show_refused()
    if settings.door is Door.SIGN_IN and found.until:
        sign_in_services.warn_of_end(found.until)
    return context


def person(context: Context) -> Person:
    """Who acts in this session, and in which role, as of this moment: settings may have changed.

    Raises `NotPermitted` where nobody does who may be here.
    """
    try:
        found = sign_in(_beside(context, load_settings()))
    except BadSettings:
        found = None
    if found is None or is_ended(context, found):
        raise NotPermitted(Permission.LISTEN)
    return found.person


def seen(context: Context) -> Person:
    """Whom this is drawn for: whoever the door saw last, so that asking costs no query. A deed
    itself asks `person`. Raises `NotPermitted` as that does.
    """
    found: Person | None = st.session_state.get(SEEN)
    return found or person(context)


def may(context: Context, permission: Permission) -> bool:
    """Whether whoever this is drawn for may do it; what they may not is not drawn."""
    return seen(context).may(permission)


def draw_elevation(context: Context, deed: str = "make changes here") -> None:
    """The way to become an admin, where this page has something that only an admin may do; once on
    a page. `deed`: what that is, after "can".
    """
    elevation.draw(_beside(context, load_settings()), person(context), deed)


def is_still_in() -> bool:
    """Whether this visitor may still be here: secrets may have changed since the page was drawn."""
    try:
        st.session_state[SEEN] = person(open_shop())
    except (NotPermitted, BadSettings, DatabaseUnavailable, VaultError):
        return False
    return True


def from_inside(change: Callable[P, None]) -> Callable[P, None]:
    """A widget's callback that changes the library: Streamlit runs it before the page's door.

    Where it is refused, the drawing that follows says why; see `show_refused`.
    """

    @wraps(change)
    def change_if_in(*args: P.args, **kwargs: P.kwargs) -> None:
        with uninterrupted():
            if not is_still_in():
                return
            try:
                change(*args, **kwargs)
            except NotPermitted as refusal:
                st.session_state[REFUSED] = str(refusal)

    return change_if_in


def show_refused() -> None:
    """Say why the callback that came before this drawing was refused, if it was."""
    if sentence := st.session_state.pop(REFUSED, ""):
        st.error(sentence, icon=":material/block:")


def for_those_inside(make: Callable[[], T]) -> Callable[[], T]:
    """What a download hands out, made at a click: Streamlit asks for it without a page run.

    Raises `NotPermitted` where the visitor is not in any more.
    """
    run = get_script_run_ctx()

    def make_if_in() -> T:
        answers: list[bool] = []
        # The thread that it is asked for in knows nothing of the visitor.
        asking = threading.Thread(target=lambda: answers.append(is_still_in()))
        add_script_run_ctx(asking, run)
        asking.start()
        asking.join()
        if answers != [True]:
            raise NotPermitted(Permission.LISTEN)
        return make()

    return make_if_in


@contextmanager
def plain_failures() -> Iterator[None]:
    """A page's body: our own failures read as sentences, defects of ours as one more."""
    try:
        yield
    except DatabaseUnavailable as problem:
        st.error(f"{problem} Nothing was lost or spent. Reload the page in a moment.")
    except VaultError as problem:
        st.error(f"{problem} Nothing was lost or spent.")
    except NotPermitted as refusal:
        st.error(str(refusal), icon=":material/lock:")
    except Exception as problem:
        if type(problem).__module__.startswith("streamlit"):
            raise
        log.exception("A page met a defect")
        st.error(
            "Something went wrong on this page. Nothing was spent. Reload it, and tell whoever "
            "runs this app if it happens again."
        )


def page_file(name: str) -> str:
    """The path of a page, as `st.page_link` and `st.switch_page` want it."""
    return f"pages/{name}.py"


def name_tab(name: str = "") -> None:
    """Call the visitor's tab after the page, or the voice, that is open in it."""
    st.set_page_config(page_title=words.tab_title(name))


def _beside(context: Context, settings: Settings) -> Settings:
    """What is set now, and what this library knows of whose it is."""
    return replace(settings, keeps_demo_out=context.settings.keeps_demo_out)


def _set_up() -> None:
    """Before the navigation: a browser would fetch the icons of its pages from the network."""
    strangers.guard()
    appearance.dress()


def _navigation() -> StreamlitPage:
    try:
        settings = load_settings()
    except BadSettings:
        settings = None
    if settings is not None and not gate.is_open(settings):
        # Every real path is there, so that a deep link finds its page after signing in.
        pages = [_sign_in(settings, path) for path in ("", *(name for name, _, _ in PAGES))]
        return st.navigation(pages, position="hidden")
    pages = [
        st.Page(
            page_file(name),
            title=title,
            icon=icon,
            default=name == "home",
            url_path="start" if name == "home" else None,
            visibility="hidden" if name in BY_LINK else "visible",
        )
        for name, title, icon in PAGES
    ]
    pages.append(st.Page(_go_home, title="Home", url_path="home", visibility="hidden"))
    found = st.navigation(pages, position="sidebar")
    if settings is not None and settings.door is Door.SIGN_IN and found is pages[0]:
        _lead_on()
    return found


def _lead_on() -> None:
    """Whoever came by a link and signed in at a service, from where one always lands at Home."""
    if place := way_back.followed([name for name, _, _ in PAGES]):
        st.switch_page(page_file(place.page or "home"), query_params=dict(place.query))


def _go_home() -> None:
    """The main page is found at its file's name too."""
    st.switch_page(page_file("home"), query_params=st.query_params.to_dict())


def _sign_in(settings: Settings, path: str) -> StreamlitPage:
    ask = partial(_door, settings)
    ask.__name__ = "sign_in"  # type: ignore[attr-defined]
    return st.Page(ask, title=words.APP, url_path=path, default=not path, visibility="hidden")


def _door(settings: Settings, *, is_ended: bool = False) -> NoReturn:
    """The closed door, and which settings may have been meant to open it. The page run ends here.

    What concerns the door does not stop the keeper in this process.
    """
    name_tab()
    sessions.note_visitor(is_in=False)
    uploads.free_own()
    gate.sign_in_page(settings, is_ended=is_ended)
    for problem in settings.problems:
        if problem.is_near_miss:
            st.caption(words.plain(describe(problem)))
    open_aside()
    st.stop()


def _closed(head: str, why: str) -> NoReturn:
    name_tab()
    st.title("Voicekeep", anchor=False)
    st.error(f"{head} {words.plain(why)}")
    st.write("Nothing was lost or spent. The person who runs this app can fix it.")
    st.button("Try again", key="try_again")
    st.stop()


def _demo_ribbon(context: Context) -> None:
    if context.settings.has_only_demo:
        st.caption(
            ":violet-badge[:material/science: Demo] Simulated service, play money, synthetic "
            "voices. Nothing you add leaves this app."
        )
