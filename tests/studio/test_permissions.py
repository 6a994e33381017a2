"""The table of persons and deeds: each use case does for a role what it may, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from lib.demo.showcase import GUESTS
from lib.manifest import Fault
from lib.models import (
    Dossier,
    Evidence,
    Job,
    JobState,
    KeepPolicy,
    LongText,
    Money,
    Take,
    TextState,
    Voice,
)
from lib.recordings.writing import Form
from lib.registry.erasures import Erasure
from lib.registry.events import Wanted
from lib.registry.shares import Share
from lib.registry.spending import By
from lib.registry.unreadable import Unreadable
from lib.roles import KEEPER, NotPermitted, Permission, Person, TeamRole
from lib.scripts import Script, Speaker
from lib.services import KYMA, NANOGPT
from lib.studio.adoption import adopting, listening, saved_ids, service_lists
from lib.studio.alerts import checks
from lib.studio.core import accounts
from lib.studio.core.accounts import Question
from lib.studio.core.context import Context
from lib.studio.core.people import recorded_as
from lib.studio.erasure import asking as erasure
from lib.studio.jobs import long_texts, overview, recovery
from lib.studio.library import (
    activity,
    bulk,
    editing,
    first_steps,
    listing,
    sharing,
    spending,
    takes,
    takes_file,
)
from lib.studio.library.bulk import BulkAction, BulkPlan
from lib.studio.library.editing import PolicyChange
from lib.studio.library.spending import Period
from lib.studio.orders import (
    activation,
    batch,
    cloning,
    confirming,
    consenting,
    designing,
    recloning,
    speaking,
    transcribing,
)
from lib.studio.orders.confirming import OrderRefused
from lib.studio.orders.consenting import NO_LIMITS
from lib.studio.orders.transcribing import TranscriptRequest
from lib.studio.scripts import editing as script_editing
from lib.studio.scripts import exporting as script_exporting
from lib.studio.scripts import generating
from lib.studio.scripts import standing as scripts
from lib.studio.scripts.reading import read_text
from lib.studio.scripts.standing import Standing
from lib.studio.storage import files, migration, unreadable
from lib.studio.transfer import delivery, exporting, importing
from lib.studio.transfer.delivery import Prepared
from lib.team import Team
from tests import use_cases
from tests.parts.persons import ADA, named
from tests.parts.reopened import reopen
from tests.parts.rows import all_rows
from tests.studio.adopting import KNOWN, adopted, planned
from tests.studio.kyma import kyma_shop, words
from tests.studio.service import loses_the_answer
from tests.studio.story import (
    HOUR,
    MINUTE,
    NEW_KEY,
    Story,
    clone_request,
    dossier,
    key_question,
    recording,
    state,
    text_order,
)

LONG = " ".join(f"This is sentence number {n} of a rather long story." for n in range(1, 241))
LOST_STORY = "voices/0123456789abcdef/voice.json"
PERSONS = [named(role.title(), role) for role in TeamRole]
MADE = date(2026, 11, 1)


@dataclass
class World:
    """A team's app with something at hand for each deed. `moved`: the same with another vault."""

    story: Story
    context: Context
    moved: Context
    ids: dict[str, str]
    wakes: list[int] = field(default_factory=list)

    def seen(self) -> tuple[object, ...]:
        """All that is stored, was sent, or is to be done at once."""
        rows = all_rows(self.context.registry)
        stored = sorted(str(path) for path in self.story.folder.rglob("vault/**/*"))
        return rows, stored, len(self.story.service.seen), len(self.wakes)

    def dossier(self, name: str) -> Dossier:
        return dossier(self.context, self.ids[name])

    def voice(self, name: str = "kept") -> Voice:
        return self.dossier(name).voice

    def job(self, name: str) -> Job:
        found = self.context.registry.jobs.get(self.ids[name])
        assert found is not None
        return found

    def wish(self, name: str) -> Erasure:
        """That somebody wants this voice erased; before, a wish like it."""
        now, voice = self.context.clock.now(), self.voice(name)
        found = erasure.of_voice(self.context, voice.id)
        return found or Erasure(voice.id, voice.service, now, "Ada", now)

    def take(self, name: str = "take") -> Take:
        found = self.context.registry.takes.get(self.ids[name])
        assert found is not None
        return found

    @property
    def text(self) -> LongText:
        found = self.context.registry.long_texts.get(self.ids["text"])
        assert found is not None
        return found

    @property
    def part(self) -> Job:
        return long_texts.find(self.context, self.text).parts[0].latest

    @property
    def call(self) -> str:
        """The id of a test call that nobody has listened to."""
        found = listing.find(self.context, self.ids["adopted"])
        assert found is not None
        assert found.unheard is not None
        return found.unheard.id

    @property
    def reference(self) -> Evidence:
        """The copy of a recording."""
        return next(item for item in self.dossier("kept").evidence if item.key)

    @property
    def ready(self) -> Prepared:
        found = delivery.state(self.context).prepared
        assert found is not None
        return found

    @property
    def script(self) -> Script:
        found = scripts.find(self.context, self.ids["script"])
        assert found is not None
        return found

    @property
    def played(self) -> Standing:
        return scripts.stand(self.context, self.script)

    @property
    def share(self) -> Share:
        (found,) = self.context.registry.shares.all()
        return found

    @property
    def plan(self) -> BulkPlan:
        """What would be done for all voices, if their copies were to be checked."""
        entries = listing.entries(self.context)
        return bulk.plan(entries, BulkAction.CHECK, services=self.context.settings.services)

    @property
    def question(self) -> Question:
        found = key_question(self.context)
        assert found is not None
        return found

    def renew_the_key(self) -> None:
        """From now on the question is open whose the key of NanoGPT is."""
        values = {**self.context.settings.values, "NANOGPT_API_KEY": NEW_KEY}
        reopen(self.context, settings=replace(self.context.settings, values=values))
        accounts.meet_keys(self.context)


