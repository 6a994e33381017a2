"""Live services by their documented contract, on sockets, with PostgreSQL and a bucket."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.servers import Service, running_app, running_service
from tests.journeys.visitor import Visitor
from tests.parts.postgres import PostgresServer
from tests.parts.radosgw import S3Server
from tests.sentences import BACKED_UP

MINIMAX, QWEN = "MiniMax voice · NanoGPT", "Qwen voice · NanoGPT"


@pytest.mark.slow
def test_both_kinds_are_cloned_once_kept_in_the_bucket_and_speak(
    tmp_path: Path,
    visitor: Visitor,
    recording: Path,
    postgres_server: PostgresServer,
    s3_server: S3Server,
) -> None:
    bucket = s3_server.new_bucket()
    with running_service(tmp_path / "service") as service:
        settings = {
            **service.settings,
            **s3_server.settings(bucket),
            "DATABASE_URL": postgres_server.new_database(),
        }
        with running_app(tmp_path / "app", settings) as app:
            visitor.open(app.url("/clone"))
            visitor.clones(MINIMAX, recording, "Jack")
            visitor.sees("Its first sound:")
            visitor.hears()
            visitor.press("clone_again")
            visitor.clones(QWEN, recording, "John", nervous=True)
            visitor.sees(BACKED_UP)
            visitor.follow("Open its page")
            visitor.opens_tab("Proof")
            visitor.sees("The voice file is in your storage since")
            visitor.sees(re.compile(r"\bSafe\b"))
            _speak(visitor, "Ask not what your country can do for you.")
            visitor.open(app.url("/retention"))
            expect(visitor.page.get_by_text("2 safe")).to_be_visible()
        _clones_were_paid_once_each_and_followed(service)
        _embedding_is_byte_for_byte_in_the_bucket(service, s3_server, bucket)
        _speech_came_from_our_own_copy(service, f"{s3_server.endpoint}/{bucket}/vault/voices/")


def _speak(visitor: Visitor, text: str) -> None:
    """Speak with the newest voice and hear it."""
    visitor.follow("Playground")
    visitor.has_chosen("speak_voice", "John")
    visitor.type("speak_text", text)
    visitor.pays("speak_go")
    visitor.part("speak_result").locator("audio").wait_for()
    visitor.hears()


def _clones_were_paid_once_each_and_followed(service: Service) -> None:
    """Each poll carried the ticket's own fields: the service refuses any other."""
    paid = [(request["path"], request["status"]) for request in service.log("clone")]
    assert paid == [("/api/voice-clone/minimax", 202), ("/api/voice-clone/qwen", 202)]
    polls = service.log("clone_status")
    assert polls
    assert all(request["status"] == 200 for request in polls)
    for request in polls:
        assert {"runId", "cost", "paymentSource", "isApiRequest"} <= set(request["fields"])


def _embedding_is_byte_for_byte_in_the_bucket(
    service: Service, s3_server: S3Server, bucket: str
) -> None:
    hosted = next(
        request["path"]
        for request in service.log("file")
        if request["path"].endswith(".safetensors")
    )
    listed = s3_server.client.list_objects_v2(Bucket=bucket, Prefix="vault/voices/")
    key = next(item["Key"] for item in listed["Contents"] if "/embedding/" in item["Key"])
    kept = s3_server.client.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert kept == service.get(hosted)


def _speech_came_from_our_own_copy(service: Service, begin: str) -> None:
    spoken = [
        request for request in service.log("speech") if "Qwen" in str(request["fields"]["model"])
    ]
    assert [request["status"] for request in spoken] in ([200], [202])
    assert str(spoken[0]["fields"]["speaker_voice_embedding_file_url"]).startswith(begin)
