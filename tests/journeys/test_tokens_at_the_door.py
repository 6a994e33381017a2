"""Tokens handed over at the app's websocket: which let somebody in, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from lib.settings import Settings, load
from lib.studio.core.opening import open_context
from lib.ui.access.tokens import LASTS, MAX_TOKEN, DeviceToken, sign, signing_key
from tests.journeys.servers import App, inhabit, running_app
from tests.journeys.stranger import DOWNLOAD, FRAGMENT, Stranger, calling
from tests.pages import people
from tests.parts.processes import free_port

NAME = "Wilhelmina Okonkwo"
PASSPHRASE = "correct horse battery staple"
INSIDE = "Your voices"
ASKED = "Enter its passphrase to continue."
SIGNED_OUT = "You have signed out."
VOICE = "voice-00001"


@pytest.fixture(scope="module")
def secrets() -> dict[str, str]:
    """What is set: a key that nobody can guess, and an address where nobody answers."""
    return {
        "NANOGPT_API_KEY": "sk-nano-0123456789abcdef",
        "NANOGPT_BASE_URL": f"http://127.0.0.1:{free_port()}/api",
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"',
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokens")
    inhabit(folder, [people.clone(1, datetime.now(UTC), name=NAME)])
    return folder


@pytest.fixture(scope="module")
def app(folder: Path, secrets: dict[str, str]) -> Iterator[App]:
    with running_app(folder, secrets) as app:
        yield app


def token_of(secrets: dict[str, str], *, age: timedelta = timedelta(0)) -> str:
    """A token that an app with these secrets signed that long ago."""
    token = DeviceToken("5e" * 16, "Grace Hopper", datetime.now(UTC) - age)
    return sign(token, signing_key(load(secrets), b""))


def signs_in(stack: ExitStack, app: App) -> Stranger:
    tab = stack.enter_context(calling(app.port))
    assert ASKED in tab.run()
    assert INSIDE in tab.guess(PASSPHRASE)
    return tab


def hands_over(stack: ExitStack, app: App, token: object) -> tuple[Stranger, str]:
    """Another tab says that it kept this token; what the app shows it."""
    tab = stack.enter_context(calling(app.port))
    assert ASKED in tab.run()
    return tab, tab.hands_over(token)


def test_the_token_of_a_sign_in_lets_another_tab_in_under_the_same_name(app: App) -> None:
    with ExitStack() as stack:
        first = signs_in(stack, app)
        _, told = hands_over(stack, app, first.token)
        assert INSIDE in told
        assert "**Ada**" in told
        assert NAME in told
        assert first.token not in told, "it is known there already"


def test_another_process_with_the_same_secrets_takes_it_and_one_with_others_does_not(
    app: App, secrets: dict[str, str]
) -> None:
    with ExitStack() as stack:
        assert INSIDE in hands_over(stack, app, token_of(secrets))[1]
        for changed in (
            {"NANOGPT_API_KEY": "sk-nano-fedcba9876543210"},
            {"VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}, new"'},
            {"VOICEKEEP_SECRETS": "[team]\ntrust_host = true"},
        ):
            refused = hands_over(stack, app, token_of({**secrets, **changed}))[1]
            assert INSIDE not in refused
            assert NAME not in refused


@pytest.mark.parametrize(
    "token",
    [
        "", "x", "a.b.c", 1, None, [], {"token": "x"}, "A" * (MAX_TOKEN + 1), "A" * 1_000_000,
        "\ud800", [[[[["x"]]]]],
    ],
    ids=lambda token: repr(token)[:30],
)  # fmt: skip
def test_whatever_else_is_handed_over_leaves_the_form_standing(app: App, token: object) -> None:
    with ExitStack() as stack:
        tab, told = hands_over(stack, app, token)
        assert INSIDE not in told
        assert "exception" not in told
        assert ASKED in tab.run()
        assert INSIDE in tab.guess(PASSPHRASE), "nobody is locked out"


def test_a_token_is_over_after_thirty_days(app: App, secrets: dict[str, str]) -> None:
    with ExitStack() as stack:
        young = LASTS - timedelta(minutes=1)
        assert INSIDE in hands_over(stack, app, token_of(secrets, age=young))[1]
        assert INSIDE not in hands_over(stack, app, token_of(secrets, age=LASTS))[1]


def test_many_refused_tokens_are_not_many_wrong_passphrases(app: App) -> None:
    with ExitStack() as stack:
        tab, _ = hands_over(stack, app, "forged.token")
        for _ in range(10):
            tab.hands_over("forged.token")
        assert INSIDE in tab.guess(PASSPHRASE)


@pytest.mark.parametrize("part", ["the page", "the first part", "the last part"])
def test_what_a_tab_sends_after_its_sign_in_was_ended_elsewhere_changes_nothing(
    app: App, folder: Path, part: str
) -> None:
    """Callbacks and parts of a page run before, or without, the door of the page."""
    page = {"page": "voice", "query": f"id={VOICE}"}
    with ExitStack() as stack:
        here = signs_in(stack, app)
        drawn = here.run(**page)
        assert NAME in drawn
        attack = [
            WidgetState(id=here.id_of(f"rename_{VOICE}"), string_value="Renamed"),
            WidgetState(id=here.id_of(f"archive_{VOICE}"), trigger_value=True),
        ]
        parts = FRAGMENT.findall(drawn)
        fragment = {"the page": "", "the first part": parts[0], "the last part": parts[-1]}[part]
        there, told = hands_over(stack, app, here.token)
        assert INSIDE in told
        assert SIGNED_OUT in there.signs_out()
        assert NAME not in here.says(*attack, fragment=fragment, **page)
        assert ASKED in here.run(**page)
        _, told = hands_over(stack, app, here.token)
        assert INSIDE not in told, "a copy of the token is worth nothing any more"
    assert voice_of(folder) == (NAME, None)


def test_a_download_that_is_still_on_the_screen_gives_nothing_after_the_sign_in_was_ended(
    app: App,
) -> None:
    """Streamlit asks for its contents at the click, without a page run."""
    with ExitStack() as stack:
        here = signs_in(stack, app)
        download = DOWNLOAD.findall(here.run("retention"))[-1]
        there, _ = hands_over(stack, app, here.token)
        made = app.url(here.fetches(download))
        assert httpx.get(made, trust_env=False).status_code == 200
        there.signs_out()
        assert here.fetches(download) == ""
        assert httpx.get(made, trust_env=False).status_code == 404, "nor does what was made stay"


def voice_of(folder: Path) -> tuple[str, datetime | None]:
    """The voice's name, and when it was archived."""
    context = open_context(Settings(data_folder=folder / "data"))
    try:
        voice = context.registry.voices.dossier(VOICE).voice
        return voice.name, voice.archived_at
    finally:
        context.close()
