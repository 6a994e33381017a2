"""Who is told what, once: whole stories with a voice service and a webhook on real sockets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from lib import keeper
from lib.models import ErrorKind, Evidence, EvidenceKind, Health, KeepPolicy, new_id
from lib.registry import schema
from lib.registry.notices import RESERVED_FOR
from lib.studio.alerts import channels, checks, notifying, sent
from lib.studio.core.context import Context
from lib.vault.base import sha256_hex
from tests.clients.scripted_server import ScriptedServer, closed_port, reply
from tests.parts.length import mostly_slow
from tests.parts.persons import ADA
from tests.studio.service import Ask, Reply, answer, refuses, says
from tests.studio.story import DAY, HOUR, MINUTE, Story, dossier, health

SECRET = "s3cr3t-t0ken"
APP = "https://voices.example.org"
WINDOW = 168 * HOUR


@pytest.fixture
def channel() -> Iterator[ScriptedServer]:
    """A webhook that takes all messages, unless a test has it answer otherwise."""
    with ScriptedServer() as server:
        yield server


def takes(server: ScriptedServer, count: int = 1) -> None:
    server.then(*[reply({})] * count)


def address(server: ScriptedServer) -> str:
    return f"{server.origin.replace('http', 'json')}/{SECRET}"


def warned(story: Story, server: ScriptedServer, **settings: str) -> Context:
    """The team's app, whose warnings go to this webhook."""
    return story.context(NOTIFY_URLS=address(server), **settings)


def messages(server: ScriptedServer) -> list[dict[str, Any]]:
    return [seen.json for seen in server.seen]


def bodies(server: ScriptedServer) -> list[str]:
    return [message["message"] for message in messages(server)]


def left(story: Story, context: Context, voice_id: str, length: timedelta) -> None:
    """Let time pass until this much of the voice's window is left."""
    start = dossier(context, voice_id).voice.clock_start
    assert start is not None
    story.clock.advance(start + WINDOW - length - story.clock.now())


def at_risk(story: Story, context: Context, hours: float = 20) -> str:
    """A voice that waits for a person, with so many hours left."""
    voice_id = story.asking(context)
    left(story, context, voice_id, hours * HOUR)
    return voice_id


def sent_note(context: Context) -> dict[str, Any]:
    return context.registry.notes.all()[channels.DELIVERY].body


def test_a_week_that_nobody_looks_at_is_told_in_four_messages(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel, APP_URL=f"{APP}/")
    voice_id = story.asking(context)
    end = story.clock.now() + WINDOW + DAY
    notified = 0
    while story.clock.now() < end:
        notified += keeper.one_pass(context).notified
        story.clock.advance(HOUR)
    told = messages(channel)
    assert len(told) == notified == 4
    firsts = [message["message"].splitlines()[0] for message in told]
    assert firsts == ["“Grace 1” is not kept yet."] * 3 + ["“Grace 1” is probably lost."]
    lefts = [message["message"].splitlines()[1] for message in told]
    assert [line.partition("(in ")[2].split(" ")[0] for line in lefts[:3]] == ["3", "1", "23"]
    for message in told:
        assert f"{APP}/voice?id={voice_id}" in message["message"]
        assert "UTC" in message["message"]


@pytest.mark.parametrize("policy", [KeepPolicy.AT_ONCE, KeepPolicy.BEFORE_DEADLINE])
@pytest.mark.parametrize("step", mostly_slow([MINUTE * 10, HOUR * 6], HOUR * 6))
def test_a_voice_that_is_kept_by_itself_makes_no_noise(
    story: Story, channel: ScriptedServer, policy: KeepPolicy, step: timedelta
) -> None:
    story.service.speaks_by_ticket()
    context = warned(story, channel)
    voice_id = story.made(context, keep_policy=policy)
    left(story, context, voice_id, WINDOW / 2 + HOUR)
    for _ in range(12):
        assert keeper.one_pass(context).notified == 0
        story.clock.advance(step)
    assert health(context, voice_id) is Health.SAFE
    assert channel.seen == []


