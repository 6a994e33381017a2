"""A take is shared by a link: heard by somebody who is not signed in, until the link is ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lib.vault.base import sha256_hex
from tests.journeys.conftest import Enter
from tests.journeys.servers import KEY, inhabit, running_app
from tests.journeys.visitor import Visitor
from tests.pages import people
from tests.parts.processes import free_port
from tests.parts.radosgw import S3Server
from tests.parts.tones import wav

TAKE = "speech-00001"
_HEARD = "document.querySelector('audio, video')?.duration > 1"
"""By the browser's own player, which it draws around a sound."""


@pytest.mark.slow
def test_a_stranger_hears_what_was_shared_until_the_link_is_ended(
    tmp_path: Path, enter: Enter, visitor: Visitor, s3_server: S3Server
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/api"
    settings = s3_server.settings(s3_server.new_bucket())
    settings |= {"NANOGPT_API_KEY": KEY, "NANOGPT_BASE_URL": nobody}
    lives_here(tmp_path, s3_server, settings)
    with running_app(tmp_path, settings) as app:
        visitor.open(app.url("/playground"))
        visitor.press(f"share_{TAKE}")
        visitor.press(f"share_go_{TAKE}")
        address = visitor.part(f"share_panel_{TAKE}").locator("code", has_text="X-Amz-Signature")
        link = address.inner_text()
        stranger = enter().page
        stranger.goto(link)
        stranger.wait_for_function(_HEARD)

        visitor.part(f"share_panel_{TAKE}").get_by_role("button", name="End link").click()
        visitor.sees("checked that it is gone")
        expect(address).to_have_count(0)
        answer = enter().page.goto(link)
        assert answer is not None
        assert answer.status in (403, 404)


def lives_here(folder: Path, server: S3Server, settings: dict[str, str]) -> None:
    """A voice and what it said, whose sound is in the bucket."""
    bucket, sound = settings["VAULT_URL"].split("/")[2], wav(2.0)
    ann = people.clone(1, datetime.now(UTC), name="Ann", kept=True)
    vault = f"{settings['VAULT_URL']}@{server.endpoint.partition('//')[2]}"
    said = people.speech(1, ann, "Good morning.", vault=vault)
    take = replace(said.take, size=len(sound), sha256=sha256_hex(sound))
    server.client.put_object(Bucket=bucket, Key=f"vault/{take.key}", Body=sound)
    inhabit(folder, [ann], [replace(said, take=take)])