@pytest.fixture
def world(story: Story) -> World:
    story.service.demo.install(GUESTS)
    story.settings["NANOGPT_SESSION_COOKIE"] = "session=0123456789"
    context = kyma_shop(story)
    kept = story.kept(context)
    take = speaking.order(context, text_order(kept))
    second = speaking.order(context, text_order(kept, "And once more."))
    text = speaking.order(context, text_order(kept, LONG))
    script = script_editing.create(context, ADA, "Two lines", read_text("ANNA: Hi.\nBEN: Ho."))
    script = script_editing.give_voice(context, ADA, script, Speaker("BEN", kept))
    generating.generate(context, ADA, scripts.stand(context, script))
    story.until(context, lambda: state(context, text) is TextState.DONE)
    waiting = story.made(context, seed=2, keep_policy=KeepPolicy.ASK)
    (guest,) = adopting.adopt(
        context, lambda: planned(context, KNOWN), speaker="Grace", consent=True, person=ADA
    ).done
    story.live(context, MINUTE)
    late = [cloning.clone(context, clone_request(seed=seed)) for seed in (3, 4)]
    story.clock.advance(HOUR)
    delivery.prepare(context)
    lost = Unreadable(LOST_STORY, context.live_vault.name, Fault.DAMAGED, story.clock.now())
    context.registry.unreadable.put([lost])
    moved = story.context("data", VAULT_URL=f"file://{story.folder / 'other' / 'vault'}")
    ids = {"kept": kept, "take": take.id, "text": text.id, "waiting": waiting, "adopted": guest}
    ids |= {"late": late[0].id, "later": late[1].id, "second": second.id}
    ids["script"] = script.id
    found = World(story, context, moved, ids)
    context.runtime.wake = lambda: found.wakes.append(1)
    return found


@dataclass(frozen=True)
class Deed:
    """Something that a person does: by which use case, what it takes, how it is done."""

    by: Callable[..., object]
    takes: Permission
    do: Callable[[World, Person], object]


def an_export(world: World) -> io.BytesIO:
    target = io.BytesIO()
    exporting.write(world.context, target, person=KEEPER)
    return target


def share(world: World, person: Person) -> None:
    """As if the take lay in a bucket."""
    take = world.context.registry.takes.get(world.ids["take"])
    assert take is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "has_bucket", lambda *_: True)
        sharing.share(world.context, take, person, days=1)


def all_adopted(world: World, person: Person, text: str = "another6c2v9t") -> object:
    return adopting.adopt(
        world.context,
        lambda: planned(world.context, text, test=False),
        speaker="Grace",
        consent=True,
        person=person,
    )


