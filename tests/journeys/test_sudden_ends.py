"""The app is killed in the middle of what was paid for, and goes on with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import Service, running_app, running_service
from tests.journeys.visitor import Visitor
from tests.parts.radosgw import S3Server
from tests.sentences import BACKED_UP

MINIMAX, QWEN = "MiniMax voice · NanoGPT", "Qwen voice · NanoGPT"
PACE = 6.0


def test_a_clone_goes_on_where_a_killed_app_left_it(
    tmp_path: Path, visitor: Visitor, recording: Path
) -> None:
    with running_service(tmp_path / "service", pace=PACE) as service:
        with running_app(tmp_path / "app", service.settings) as app:
            visitor.open(app.url("/clone"))
            visitor.clones(MINIMAX, recording, "Jack")
            visitor.sees("Working ·")
            address = visitor.page.url.partition(str(app.port))[2]
        with running_app(tmp_path / "app", service.settings) as app:
            visitor.open(app.url(address))
            visitor.sees("Its first sound:")
            visitor.hears()
        assert _paid_clones(service) == ["/api/voice-clone/minimax"]


@pytest.mark.slow
def test_a_bucket_alone_brings_everything_back_in_a_new_container(
    tmp_path: Path, visitor: Visitor, recording: Path, s3_server: S3Server
) -> None:
    bucket = s3_server.new_bucket()
    with running_service(tmp_path / "service", pace=PACE) as service:
        settings = {**service.settings, **s3_server.settings(bucket)}
        with running_app(tmp_path / "first", settings) as app:
            visitor.open(app.url("/clone"))
            visitor.clones(QWEN, recording, "John")
            visitor.sees(BACKED_UP)
            visitor.follow("Open its page")
            visitor.opens_tab("Proof")
            visitor.sees("The voice file is in your storage since")
            story = visitor.page.url.partition(str(app.port))[2]
            visitor.follow("Clone a voice")
            visitor.clones(MINIMAX, recording, "Jack")
            visitor.sees("Working ·")
            app.child.wait_for(
                lambda: _is_waiting(s3_server, bucket, "Jack"), "keep the order", seconds=30
            )
            order = visitor.page.url.partition(str(app.port))[2]
        shutil.rmtree(tmp_path / "first")
        with running_app(tmp_path / "second", settings) as app:
            visitor.open(app.url(order))
            visitor.sees("Its first sound:")
            visitor.hears()
            visitor.open(app.url(story))
            visitor.opens_tab("Proof")
            visitor.sees("The voice file is in your storage since")
            visitor.open(app.url("/retention"))
            expect(visitor.page.get_by_text("2 safe")).to_be_visible()
        assert _paid_clones(service) == ["/api/voice-clone/qwen", "/api/voice-clone/minimax"]


def _paid_clones(service: Service) -> list[str]:
    return [request["path"] for request in service.log("clone")]


def _is_waiting(s3_server: S3Server, bucket: str, name: str) -> bool | None:
    """True once the bucket knows that the service took the order for this voice."""
    client = s3_server.client
    listed = client.list_objects_v2(Bucket=bucket, Prefix="vault/voices/").get("Contents", [])
    for item in listed:
        if item["Key"].endswith("/voice.json"):
            text = client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read().decode()
            if f'"{name}"' in text and '"waiting"' in text:
                return True
    return None
