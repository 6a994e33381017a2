"""Whatever people do is in the record with its kind and their name; admins alone read all of it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from lib import keeper
from lib.event_kinds import EventKind
from lib.models import EvidenceKind, Money
from lib.registry.events import Deed, Wanted
from lib.retention import held
from lib.roles import NotPermitted, Person, TeamRole
from lib.services import NANOGPT
from lib.studio.alerts import checks
from lib.studio.core.context import Context
from lib.studio.jobs import overview
from lib.studio.library import activity, editing, takes, takes_file
from lib.studio.orders import activation, speaking
from lib.studio.storage import files
from lib.studio.transfer import delivery, exporting, importing
from tests.parts.persons import ADA, BEN, named
from tests.studio import archives
from tests.studio.command_line import Command
from tests.studio.story import MINUTE, SECOND, Story, dossier, text_order

VIEWER = named("Vera", TeamRole.VIEWER)


def deeds(context: Context, wanted: Wanted = Wanted()) -> list[Deed]:  # noqa: B008
    return activity.find(context, ADA, wanted, limit=100)


def latest(context: Context) -> tuple[str, EventKind, str]:
    """Who did what kind of thing last, and with which voice."""
    line = deeds(context)[0].line
    return line.person, line.kind, line.voice_id


def test_each_deed_is_in_it_with_its_kind_and_who_did_it(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    voice = dossier(context, voice_id).voice
    kept = held(dossier(context, voice_id), context.live_vault.name)
    job = dossier(context, voice_id).jobs[0]
    order = speaking.order(context, text_order(voice_id))
    story.live(context, MINUTE)
    spoken = context.registry.takes.get(order.id)
    assert spoken is not None

    def pack() -> None:
        takes_file.pack(context, io.BytesIO(), [spoken], {}, ADA)

    def take_all() -> None:
        exporting.write(context, io.BytesIO(), person=ADA, voice_ids=[voice_id])

    def fetch_export() -> None:
        delivery.answer_asked(context)
        ready = delivery.state(context).prepared
        assert ready is not None
        delivery.read(context, ready, ADA)

    def bring_in() -> None:
        file = archives.EditableArchive.of(dossier(context, voice_id))
        importing.take(context, file, dry_run=False, person=ADA)

    steps: list[tuple[Callable[[], object], EventKind, str]] = [
        (lambda: editing.rename(context, voice, "Ann", ADA), EventKind.CHANGED, voice_id),
        (lambda: activation.ask_for_files(context, voice_id, ADA), EventKind.CHECKED, voice_id),
        (lambda: checks.request(context, checks.VAULT, ADA), EventKind.CHECKED, ""),
        (lambda: checks.request(context, NANOGPT, ADA), EventKind.CHECKED, ""),
        (lambda: overview.check_now(context, job, ADA), EventKind.CHECKED, voice_id),
        (lambda: files.download(context, voice, kept[0], ADA), EventKind.DOWNLOADED, voice_id),
        (take_all, EventKind.DOWNLOADED, voice_id),
        (lambda: takes.rename(context, spoken, "Opening", ADA), EventKind.NAMED, voice_id),
        (pack, EventKind.DOWNLOADED, ""),
        (lambda: delivery.ask(context, ADA), EventKind.EXPORTED, ""),
        (fetch_export, EventKind.DOWNLOADED, ""),
        (bring_in, EventKind.IMPORTED, ""),
    ]
    for number, (do, kind, about) in enumerate(steps):
        story.clock.advance(SECOND)
        before = len(deeds(context))
        do()
        assert latest(context) == ("Ada", kind, about), number
        assert len(deeds(context)) == before + 1, number


def test_a_dry_run_and_what_was_refused_are_no_deeds(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    file = archives.EditableArchive.of(dossier(context, voice_id))
    before = deeds(context)
    importing.take(context, file, dry_run=True, person=ADA)
    (seen,) = dossier(context, voice_id).valid_evidence(EvidenceKind.ACTIVATION)
    with pytest.raises(NotPermitted):
        files.download(context, dossier(context, voice_id).voice, seen, VIEWER)
    with pytest.raises(NotPermitted):
        delivery.ask(context, BEN)
    assert deeds(context) == before


def test_orders_say_what_they_cost_and_the_keeper_is_named_for_its_own(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    ordered = deeds(context, Wanted(kinds=[EventKind.ORDERED]))
    assert [(deed.line.person, deed.line.what) for deed in ordered] == [
        ("Voicekeep", "ordered: activation"),
        ("Ada", "ordered: clone"),
    ]
    assert {deed.voice for deed in ordered} == {dossier(context, voice_id).voice.name}
    assert all(deed.amount and deed.amount > Money() for deed in ordered)


def test_a_test_message_is_in_it(story: Story) -> None:
    context = story.context(NOTIFY_URLS="json://127.0.0.1:9/")
    checks.request(context, checks.WARNINGS, ADA)
    assert latest(context) == ("Ada", EventKind.TESTED, "")


def test_an_export_at_the_command_line_is_the_keepers(
    story: Story, context: Context, command: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    story.kept(context)
    command("export", str(tmp_path_factory.mktemp("export") / "all.zip"))
    assert latest(context) == ("Voicekeep", EventKind.EXPORTED, "")


@pytest.mark.parametrize("person", [VIEWER, BEN])
def test_only_admins_read_it(context: Context, person: Person) -> None:
    for ask in (
        lambda who: activity.find(context, who, Wanted(), limit=9),
        lambda who: activity.count(context, who, Wanted(), most=9),
        lambda who: activity.people(context, who),
        lambda who: activity.table(context, who, Wanted()),
    ):
        with pytest.raises(NotPermitted):
            ask(person)


def test_a_rebuild_brings_all_of_it_back_with_its_kinds(story: Story, context: Context) -> None:
    voice_id = story.kept(context)
    delivery.ask(context, ADA)
    editing.archive(context, dossier(context, voice_id).voice, BEN)
    keeper.one_pass(context)
    other = story.new_container()
    keeper.one_pass(other)
    assert deeds(other) == deeds(context)
    assert activity.people(other, ADA) == ["Ada", "Ben", "Voicekeep"]
    assert activity.count(other, ADA, Wanted(), most=100) == len(deeds(context))