DEEDS = (
    Deed(
        cloning.clone,
        Permission.CLONE,
        lambda w, who: cloning.clone(w.context, clone_request(seed=5, person=who)),
    ),
    Deed(
        batch.clone_all,
        Permission.CLONE,
        lambda w, who: batch.clone_all(w.context, [lambda: clone_request(seed=6)], who),
    ),
    Deed(
        designing.design,
        Permission.CLONE,
        lambda w, who: designing.design(w.context, words(person=who)),
    ),
    Deed(
        transcribing.transcribe,
        Permission.CLONE,
        lambda w, who: transcribing.transcribe(
            w.context, TranscriptRequest(NANOGPT, recording(5), 12.0, who)
        ),
    ),
    Deed(
        recloning.clone_again,
        Permission.CLONE,
        lambda w, who: recloning.clone_again(
            w.context, w.dossier("kept"), name="Anew", person=who, another=1
        ),
    ),
    Deed(
        confirming.send_after_all,
        Permission.CLONE,
        lambda w, who: confirming.send_after_all(w.context, w.job("late"), who),
    ),
    Deed(
        confirming.withdraw,
        Permission.CLONE,
        lambda w, who: confirming.withdraw(w.context, w.job("later"), who),
    ),
    Deed(
        overview.check_now,
        Permission.CLONE,
        lambda w, who: overview.check_now(w.context, w.job("late"), who),
    ),
    Deed(
        speaking.order,
        Permission.SPEAK,
        lambda w, who: speaking.order(w.context, text_order(w.ids["kept"], "One.", person=who)),
    ),
    Deed(
        speaking.order_all,
        Permission.SPEAK,
        lambda w, who: speaking.order_all(
            w.context, [text_order(w.ids["kept"], "Two.", person=who)]
        ),
    ),
    Deed(speaking.again, Permission.SPEAK, lambda w, who: speaking.again(w.context, w.part, who)),
    Deed(
        long_texts.join_again,
        Permission.SPEAK,
        lambda w, who: long_texts.join_again(w.context, w.text, who),
    ),
    Deed(sharing.share, Permission.SHARE, lambda w, who: share(w, who)),
    Deed(sharing.listed, Permission.SHARE, lambda w, who: sharing.listed(w.context, who)),
    Deed(
        sharing.address,
        Permission.SHARE,
        lambda w, who: ("no copy yet", sharing.address(w.context, w.share, who)),
    ),
    Deed(sharing.end, Permission.SHARE, lambda w, who: sharing.end(w.context, w.share, who)),
    Deed(
        takes.rename,
        Permission.SPEAK,
        lambda w, who: takes.rename(w.context, w.take(), "Opening", who),
    ),
    Deed(
        takes.set_favourite,
        Permission.SPEAK,
        lambda w, who: takes.set_favourite(w.context, w.take(), who, favourite=True),
    ),
    Deed(
        takes_file.pack,
        Permission.LISTEN,
        lambda w, who: takes_file.pack(w.context, io.BytesIO(), [w.take()], {}, who),
    ),
    Deed(
        takes.delete_all,
        Permission.SPEAK,
        lambda w, who: takes.delete_all(w.context, [w.take("second")], who).refused,
    ),
    Deed(
        takes.delete, Permission.SPEAK, lambda w, who: takes.delete(w.context, w.ids["take"], who)
    ),
    Deed(
        script_editing.create,
        Permission.SPEAK,
        lambda w, who: script_editing.create(w.context, who, "One", read_text("ANNA: Hello.")),
    ),
    Deed(
        script_editing.duplicate,
        Permission.SPEAK,
        lambda w, who: script_editing.duplicate(w.context, who, w.script),
    ),
    Deed(
        script_editing.rename,
        Permission.SPEAK,
        lambda w, who: script_editing.rename(w.context, who, w.script, "Anew"),
    ),
    Deed(
        script_editing.write_lines,
        Permission.SPEAK,
        lambda w, who: script_editing.write_lines(w.context, who, w.script, w.script.lines[::-1]),
    ),
    Deed(
        script_editing.give_voice,
        Permission.SPEAK,
        lambda w, who: script_editing.give_voice(
            w.context, who, w.script, Speaker("ANNA", w.ids["kept"])
        ),
    ),
    Deed(
        script_editing.set_pause,
        Permission.SPEAK,
        lambda w, who: script_editing.set_pause(w.context, who, w.script, 2.0),
    ),
    Deed(
        script_editing.choose_take,
        Permission.SPEAK,
        lambda w, who: script_editing.choose_take(
            w.context, who, w.script, w.script.lines[0].id, ""
        ),
    ),
    Deed(
        generating.generate,
        Permission.SPEAK,
        lambda w, who: generating.generate(w.context, who, w.played),
    ),
    Deed(
        script_exporting.sound,
        Permission.LISTEN,
        lambda w, who: script_exporting.sound(w.context, w.played, io.BytesIO(), Form.WAV, who),
    ),
    Deed(
        script_exporting.files,
        Permission.LISTEN,
        lambda w, who: script_exporting.files(w.context, w.played, io.BytesIO(), who),
    ),
    Deed(
        script_editing.remove,
        Permission.SPEAK,
        lambda w, who: script_editing.remove(w.context, who, w.script),
    ),
    Deed(
        activation.order_activation,
        Permission.KEEP,
        lambda w, who: activation.order_activation(w.context, w.dossier("waiting"), person=who),
    ),
    Deed(
        activation.ask_for_files,
        Permission.KEEP,
        lambda w, who: activation.ask_for_files(w.context, w.ids["kept"], who),
    ),
    Deed(bulk.execute, Permission.KEEP, lambda w, who: bulk.execute(w.context, w.plan, person=who)),
    Deed(
        editing.rename,
        Permission.KEEP,
        lambda w, who: editing.rename(w.context, w.voice(), "Rowan", who),
    ),
    Deed(
        editing.retag,
        Permission.KEEP,
        lambda w, who: editing.retag(w.context, w.voice(), ["calm"], who),
    ),
    Deed(
        editing.describe,
        Permission.KEEP,
        lambda w, who: editing.describe(w.context, w.voice(), "Calm.", who),
    ),
    Deed(
        editing.set_language,
        Permission.KEEP,
        lambda w, who: editing.set_language(w.context, w.voice(), "Dutch", who),
    ),
    Deed(
        editing.set_owner,
        Permission.KEEP,
        lambda w, who: editing.set_owner(w.context, w.voice(), "Ben", who),
    ),
    Deed(
        editing.set_favourite,
        Permission.KEEP,
        lambda w, who: editing.set_favourite(w.context, w.voice(), who, favourite=True),
    ),
    Deed(
        editing.change_policy,
        Permission.KEEP,
        lambda w, who: editing.change_policy(
            w.context, w.voice(), PolicyChange(KeepPolicy.ASK), who
        ),
    ),
    Deed(
        editing.archive, Permission.KEEP, lambda w, who: editing.archive(w.context, w.voice(), who)
    ),
    Deed(
        editing.unarchive,
        Permission.KEEP,
        lambda w, who: editing.unarchive(w.context, w.voice(), who),
    ),
    Deed(
        listening.record_verdict,
        Permission.KEEP,
        lambda w, who: listening.record_verdict(
            w.context, w.ids["adopted"], w.call, is_the_voice=True, person=who
        ),
    ),
    Deed(
        listening.set_creation_date,
        Permission.KEEP,
        lambda w, who: listening.set_creation_date(w.context, w.voice("adopted"), MADE, who),
    ),
    Deed(
        files.download,
        Permission.KEEP,
        lambda w, who: files.download(w.context, w.voice(), w.reference, who),
    ),
    Deed(
        exporting.write,
        Permission.KEEP,
        lambda w, who: exporting.write(
            w.context, io.BytesIO(), person=who, voice_ids=[w.ids["kept"]]
        ),
    ),
    Deed(adopting.adopt, Permission.ADOPT, all_adopted),
    Deed(
        saved_ids.request,
        Permission.ADOPT,
        lambda w, who: saved_ids.request(w.context, saved_ids.SAVE, who),
    ),
    Deed(
        service_lists.request,
        Permission.ADOPT,
        lambda w, who: service_lists.request(w.context, KYMA, who),
    ),
    Deed(
        checks.request,
        Permission.SETTINGS,
        lambda w, who: checks.request(w.context, checks.VAULT, who),
    ),
    Deed(checks.look_now, Permission.SETTINGS, lambda w, who: checks.look_now(w.context, who)),
    Deed(
        unreadable.set_aside,
        Permission.SETTINGS,
        lambda w, who: unreadable.set_aside(w.context, LOST_STORY, who),
    ),
    Deed(
        exporting.write,
        Permission.EXPORT,
        lambda w, who: exporting.write(w.context, io.BytesIO(), person=who),
    ),
    Deed(
        importing.take,
        Permission.EXPORT,
        lambda w, who: importing.take(w.context, an_export(w), dry_run=False, person=who),
    ),
    Deed(
        importing.take,
        Permission.EXPORT,
        lambda w, who: importing.take(w.context, an_export(w), dry_run=True, person=who),
    ),
    Deed(delivery.read, Permission.EXPORT, lambda w, who: delivery.read(w.context, w.ready, who)),
    Deed(
        delivery.address,
        Permission.EXPORT,
        lambda w, who: ("a folder has none", delivery.address(w.context, w.ready, who)),
    ),
    Deed(delivery.ask, Permission.EXPORT, lambda w, who: delivery.ask(w.context, who)),
    Deed(
        delivery.note_fetched,
        Permission.EXPORT,
        lambda w, who: delivery.note_fetched(w.context, who),
    ),
    Deed(
        activity.find,
        Permission.ACTIVITY,
        lambda w, who: activity.find(w.context, who, Wanted(), limit=9),
    ),
    Deed(
        activity.count,
        Permission.ACTIVITY,
        lambda w, who: activity.count(w.context, who, Wanted(), most=9),
    ),
    Deed(
        spending.report,
        Permission.LISTEN,
        lambda w, who: spending.report(w.context, who, Period(), By.KIND),
    ),
    Deed(
        spending.lines,
        Permission.LISTEN,
        lambda w, who: ("none of their own", spending.lines(w.context, who, Period())),
    ),
    Deed(
        spending.bounds,
        Permission.SPEAK,
        lambda w, who: ("no budget is set", spending.bounds(w.context, who)),
    ),
    Deed(
        spending.figures,
        Permission.ACTIVITY,
        lambda w, who: spending.figures(w.context, who, None),
    ),
    Deed(
        takes.voices_lately,
        Permission.SPEAK,
        lambda w, who: takes.voices_lately(w.context, who),
    ),
    Deed(first_steps.hide, Permission.CLONE, lambda w, who: first_steps.hide(w.context, who)),
    Deed(activity.people, Permission.ACTIVITY, lambda w, who: activity.people(w.context, who)),
    Deed(
        activity.table,
        Permission.ACTIVITY,
        lambda w, who: activity.table(w.context, who, Wanted()),
    ),
    Deed(
        migration.leave_behind,
        Permission.SETTINGS,
        lambda w, who: migration.leave_behind(w.moved, [w.dossier("kept")], who),
    ),
    Deed(
        consenting.record_for,
        Permission.KEEP,
        lambda w, who: consenting.record_for(
            w.context,
            w.voice("adopted"),
            speaker="Grace",
            is_given=True,
            terms=NO_LIMITS,
            person=who,
        ),
    ),
    Deed(
        consenting.withdraw,
        Permission.KEEP,
        lambda w, who: consenting.withdraw(w.context, w.voice("adopted"), who),
    ),
    Deed(
        erasure.ask,
        Permission.ERASE,
        lambda w, who: erasure.ask(w.context, [w.dossier("kept")], who),
    ),
    Deed(
        erasure.cancel,
        Permission.ERASE,
        lambda w, who: erasure.cancel(w.context, w.wish("kept"), who),
    ),
)
WITH_A_NEW_KEY = (
    Deed(
        accounts.rename,
        Permission.SETTINGS,
        lambda w, who: accounts.rename(w.context, w.question.current, "The agency", who),
    ),
    Deed(
        accounts.other,
        Permission.SETTINGS,
        lambda w, who: accounts.other(w.context, w.question, who),
    ),
    Deed(
        accounts.ask_again,
        Permission.SETTINGS,
        lambda w, who: accounts.ask_again(w.context, current(w), who),
    ),
    Deed(
        accounts.same,
        Permission.SETTINGS,
        lambda w, who: accounts.same(w.context, w.question, w.question.others[0].account.id, who),
    ),
)
"""In an order in which each of them changes something."""


