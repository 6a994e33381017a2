"""Who says at the websocket what a sign-in service never said, or said to somebody else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from lib.ui.access.claims import Refusal
from lib.ui.access.openid import Obstacle
from lib.ui.access.sign_in_services import AGAIN, OBSTACLES
from tests.journeys.servers import App, running_app
from tests.journeys.stranger import Stranger, calling
from tests.parts.openid import COOKIE_SECRET, auth
from tests.parts.processes import free_port

INSIDE = "Your voices"
ASKED = "Sign in to continue."
COOKIE = "_streamlit_user"
XSRF = "_streamlit_xsrf"
SERVICE = (
    '[auth.studio]\nclient_id = "voicekeep"\nclient_secret = "any"\n'
    'server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"\n'
)
OTHER_SECRET = COOKIE_SECRET[::-1]


def secrets(*, cookie_secret: str = COOKIE_SECRET) -> str:
    key = f'NANOGPT_API_KEY = "k"\nNANOGPT_BASE_URL = "http://127.0.0.1:{free_port()}/api"\n'
    listed = '[team]\nmembers = ["mo@example.org"]\n'
    return "\n".join((key, auth(SERVICE, cookie_secret=cookie_secret), listed))


def file_of(folder: Path) -> Path:
    path = folder / ".streamlit" / "secrets.toml"
    path.parent.mkdir(exist_ok=True)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wire")
    file_of(folder).write_text(secrets())
    return folder


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[App]:
    with running_app(folder) as app:
        yield app


def claims(port: int, **changes: object) -> dict[str, object]:
    """What the service says of Mo, as Streamlit keeps it, but for these changes."""
    now = datetime.now(UTC).timestamp()
    said = {
        "iss": "http://127.0.0.1:9", "sub": "mo", "aud": "voicekeep", "iat": now, "exp": now + 3600,
        "email": "mo@example.org", "name": "Mo", "provider": "studio", "is_logged_in": True,
        "origin": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    return {**said, **changes}


@contextmanager
def visiting(
    app: App, *, secret: str = COOKIE_SECRET, sent: Mapping[str, str] | None = None, **said: object
) -> Iterator[Stranger]:
    """A browser for which this was signed, with the token without which no cookie is read."""
    with httpx.Client(base_url=app.url(""), trust_env=False) as client:
        client.get("/_stcore/health")
        xsrf = client.cookies[XSRF]
    text = json.dumps(claims(app.port, **said))
    signed = create_signed_value(secret, COOKIE, text).decode()
    cookies = {"Cookie": f"{XSRF}={xsrf}; {COOKIE}={signed}"}
    with calling(app.port, headers={**cookies, **(sent or {})}, xsrf=xsrf) as visitor:
        yield visitor


def told(
    app: App, *, secret: str = COOKIE_SECRET, sent: Mapping[str, str] | None = None, **said: object
) -> str:
    """What the app shows to whoever comes with such a cookie, and with these headers."""
    with visiting(app, secret=secret, sent=sent, **said) as stranger:
        return stranger.run()


def test_what_the_service_said_opens(app: App) -> None:
    assert INSIDE in told(app)


def test_whoever_is_in_is_warned_shortly_before_the_end(app: App) -> None:
    now = datetime.now(UTC).timestamp()
    assert "Your sign-in expires in 2 min" in told(app, exp=now + 170)
    assert "Your sign-in expires" not in told(app, exp=now + 600)


def test_what_another_secret_signed_is_nothing(app: App) -> None:
    shown = told(app, secret=OTHER_SECRET)
    assert ASKED in shown
    assert INSIDE not in shown


@pytest.mark.parametrize(
    "said",
    [
        {"email": ["mo@example.org"]},
        {"email": {"mo@example.org": True}},
        {"name": {"a": ["b"]}, "exp": "tomorrow"},
        {"iat": None, "exp": 1e300},
        {"provider": ["studio"]},
        {"aud": [["voicekeep"]]},
        {"is_logged_in": "yes"},
    ],
    ids=str,
)
def test_odd_claims_open_nothing_and_break_nothing(app: App, said: Mapping[str, object]) -> None:
    shown = told(app, **said)
    assert "Voicekeep" in shown
    assert INSIDE not in shown
    assert "exception {" not in shown


def test_an_open_session_sees_no_more_once_its_sign_in_has_ended(app: App) -> None:
    with visiting(app, exp=datetime.now(UTC).timestamp() + 4) as visitor:
        assert INSIDE in visitor.run()
        while INSIDE in (shown := visitor.run()):
            time.sleep(0.2)
    assert AGAIN[Refusal.EXPIRED] in shown


@pytest.mark.slow
def test_headers_that_anybody_may_send_are_nobodys_word(folder: Path) -> None:
    trusted = ("--server.trustedUserHeaders", '{"X-Email": "email"}')
    with running_app(folder, options=trusted) as app:
        for shown in (told(app, sent={"X-Email": "mo@example.org"}, email="eve@example.org"),
                      told(app)):  # fmt: skip
            assert OBSTACLES[Obstacle.HEADERS] in shown
            assert INSIDE not in shown


@pytest.mark.slow
def test_a_cookies_secret_that_changes_ends_what_it_signed(tmp_path: Path) -> None:
    """Streamlit looks at its file now and then; in between nobody is let in."""
    file_of(tmp_path).write_text(secrets())
    with running_app(tmp_path) as app, visiting(app) as visitor:
        assert INSIDE in visitor.run()
        file_of(tmp_path).write_text(secrets(cookie_secret=OTHER_SECRET))
        while OBSTACLES[Obstacle.NOT_READ] in (shown := visitor.run()):
            assert INSIDE not in shown + told(app)
        assert AGAIN[Refusal.ANOTHER_SET_UP] in shown
        assert ASKED in told(app)
        assert INSIDE in told(app, secret=OTHER_SECRET)