def test_a_keeper_that_slept_tells_only_the_most_urgent(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    at_risk(story, context, hours=1)
    assert keeper.one_pass(context).notified == 1
    assert keeper.one_pass(context).notified == 0
    assert len(channel.seen) == 1
    told = context.registry.notices.all()
    assert sorted(name.partition(":")[0] for name in told) == ["24h", "48h", "half"]
    assert all(one.told_at for one in told.values())


def test_one_digest_tells_all_that_is_due_soonest_loss_first(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    for seed in (1, 2, 3):
        story.made(context, seed=seed, keep_policy=KeepPolicy.ASK)
        story.clock.advance(HOUR)
    story.clock.advance(WINDOW - 20 * HOUR)
    assert keeper.one_pass(context).notified == 3
    (message,) = messages(channel)
    assert message["title"] == "Voicekeep: 3 voices need attention"
    places = [message["message"].index(f"“Grace {seed}”") for seed in (1, 2, 3)]
    assert places == sorted(places)


def test_what_was_kept_meanwhile_is_not_told(story: Story, channel: ScriptedServer) -> None:
    context = warned(story, channel)
    voice_id = at_risk(story, context)
    context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    story.until(context, lambda: health(context, voice_id) is Health.SAFE)
    assert channel.seen == []


def test_an_archived_voice_is_not_told(story: Story, channel: ScriptedServer) -> None:
    context = warned(story, channel)
    voice_id = at_risk(story, context)
    context.registry.voices.change(voice_id, archived_at=story.clock.now())
    assert keeper.one_pass(context).notified == 0
    assert channel.seen == []


def test_without_channels_nothing_is_told_or_remembered(story: Story) -> None:
    context = story.context()
    at_risk(story, context)
    summary = keeper.one_pass(context)
    assert (summary.notified, summary.blocked) == (0, [])
    assert context.registry.notices.all() == {}


def test_what_holds_voices_up_is_told_once_for_all_of_them(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    made = [story.made(context, seed=seed, keep_policy=KeepPolicy.ASK) for seed in (1, 2)]
    for voice_id in made:
        context.registry.voices.change(voice_id, keep_policy=KeepPolicy.AT_ONCE)
    story.service.always("balance", says({"usd_balance": "0.00"}))
    story.live(context, 6 * HOUR)
    (body,) = bodies(channel)
    assert body.startswith("On hold: “Grace 1”, “Grace 2”.\n")
    assert "balance" in body


class Numbers:
    """Nothing runs, and the answer says so, with another request number each time."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.count = 0

    def __call__(self, ask: Ask) -> Reply:
        self.count += 1
        words = f"Forbidden (request req_{sha256_hex(str(self.count).encode())[:12]})"
        return answer({"error": {"message": words}}, self.status)


@pytest.mark.parametrize("database", mostly_slow(["sqlite", "postgresql"], "sqlite"), indirect=True)
@pytest.mark.usefixtures("database")
def test_a_refusal_with_another_number_each_time_is_told_once(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 99)
    context = warned(story, channel)
    voice_id = story.to_be_kept(context)
    refusing = Numbers(403)
    story.service.always("speech", refusing)
    for _ in range(16):
        keeper.one_pass(context)
        story.clock.advance(3 * HOUR)
        assert len(channel.seen) == 1
    assert refusing.count == 16
    assert "Forbidden (request req" in bodies(channel)[0]

    story.service.always("speech", refuses(401))  # another kind of reason
    keeper.one_pass(context)
    assert len(channel.seen) == 2
    assert "key was not accepted" in bodies(channel)[1]

    story.settings = {"NOTIFY_URLS": address(channel)}
    new = story.new_container()  # its vault knows what was told
    story.clock.advance(HOUR)
    keeper.one_pass(new)
    assert len(channel.seen) == 2
    assert dossier(new, voice_id).activations[-1].error_kind == ErrorKind.KEY


def test_a_file_whose_host_answers_otherwise_each_time_is_told_once(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    refusing = Numbers(403)
    story.service.always("file", refusing)
    voice_id = story.made(context, "qwen")
    story.hourly(context, 12)
    assert refusing.count > 3
    assert dossier(context, voice_id).voice.copy_error_kind == ErrorKind.TROUBLE
    assert [body.splitlines()[0] for body in bodies(channel)] == ["On hold: “Grace 1”."]


def test_what_an_older_release_told_by_its_words_is_told_once_more_at_most(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    story.to_be_kept(context)
    story.service.always("speech", refuses(401))
    now = story.clock.now()
    context.registry.notices.take_back({"blocked:0123456789abcdef": now})
    story.hourly(context, 3)
    assert len(channel.seen) == 1
    assert "blocked:0123456789abcdef" not in context.registry.notices.all()


def test_a_reason_that_comes_back_is_told_anew(story: Story, channel: ScriptedServer) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    story.to_be_kept(context)
    story.service.always("speech", refuses(401))
    story.live(context, 5 * HOUR)
    assert len(channel.seen) == 1

    (voice,) = [item.voice for item in context.registry.voices.dossiers()]
    context.registry.voices.change(voice.id, archived_at=story.clock.now())
    story.live(context, 30 * MINUTE)
    context.registry.voices.change(voice.id, archived_at=None)
    story.live(context, 30 * MINUTE)
    assert len(channel.seen) == 1  # a moment is no recovery

    context.registry.voices.change(voice.id, archived_at=story.clock.now())
    for _ in range(4):
        keeper.one_pass(context)
        story.clock.advance(30 * MINUTE)
    context.registry.voices.change(voice.id, archived_at=None)
    story.live(context, 30 * MINUTE)
    assert len(channel.seen) == 2


def test_a_broken_storage_is_told_once_for_all(story: Story, channel: ScriptedServer) -> None:
    takes(channel, 9)
    context = warned(story, channel, APP_URL=APP)
    story.kept(context)
    story.vault_breaks()
    checks.request(context, checks.VAULT, ADA)
    story.live(context, 2 * HOUR)
    (body,) = bodies(channel)
    assert body.startswith("Voicekeep itself is on hold.\nYour storage: ")
    assert f"{APP}/settings" in body


def test_a_refused_key_is_told_although_no_voice_waits(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    story.service.always("balance", refuses(401))
    checks.request(context, "nanogpt", ADA)
    assert keeper.one_pass(context).notified == 1
    assert "NanoGPT: " in bodies(channel)[0]


def test_a_service_that_cannot_be_reached_for_a_moment_is_no_news(
    story: Story, channel: ScriptedServer
) -> None:
    context = warned(story, channel)
    story.service.always("balance", refuses(503))
    checks.request(context, "nanogpt", ADA)
    assert keeper.one_pass(context).notified == 0


def test_a_loss_is_told(story: Story, channel: ScriptedServer) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    voice_id = at_risk(story, context, hours=-1)
    keeper.one_pass(context)
    for hours in (1, 2):
        story.clock.advance(hours * HOUR)
        note_gone(context, voice_id)
        keeper.one_pass(context)
    assert health(context, voice_id) is Health.LOST
    firsts = [body.splitlines()[0] for body in bodies(channel)]
    assert firsts == [
        "“Grace 1” is probably lost.",
        "“Grace 1” is lost. The service said twice that it no longer exists.",
    ]


def note_gone(context: Context, voice_id: str) -> None:
    item = Evidence(new_id(), voice_id, EvidenceKind.NOT_FOUND, context.clock.now())
    context.registry.voices.add_evidence(item)


def test_a_message_that_nobody_took_is_told_later_after_growing_pauses(
    story: Story, channel: ScriptedServer
) -> None:
    channel.then(*[reply({}, 500)] * 3)
    takes(channel)
    context = warned(story, channel)
    at_risk(story, context)
    pauses = []
    while len(channel.seen) < 4:
        before = len(channel.seen)
        summary = keeper.one_pass(context)
        if len(channel.seen) > before:
            pauses.append(story.clock.now())
        delivered = len(channel.seen) == 4
        assert summary.notified == int(delivered)
        assert summary.all_done is delivered
        if not delivered:
            assert summary.blocked == [
                f"Warnings cannot be delivered: {text}" for text in [said(context, summary)]
            ]
        story.clock.advance(MINUTE)
    assert [b - a for a, b in pairwise(pauses)] == [
        5 * MINUTE,
        15 * MINUTE,
        HOUR,
    ]
    assert sent_note(context)["ok"] is True
    keeper.one_pass(context)
    assert len(channel.seen) == 4


def said(context: Context, summary: keeper.Summary) -> str:
    (line,) = summary.blocked
    assert "A webhook has a problem of its own." in line
    return line.removeprefix("Warnings cannot be delivered: ")


def test_what_is_no_longer_so_is_not_told_when_the_channel_is_mended(
    story: Story, channel: ScriptedServer
) -> None:
    channel.then(reply({}, 500))
    takes(channel)
    context = warned(story, channel)
    voice_id = at_risk(story, context)
    keeper.one_pass(context)
    context.registry.voices.change(voice_id, archived_at=story.clock.now())
    story.clock.advance(DAY)
    assert keeper.one_pass(context).notified == 0
    assert len(channel.seen) == 1


def test_a_message_that_one_of_two_channels_took_is_told_and_the_other_is_named(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel)
    broken = closed_port().replace("http", "json")
    context = story.context(NOTIFY_URLS=f"{broken}/{SECRET}\n{address(channel)}")
    at_risk(story, context)
    assert keeper.one_pass(context).notified == 1
    note = sent_note(context)
    assert note["ok"] is False
    assert note["sentence"] == (
        "The last warning reached a webhook. A webhook could not be reached."
    )
    story.clock.advance(HOUR)
    summary = keeper.one_pass(context)
    assert (summary.notified, summary.blocked) == (0, [])


def test_a_keeper_that_died_while_sending_leaves_it_to_the_next(
    story: Story, channel: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes(channel)
    context = warned(story, channel)
    at_risk(story, context)
    with monkeypatch.context() as broken:
        # Killed: neither told nor released.
        broken.setattr(context.registry.notices, "release", lambda *_: None)
        broken.setattr(channels, "deliver", dies)
        keeper.one_pass(context)
    assert keeper.one_pass(context).notified == 0
    story.clock.advance(RESERVED_FOR)
    assert keeper.one_pass(context).notified == 1


def dies(*_: object) -> None:
    raise RuntimeError("killed")


def test_a_defect_while_sending_releases_what_was_reserved(
    story: Story, channel: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes(channel)
    context = warned(story, channel)
    at_risk(story, context)
    with monkeypatch.context() as broken:
        broken.setattr(channels, "deliver", dies)
        assert keeper.one_pass(context).failed
    assert keeper.one_pass(context).notified == 1


def test_a_container_with_an_empty_database_tells_nothing_again(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    voice_id = at_risk(story, context)
    keeper.one_pass(context)
    assert len(channel.seen) == 1
    story.settings = {"NOTIFY_URLS": address(channel)}
    new = story.new_container()
    keeper.one_pass(new)
    assert health(new, voice_id) is Health.AT_RISK
    assert len(channel.seen) == 1
    left(story, new, voice_id, timedelta(0))
    assert keeper.one_pass(new).notified == 1


@pytest.mark.parametrize(
    "data",
    mostly_slow(
        [
            b"",
            b"\xff",
            b"[]",
            b"{}",
            b"[" * 100_000,
            b'{"format": 1, "told": []}',
            b'{"format": 9, "told": {"a": "2026-11-20T09:00:00+00:00"}}',
            b'{"format": 1, "told": {"a": 1, "": "2026-11-20T09:00:00+00:00", "b": "2026-11-20"}}',
            b'{"format": 1, "told": {"c": "0001-01-01T00:00:00+23:59"}}',
            b"x" * 3_000_000,
        ],
        b"[]",
        b'{"format": 1, "told": []}',
        b"x" * 3_000_000,
    ),
)
def test_an_odd_file_of_what_was_told_is_passed_over(
    story: Story, channel: ScriptedServer, data: bytes
) -> None:
    takes(channel)
    context = warned(story, channel)
    at_risk(story, context)
    context.live_vault.put_verified(sent.KEY, data, "application/json")
    assert keeper.one_pass(context).notified == 1


def test_a_storage_that_takes_nothing_does_not_keep_a_warning_back(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel, 9)
    context = warned(story, channel)
    at_risk(story, context)
    story.vault_breaks()
    assert keeper.one_pass(context).notified >= 1
    assert "“Grace 1” is not kept yet." in bodies(channel)[0]


@pytest.mark.parametrize(
    "database", mostly_slow(["sqlite", "postgresql"], "postgresql"), indirect=True
)
@pytest.mark.usefixtures("database")
def test_many_keepers_at_once_tell_each_thing_once(story: Story, channel: ScriptedServer) -> None:
    takes(channel, 50)
    keepers = [
        story.context(f"keeper-{number}", NOTIFY_URLS=address(channel)) for number in range(4)
    ]
    voice_ids = [
        story.made(keepers[0], seed=seed, keep_policy=KeepPolicy.ASK) for seed in range(1, 6)
    ]
    left(story, keepers[0], voice_ids[0], 20 * HOUR)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(notifying.notify, keepers * 3))
    assert sum(one.notified for one in told) == 5
    everything = "\n".join(bodies(channel))
    for seed in range(1, 6):
        assert everything.count(f"“Grace {seed}” is not kept yet.") == 1


def test_a_strangers_name_cannot_speak_for_voicekeep(story: Story, channel: ScriptedServer) -> None:
    takes(channel)
    context = warned(story, channel)
    name = "@everyone\n\n“All” is lost. <!channel> [click](https://evil.example)" + "x" * 10_000
    voice_id = story.made(context, name="Ann", keep_policy=KeepPolicy.ASK)
    context.registry.voices.change(voice_id, name=name)
    left(story, context, voice_id, 20 * HOUR)
    keeper.one_pass(context)
    (body,) = bodies(channel)
    assert len(body.splitlines()) == 5
    assert len(body) < 500
    for hostile in ("@everyone", "<!", "](", "https://"):
        assert hostile not in body


def test_no_secret_of_a_channel_is_kept_or_logged(
    story: Story, channel: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel.then(reply({}, 403), reply({}, 404))
    listed = f"{address(channel)} foo://{SECRET}\nslack://{SECRET} mailto://user:{SECRET}@"
    context = story.context(NOTIFY_URLS=listed)
    at_risk(story, context)
    checks.request(context, checks.WARNINGS, ADA)
    keeper.one_pass(context)
    story.clock.advance(HOUR)
    summary = keeper.one_pass(context)
    assert len(channel.seen) == 2
    with context.registry.database.read() as connection:
        rows = [
            repr(row)
            for table in schema.metadata.tables.values()
            for row in connection.execute(select(table)).all()
        ]
    kept = "\n".join([*rows, json.dumps(asdict(summary)), caplog.text])
    assert "Warnings cannot be delivered" in kept
    assert SECRET not in kept


def test_the_test_message_is_asked_for_and_sent_by_the_keeper(
    story: Story, channel: ScriptedServer
) -> None:
    takes(channel)
    context = warned(story, channel, APP_URL=APP)
    keeper.one_pass(context)
    assert channel.seen == []  # looking at the addresses sends nothing
    checks.request(context, checks.WARNINGS, ADA)
    assert channel.seen == []
    keeper.one_pass(context)
    keeper.one_pass(context)
    (message,) = messages(channel)
    assert message["title"] == "Voicekeep: a test message"
    assert message["message"].endswith(f"{APP}/retention")
    assert sent_note(context)["sentence"] == "The test message reached a webhook."
    note = context.registry.notes.all()[checks.PREFIX + checks.WARNINGS]
    assert note.asked_at is None
    assert note.body["ok"] is True


def test_a_test_message_that_arrives_ends_the_pause(story: Story, channel: ScriptedServer) -> None:
    channel.then(reply({}, 500))
    takes(channel, 2)
    context = warned(story, channel)
    at_risk(story, context)
    keeper.one_pass(context)
    assert keeper.one_pass(context).notified == 0
    checks.request(context, checks.WARNINGS, ADA)
    assert keeper.one_pass(context).notified == 1


@pytest.mark.parametrize(
    "url",
    mostly_slow(
        [
            "voices.example.org",
            "javascript:alert(1)",
            "https://",
            "https://user:pass@voices.example.org",
            "https://voices.example.org/?x=1",
            "https://voices.example.org/ <!channel>",
            "https://[bad",
            "https://" + "x" * 1_000,
        ],
        "javascript:alert(1)",
        "https://user:pass@voices.example.org",
    ),
)
def test_an_app_address_that_is_none_is_told_and_not_used(
    story: Story, channel: ScriptedServer, url: str
) -> None:
    takes(channel)
    context = warned(story, channel, APP_URL=url)
    at_risk(story, context)
    keeper.one_pass(context)
    assert "/retention" not in bodies(channel)[0]
    note = context.registry.notes.all()[checks.PREFIX + checks.WARNINGS]
    assert note.body["ok"] is False
    assert "APP_URL" in note.body["sentence"]