def current(world: World) -> accounts.Account:
    known = accounts.all_known(world.context)["nanogpt"]
    return next(item.account for item in known if item.in_use)


def test_the_table_has_every_use_case() -> None:
    table = {(deed.by.__module__, deed.by.__name__) for deed in (*DEEDS, *WITH_A_NEW_KEY)}
    assert table == use_cases.all_of()


def test_each_role_does_what_it_may_and_the_others_change_and_send_nothing(world: World) -> None:
    _do_all(world, DEEDS)
    world.renew_the_key()
    _do_all(world, WITH_A_NEW_KEY)


def _do_all(world: World, deeds: Sequence[Deed]) -> None:
    """Each deed is tried by everybody who may not, and then done by the least who may."""
    for deed in deeds:
        name = deed.by.__qualname__
        before = world.seen()
        for person in PERSONS:
            if not person.may(deed.takes):
                with pytest.raises(NotPermitted):
                    deed.do(world, person)
                assert world.seen() == before, f"{name} changed something for a {person.role}"
        least = next(person for person in PERSONS if person.may(deed.takes))
        result = deed.do(world, least)
        assert result or world.seen() != before, f"{name} did nothing for a {least.role}"


def test_no_way_on_from_an_unknown_outcome_is_open_to_a_viewer(
    story: Story, context: Context
) -> None:
    story.service.next("clone", loses_the_answer)
    job = cloning.clone(context, clone_request())
    story.live(context, MINUTE)
    unknown = context.registry.jobs.get(job.id)
    assert unknown is not None
    assert unknown.state is JobState.UNKNOWN
    ways = recovery.options_for(context, unknown, dossier(context, job.voice_id).voice)
    assert {way.name for way in ways} == {"test", "again", "giveup"}
    viewer = PERSONS[0]
    for way in ways:
        with pytest.raises(NotPermitted):
            way.run(context, unknown, viewer)
    assert context.registry.jobs.get(job.id) == unknown
    assert len(context.registry.jobs.latest(services=["nanogpt"])) == 1


