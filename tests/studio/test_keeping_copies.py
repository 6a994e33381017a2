"""A Qwen voice is a file: copied, checked, read again, taken again; lost only when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lib import keeper
from lib.models import Evidence, EvidenceKind, Health, KeepPolicy, Role
from lib.studio.core.context import Context
from lib.studio.orders import activation
from lib.vault.base import sha256_hex
from tests.parts.persons import ADA
from tests.studio.service import Ask, Reply, Trouble, refuses, says, together
from tests.studio.story import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Story,
    dossier,
    health,
)

GONE = refuses(404)


def hosted(story: Story, context: Context, voice_id: str) -> bytes:
    """The voice file as the service has it."""
    url = dossier(context, voice_id).voice.embedding_url
    path = url.removeprefix(story.service.origin)
    before = list(story.service.seen)
    data = story.service.answer("GET", path, {}, b"").body
    story.service.seen[:] = before
    return data


def copies(context: Context, voice_id: str, role: Role = Role.EMBEDDING) -> tuple[Evidence, ...]:
    """All copies of a file that were ever made, the withdrawn ones too."""
    return tuple(
        item
        for item in dossier(context, voice_id).evidence
        if item.kind is EvidenceKind.COPY and item.role == role
    )


def path_of(story: Story, item: Evidence) -> Path:
    return story.folder / "vault" / item.key


def not_copied(story: Story, context: Context, trouble: Trouble) -> str:
    """A voice that was made while its file could not be had."""
    story.service.always("file", trouble)
    return story.made(context, "qwen")


def test_the_file_is_kept_byte_for_byte_in_the_pass_that_saw_it(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")

    (copy,) = copies(context, voice_id)
    data = path_of(story, copy).read_bytes()
    assert data == hosted(story, context, voice_id)
    assert len(data) == copy.size == 16_288
    assert copy.sha256 == sha256_hex(data)
    assert copy.vault == context.live_vault.name
    assert "ref_spk_embedding BF16 [2048]" in copy.summary
    assert copy.read_back_at is not None
    assert story.service.count("speech") == 0


def cut(ask: Ask) -> Reply:
    reply = ask()
    return Reply(200, reply.headers[:1], reply.body[:-1])


def a_page(ask: Ask) -> Reply:
    return Reply(200, (("Content-Type", "text/html"),), b"<html>One moment</html>")


def too_large(ask: Ask) -> Reply:
    return Reply(200, (), ask().body + bytes(5_000_000))


@pytest.mark.parametrize(
    "trouble",
    [
        cut,
        too_large,
        refuses(401),
        *(pytest.param(one, marks=pytest.mark.slow) for one in (a_page, says({}), refuses(500))),
    ],
    ids=["cut", "too large", "401", "page", "JSON", "500"],
)
def test_what_is_no_whole_voice_file_is_never_kept_and_asked_for_again(
    story: Story, context: Context, trouble: Trouble
) -> None:
    voice_id = not_copied(story, context, trouble)
    summaries = story.live(context, 10 * HOUR)
    asked = story.service.count("file")
    assert copies(context, voice_id) == ()
    assert not (story.folder / "vault" / "voices" / voice_id / "embedding").exists()
    assert 4 <= asked <= 10
    assert health(context, voice_id) is Health.WAITING
    assert summaries[-1].blocked

    story.service.always("file", None)
    story.live(context, 7 * HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_a_file_that_the_host_misses_twice_an_hour_apart_is_lost(
    story: Story, context: Context
) -> None:
    voice_id = not_copied(story, context, GONE)
    story.live(context, 50 * MINUTE)
    assert health(context, voice_id) is Health.WAITING
    story.live(context, 2 * HOUR)
    assert health(context, voice_id) is Health.LOST

    asked = story.service.count("file")
    story.live(context, DAY)
    assert story.service.count("file") == asked


def test_a_file_that_was_missed_once_and_found_again_is_safe(
    story: Story, context: Context
) -> None:
    story.service.next("file", GONE, refuses(503))
    voice_id = story.made(context, "qwen")
    story.live(context, 3 * HOUR)

    assert health(context, voice_id) is Health.SAFE


def test_a_host_in_trouble_is_asked_on_after_the_window(story: Story, context: Context) -> None:
    voice_id = not_copied(story, context, refuses(503))
    story.live(context, 168 * HOUR)
    assert health(context, voice_id) is Health.PROBABLY_LOST

    story.service.always("file", None)  # the demo hosts a day longer than promised
    story.live(context, 7 * HOUR)
    assert health(context, voice_id) is Health.SAFE


def test_a_file_that_the_host_really_dropped_is_lost_in_the_end(
    story: Story, context: Context
) -> None:
    voice_id = not_copied(story, context, refuses(503))
    story.clock.advance(200 * HOUR)
    story.service.always("file", None)
    story.live(context, 9 * HOUR)

    assert health(context, voice_id) is Health.LOST


def test_the_copy_follows_when_the_vault_is_back(story: Story, context: Context) -> None:
    story.service.next("file", refuses(503))
    voice_id = story.made(context, "qwen")
    story.vault_breaks()
    summaries = story.live(context, 2 * HOUR)
    assert health(context, voice_id) is Health.WAITING
    assert [line for line in summaries[-1].blocked if "vault" in line]

    story.vault_is_mended()
    story.live(context, 7 * HOUR)
    assert health(context, voice_id) is Health.SAFE


def is_missing(path: Path) -> None:
    path.unlink()


def is_changed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def is_empty(path: Path) -> None:
    path.write_bytes(b"")


def is_huge(path: Path) -> None:
    path.write_bytes(bytes(6_000_000))


DAMAGES: list[Callable[[Path], None]] = [is_missing, is_changed, is_empty, is_huge]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_copy_that_was_damaged_is_no_evidence_any_more_and_is_taken_again(
    story: Story, context: Context, damage: Callable[[Path], None]
) -> None:
    voice_id = story.kept(context, "qwen")
    (copy,) = copies(context, voice_id)
    damage(path_of(story, copy))
    story.clock.advance(HOUR)
    activation.ask_for_files(context, voice_id, ADA)
    story.live(context, MINUTE)

    withdrawn, again = copies(context, voice_id)
    assert withdrawn.withdrawn_at == story.clock.now() - MINUTE
    assert "missing or changed" in withdrawn.withdrawn_why
    assert again.withdrawn_at is None
    assert path_of(story, again).read_bytes() == hosted(story, context, voice_id)
    assert health(context, voice_id) is Health.SAFE


def test_a_good_copy_is_read_again_after_thirty_days(story: Story, context: Context) -> None:
    voice_id = story.kept(context, "qwen")
    story.live(context, 30 * DAY - MINUTE)
    (copy,) = copies(context, voice_id)
    first_read = copy.read_back_at

    summaries = story.live(context, 2 * MINUTE)
    (copy,) = copies(context, voice_id)
    assert sum(summary.verified for summary in summaries) == 1
    assert first_read is not None
    assert copy.read_back_at is not None
    assert copy.read_back_at >= first_read + 30 * DAY - MINUTE
    assert health(context, voice_id) is Health.SAFE


def test_a_copy_damaged_after_the_host_dropped_its_file_is_told_as_a_loss(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    (copy,) = copies(context, voice_id)
    is_changed(path_of(story, copy))
    story.live(context, 29 * DAY)
    before = health(context, voice_id)
    story.live(context, 2 * DAY)

    assert before is Health.SAFE
    assert health(context, voice_id) is Health.LOST


def test_a_vault_that_cannot_be_read_right_now_withdraws_nothing(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    voices = cannot_be_read(story)
    activation.ask_for_files(context, voice_id, ADA)
    story.live(context, MINUTE)
    assert health(context, voice_id) is Health.SAFE

    voices.unlink()
    (story.folder / "away").rename(voices)
    story.live(context, HOUR)
    (copy,) = copies(context, voice_id)
    assert copy.withdrawn_at is None
    assert copy.read_back_at is not None
    assert copy.read_back_at > copy.at


def test_a_copy_that_cannot_be_read_again_is_told_as_blocked(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context, "qwen")
    cannot_be_read(story)
    activation.ask_for_files(context, voice_id, ADA)

    assert story.live(context, MINUTE)[-1].blocked


def cannot_be_read(story: Story) -> Path:
    """The vault refuses to read the files of voices: a link leads out of it."""
    voices, away = story.folder / "vault" / "voices", story.folder / "away"
    voices.rename(away)
    voices.symlink_to(away)
    return voices


def test_in_a_new_vault_the_copy_is_made_again(story: Story, context: Context) -> None:
    voice_id = story.kept(context, "qwen")
    moved = story.context(VAULT_URL=f"file://{story.folder / 'other-vault'}")
    assert health(moved, voice_id) is Health.WAITING

    story.live(moved, MINUTE)
    assert health(moved, voice_id) is Health.SAFE
    assert [item.vault for item in copies(moved, voice_id)] == [
        context.live_vault.name,
        moved.live_vault.name,
    ]


def test_the_preview_of_a_clone_is_kept(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    story.live(context, MINUTE)

    making = dossier(context, voice_id).making
    assert making is not None
    (copy,) = copies(context, voice_id, Role.PREVIEW)
    path = str(making.result["preview_url"]).removeprefix(story.service.origin)
    assert path_of(story, copy).read_bytes() == story.service.answer("GET", path, {}, b"").body


def test_the_preview_of_a_clone_is_kept_with_its_true_sizes(story: Story, context: Context) -> None:
    unknown = b"\xff\xff\xff\xff"

    def streamed(ask: Ask) -> Reply:
        reply = ask()
        return replace(reply, body=reply.body[:40] + unknown + reply.body[44:])

    story.service.always("file", streamed)
    voice_id = story.kept(context)
    story.live(context, MINUTE)

    (copy,) = copies(context, voice_id, Role.PREVIEW)
    sound = path_of(story, copy).read_bytes()
    assert sound[40:44] == (len(sound) - 44).to_bytes(4, "little")
    assert copy.sha256 == sha256_hex(sound)


def test_a_preview_that_cannot_be_had_is_given_up_after_a_week_and_harms_nothing(
    story: Story, context: Context
) -> None:
    voice_id = story.made(context, keep_policy=KeepPolicy.ASK)
    (preview,) = copies(context, voice_id, Role.PREVIEW)
    path_of(story, preview).unlink()
    context.registry.voices.change_evidence(preview, withdrawn_at=story.clock.now())
    story.service.always("file", GONE)
    story.live(context, 8 * DAY)
    asked = previews_asked(story)
    summaries = story.live(context, 8 * DAY)

    assert 10 < asked < 60
    assert previews_asked(story) == asked
    assert copies(context, voice_id, Role.PREVIEW) == (
        replace(preview, withdrawn_at=story.clock.now() - 16 * DAY),
    )
    assert not any(summary.blocked for summary in summaries)


def previews_asked(story: Story) -> int:
    return sum("preview" in request.target for request in story.service.of_kind("file"))


def test_two_keepers_fetch_a_file_once(story: Story, context: Context) -> None:
    voice_id = not_copied(story, context, refuses(503))
    story.service.always("file", None)
    before = story.service.count("file")
    both = iter([context, story.context("other")] * 2)
    activation.ask_for_files(context, voice_id, ADA)
    story.clock.advance(SECOND)
    together(lambda: keeper.one_pass(next(both)), times=4)

    assert story.service.count("file") == before + 1
    assert len(copies(context, voice_id)) == 1
