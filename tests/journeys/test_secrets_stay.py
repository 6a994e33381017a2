"""Every secret set at once, each kind of deed done: none of them leaves the settings."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from lib.services import NANOGPT
from tests.journeys import leaks
from tests.journeys.conftest import Enter
from tests.journeys.servers import Service, running_app, running_service
from tests.journeys.visitor import TITLES, Visitor
from tests.parts.radosgw import S3Server

PASSPHRASE = "correct horse battery staple"
ADMIN_PASSPHRASE = "an entirely different passphrase"
COOKIE = "session-cookie-0123456789abcdef"
TOKEN = "localStorage.getItem('voicekeep/sign-in')"


@pytest.mark.slow
def test_no_secret_is_in_a_frame_a_page_a_log_the_database_the_bucket_or_an_export(
    tmp_path: Path, enter: Enter, recording: Path, s3_server: S3Server
) -> None:
    bucket = s3_server.new_bucket()
    received: list[bytes] = []
    visitor = enter()

    def note(frame: str | bytes) -> None:
        received.append(frame.encode() if isinstance(frame, str) else frame)

    visitor.page.on("websocket", lambda socket: socket.on("framereceived", note))
    with running_service(tmp_path / "service") as service:
        settings = settings_of(service, s3_server, bucket)
        with running_app(tmp_path / "app", settings) as app:
            visitor.page.goto(app.url("/clone"))
            visitor.signs_in("a wrong one of them")
            visitor.signs_in(PASSPHRASE)
            visitor.sees_title("Clone a voice")
            visitor.page.wait_for_function(f"{TOKEN} !== null")
            token: str = visitor.page.evaluate(TOKEN)
            visitor.clones("MiniMax voice · NanoGPT", recording, "Jack")
            visitor.sees("Its first sound:")
            becomes_admin(visitor, app.url("/settings"))
            checks_all(visitor)
            visitor.press("export_prepare")
            visitor.part("export_save").locator("a").wait_for(timeout=60_000)
            for path, title in TITLES.items():
                visitor.open(app.url(path))
                visitor.sees_title(title)
                assert not leaks.search_what_was_sent(visitor.page.content())
                assert token not in visitor.page.content()
                assert token not in visitor.page.url
            visitor.press("sign_out")
            visitor.sees("You have signed out.")
        secrets = leaks.remember(tmp_path / "app", settings) | {token.encode()}
        assert len(secrets) > 6
    leaks.search_what_is_left(tmp_path / "app", secrets)
    search_bucket(s3_server, bucket, secrets)
    assert sum(token.encode() in frame for frame in received) == 1


def settings_of(service: Service, s3_server: S3Server, bucket: str) -> dict[str, str]:
    return {
        **service.settings,
        **s3_server.settings(bucket),
        "NANOGPT_SESSION_COOKIE": COOKIE,
        "VOICEKEEP_SECRETS": f'[team]\npassphrase = "{PASSPHRASE}"\n'
        f'admin_passphrase = "{ADMIN_PASSPHRASE}"',
    }


def becomes_admin(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    visitor.type("elevate_passphrase", ADMIN_PASSPHRASE)
    visitor.press("elevate_go")
    visitor.sees(re.compile(r"Admin until \d\d:\d\d"))


def checks_all(visitor: Visitor) -> None:
    """Each part of Settings asks the service, the bucket or the database that it is about."""
    for part in (NANOGPT, "vault", "database", "keeper"):
        visitor.unfold(f"part_{part}")
        visitor.press(f"check_{part}")
        visitor.settle()


def search_bucket(s3_server: S3Server, bucket: str, secrets: frozenset[bytes]) -> None:
    """In each file, and in each file of the export."""
    exports = 0
    for item in s3_server.client.list_objects_v2(Bucket=bucket)["Contents"]:
        content = s3_server.client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        parts = [content]
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as export:
                parts += [export.read(name) for name in export.namelist()]
            exports += 1
        for part in parts:
            assert not [secret for secret in (*secrets, leaks.SIGNATURE) if secret in part]
    assert exports