def test_several_voices_speak_for_nobody_if_one_order_is_a_viewers(
    story: Story, context: Context
) -> None:
    voice_id = story.kept(context)
    orders = [text_order(voice_id, "One."), text_order(voice_id, "Two.", person=PERSONS[0])]
    before = context.registry.jobs.latest(services=["nanogpt"])
    with pytest.raises(NotPermitted):
        speaking.order_all(context, orders)
    assert context.registry.jobs.latest(services=["nanogpt"]) == before


@pytest.mark.parametrize(
    "person",
    [
        named("Voicekeep"),
        named("  voiceKEEP "),
        named("Voice\0keep"),
        named("Voicekeep\u200b\u2060"),
        named("\u202eVoicekeep"),
        named("Voicekee\u00adp"),
        named("Voice\u212aeep"),
        Person("", TeamRole.ADMIN, "Voicekeep"),
        Person("Voicekeep", TeamRole.ADMIN),
    ],
)
def test_whoever_bears_the_keepers_name_is_recorded_as_somebody_else(person: Person) -> None:
    assert recorded_as(person).casefold() not in ("", KEEPER.label.casefold())
    assert recorded_as(KEEPER) == KEEPER.label


def test_the_keepers_name_lifts_no_budget(story: Story) -> None:
    story.team = Team(monthly_budget=Money(0))
    context = story.context()
    (voice_id,) = adopted(context, KNOWN, test=False)
    with pytest.raises(OrderRefused, match="budget"):
        activation.order_activation(
            context, dossier(context, voice_id), person=named("Voicekeep", TeamRole.ADMIN)
        )
    order = activation.order_activation(context, dossier(context, voice_id), person=KEEPER)
    assert order.person == KEEPER.label


def test_a_label_fits_into_the_records() -> None:
    long = Person("N" * 300, TeamRole.ADMIN, f"{'a' * 200}@example.org")
    assert len(recorded_as(long)) == 255
