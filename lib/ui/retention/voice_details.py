"""One voice's own page: how it stands and why, its files, what can be changed, its whole story."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import partial

import streamlit as st

from lib.json_reading import object_of
from lib.models import Dossier, Evidence, EvidenceKind, Health, Job, KeepPolicy, Role, Voice
from lib.retention import held
from lib.roles import Permission, Person
from lib.services import USE
from lib.studio.core.context import Context
from lib.studio.core.records import Line
from lib.studio.core.typed_text import MAX_TAGS
from lib.studio.library import bulk, listing
from lib.studio.library.bulk import PolicyChange
from lib.studio.library.listing import Entry
from lib.studio.orders import recloning
from lib.studio.orders.recloning import Chance
from lib.studio.storage import event_log, files
from lib.studio.transfer import exporting
from lib.ui import words
from lib.ui.access.front import from_inside, may, person
from lib.ui.retention import changes, evidence, origin, rules
from lib.ui.shared import budget, confirming, keeping, sleeping, voices
from lib.ui.shared.player import save_button

FILE_ORDER = (Role.EMBEDDING, Role.REFERENCE, Role.ORIGINAL, Role.PREVIEW, Role.ACTIVATION)


@dataclass(frozen=True)
class Story:
    """All that the page of one voice shows, read at one moment."""

    item: Entry
    events: list[Line]
    chance: Chance
    heir: Voice | None
    parent: Voice | None


def load(context: Context, voice_id: str) -> Story | None:
    """Read the story of a voice; None where there is no such voice to be shown."""
    item = listing.find(context, voice_id)
    if item is None:
        return None
    return Story(
        item,
        event_log.of_voice(context, voice_id),
        recloning.chance(context, item.dossier),
        recloning.heir(context, item.voice),
        recloning.parent(context, item.voice),
    )


def draw(context: Context, story: Story) -> None:
    """The page, top to bottom."""
    item = story.item
    st.button("All voices", key="retention_back", icon=":material/arrow_back:", on_click=_go_back)
    voices.card(context, item, place="story")
    if item.voice.description:
        st.write(words.plain(item.voice.description))
    origin.draw(context, item)
    _links(story)
    _warnings(item)
    if may(context, Permission.CLONE):
        _clone_again(context, story)
    st.subheader("Proof", anchor=False)
    st.write(item.standing.why)
    evidence.draw(context, item)
    _files(context, item)
    if may(context, Permission.KEEP):
        _changes(context, item)
    st.subheader("The service's rule", anchor=False)
    rules.one(item.rule, context.clock.now().date())
    _history(story)


def _go_back() -> None:
    st.query_params.pop("voice", None)


def unmended(dossier: Dossier) -> list[Evidence]:
    """Copies that were found bad and have no good successor: they could not be taken again."""
    # A later good copy mends the loss; only what has none is worth a warning.
    good = {item.role for item in dossier.valid_evidence(EvidenceKind.COPY)}
    bad = {
        item.role: item
        for item in sorted(dossier.evidence, key=lambda seen: seen.at)
        if item.kind is EvidenceKind.COPY and item.withdrawn_at and item.role not in good
    }
    return list(bad.values())


def _links(story: Story) -> None:
    """The voice it was made from, and the one that took its place."""
    for voice, wording in (
        (story.parent, "Made from the recording of"),
        (story.heir, "Cloned again as"),
    ):
        if voice:
            label = f"{wording} {words.plain(voice.name)}"
            voices.link(voice, "retention", label, ":material/link:")


def _warnings(item: Entry) -> None:
    """What could not be kept as it was, said plainly."""
    health = item.standing.health
    for bad in unmended(item.dossier):
        what = evidence.file_name(bad)
        hosted = bad.role == Role.EMBEDDING and item.voice.embedding_url
        trying = hosted and health is not Health.LOST
        after = (
            "It is taken again from the service as soon as that answers."
            if trying
            else "It cannot be taken again. What else is stored of this voice is listed below."
        )
        st.warning(words.plain(f"{what} in your storage is bad. {bad.withdrawn_why} {after}"))


def _clone_again(context: Context, story: Story) -> None:
    """A new voice from the kept recording: price, question, order."""
    item, chance = story.item, story.chance
    voice = item.voice
    gone = item.standing.health in (Health.LOST, Health.PROBABLY_LOST)
    if not chance.is_open:
        if gone and not story.heir:
            st.info(words.plain(f"It cannot be cloned again from here. {chance.why_not}"))
        return
    price = words.price(chance.price, demo=item.is_demo)
    asking, question = f"asked_again_{voice.id}", f"asked_first_{voice.id}"
    if st.button(
        f"Clone again ({price})",
        key=f"reclone_{voice.id}",
        icon=":material/replay:",
        type="primary" if item.standing.health is Health.LOST else "secondary",
        help="Makes a new voice with a new ID from the recording that was kept.",
    ):
        st.session_state[asking] = True
        confirming.close(question)
    if asking not in st.session_state:
        return
    with st.container(border=True, key=f"reclone_question_{voice.id}"):
        st.markdown(f"**Clone {words.plain(voice.name)} again for {words.plain(price)}?**")
        another = confirming.asked_first(question, voice.id)
        st.write(
            "The kept recording goes to the same service, with the same options and the consent "
            "that was given. The new voice gets an ID of its own and may sound a little different."
            + _then_kept(item)
        )
        if facts := budget.facts(context, voice.service):
            st.caption(words.plain(" · ".join(facts)))
        name = st.text_input(
            "Name of the new voice",
            value=recloning.next_name(voice.name),
            key=f"reclone_name_{voice.id}",
        )
        with st.container(horizontal=True):
            sure = confirming.paid_button(
                f"Clone it ({price})",
                key=f"reclone_sure_{voice.id}",
                price=chance.price,
                icon=":material/mic:",
                what=another,
            )
            st.button(
                "Cancel",
                key=f"reclone_leave_{voice.id}",
                type="tertiary",
                on_click=confirming.close,
                args=(asking,),
            )
        if sure:
            with confirming.asking_first(question, voice.id):
                with st.spinner("Reading the recording, storing it for the new voice…"):
                    job = recloning.clone_again(
                        context,
                        item.dossier,
                        name=name or "",
                        person=person(context),
                        another=another,
                    )
                confirming.close(asking)
                st.query_params["voice"] = job.voice_id
                wording = "Ordered. This is the new voice; it is being made now."
                st.toast(wording, icon=":material/mic:")
                st.rerun()


def _then_kept(item: Entry) -> str:
    each = item.use_price
    if item.rule.stopped_by != USE or not each.micros:
        return ""
    if item.voice.keep_policy is KeepPolicy.ASK:
        return " Like the old one, it is kept when you press the button, not by itself."
    return words.plain(f" {_cost_of_keeping(item)}")


def _cost_of_keeping(item: Entry) -> str:
    """What keeping a voice by its own choice costs now, at most, and each month."""
    each = item.use_price
    once = words.each(each, demo=item.is_demo)
    most = words.price(each * bulk.tries_left(item), demo=item.is_demo)
    wording = f"Keeping it costs {once} more, {most} at most."
    days = item.voice.refresh_days
    return f"{wording} {keeping.refresh_words(each, days, demo=item.is_demo)}" if days else wording


def _files(context: Context, item: Entry) -> None:
    """What lies in storage, each for download; nothing is read before somebody clicks."""
    voice = item.voice
    st.subheader("Its files", anchor=False)
    newest = {
        seen.role: seen
        for seen in sorted(held(item.dossier, item.terms.vault), key=lambda seen: seen.at)
    }
    stem = words.file_stem(voice.name) or "Voice"
    if not newest:
        st.caption("No file of this voice is in your storage.")
        return
    if not may(context, Permission.KEEP):
        names = [
            f"{evidence.file_name(newest[role])} ({words.size(newest[role].size)})"
            for role in FILE_ORDER
            if role in newest
        ]
        st.caption(words.plain(f"{', '.join(names)}. Members of your team can download them."))
        return
    who = person(context)  # a file is read outside of any session
    with st.container(horizontal=True):
        for number, role in enumerate(role for role in FILE_ORDER if role in newest):
            seen = newest[role]
            what = evidence.file_name(seen)
            extension = seen.key.rsplit(".", 1)[-1]
            save_button(
                f"{what} ({words.size(seen.size)})",
                partial(files.download, context, voice, seen, who),
                file_name=f"{stem} - {what.lower().removeprefix('the ')}.{extension}",
                key=f"save_{number}_{voice.id}",
            )
        save_button(
            "Everything, with checksums",
            partial(_bundle, context, voice.id, who),
            file_name=f"{stem}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            key=f"bundle_{voice.id}",
            help="One ZIP with all files of this voice, its story, and a list of checksums.",
        )
    if Role.ORIGINAL in newest:
        _show_changes(item)


def _show_changes(item: Entry) -> None:
    """What was done to the original before it was sent."""
    making = item.dossier.making
    told = changes.in_words(object_of(making.request.get("changes"))) if making else ""
    if told:
        st.caption(words.plain(f"The original recording is what was brought. {told}"))


def _bundle(context: Context, voice_id: str, who: Person) -> bytes:
    target = io.BytesIO()
    exporting.write(context, target, person=who, voice_ids=[voice_id])
    return target.getvalue()


def _changes(context: Context, item: Entry) -> None:
    """Name, tags, how it is kept, and letting it go."""
    voice = item.voice
    st.subheader("Change it", anchor=False)
    left, right = st.columns(2)
    # Only what somebody just typed is written: an open tab must not undo what others changed.
    with left:
        st.text_input(
            "Name",
            value=voice.name,
            key=f"rename_{voice.id}",
            on_change=_rename,
            args=(context, voice),
        )
        if fault := st.session_state.pop(_fault(voice), ""):
            st.error(fault)
    with right:
        st.multiselect(
            "Tags",
            list(voice.tags),
            default=list(voice.tags),
            key=f"tags_{voice.id}",
            accept_new_options=True,
            max_selections=MAX_TAGS,
            placeholder="Add tags",
            on_change=_retag,
            args=(context, voice),
        )
    if item.rule.stopped_by == USE and item.standing.health is not Health.LOST:
        _keeping(context, item)
    _archive(context, item)


@from_inside
def _rename(context: Context, voice: Voice) -> None:
    name = str(st.session_state[f"rename_{voice.id}"] or "")
    st.session_state[_fault(voice)] = bulk.rename(context, voice, name, person(context))


@from_inside
def _retag(context: Context, voice: Voice) -> None:
    tags = [str(tag) for tag in st.session_state[f"tags_{voice.id}"]]
    bulk.retag(context, voice, tags, person(context))


def _fault(voice: Voice) -> str:
    return f"rename_fault_{voice.id}"


def _keeping(context: Context, item: Entry) -> None:
    voice = item.voice
    each = item.use_price
    left, right = st.columns(2)
    with left:
        policy = st.selectbox(
            "Keep it",
            list(KeepPolicy),
            index=list(KeepPolicy).index(voice.keep_policy),
            key=f"policy_{voice.id}",
            format_func=words.POLICY.__getitem__,
        )
        policy = policy or voice.keep_policy
        once = words.each(each, demo=item.is_demo)
        most = words.price(each * bulk.tries_left(item), demo=item.is_demo)
        cost = (
            ""
            if policy is KeepPolicy.ASK
            else f" One try costs {once}, all that may follow {most} at most."
        )
        st.caption(words.plain(words.POLICY_HELP[policy] + cost))
    with right:
        days = keeping.choose_refresh(
            f"refresh_{voice.id}", voice.refresh_days, each, demo=item.is_demo
        )
    if policy is not KeepPolicy.AT_ONCE or days:
        sleeping.warn(context, voice.service)
    change = PolicyChange(policy, days)
    if change != PolicyChange(voice.keep_policy, voice.refresh_days) and st.button(
        "Save how it is kept", key=f"keeping_save_{voice.id}", type="primary"
    ):
        bulk.change_policy(context, voice, change, person(context))
        st.rerun()


def _archive(context: Context, item: Entry) -> None:
    voice = item.voice
    if item.is_archived:
        if st.button("Bring it back", key=f"unarchive_{voice.id}", icon=":material/unarchive:"):
            bulk.unarchive(context, voice, person(context))
            st.rerun()
        by_itself = item.rule.stopped_by == USE and item.voice.keep_policy is not KeepPolicy.ASK
        unkept = by_itself and item.standing.health is not Health.SAFE
        cost = f" {_cost_of_keeping(item)}" if unkept or item.voice.refresh_days else ""
        st.caption(words.plain(f"It is kept again, as far as it is still there.{cost}"))
        return
    asking = f"asked_archive_{voice.id}"
    if st.button("Archive it", key=f"archive_{voice.id}", icon=":material/archive:"):
        st.session_state[asking] = True
    if asking not in st.session_state:
        return
    with st.container(border=True, key=f"archive_question_{voice.id}"):
        fate = voices.archive_words(item)
        st.write(words.plain(f"Voicekeep stops keeping it. {fate} It can be brought back."))
        keys = f"archive_sure_{voice.id}", f"archive_leave_{voice.id}"
        if confirming.answer(asking, "Archive it now", "Keep it here", keys=keys):
            bulk.archive(context, voice, person(context))
            st.rerun()


def _history(story: Story) -> None:
    """Who agreed, what was ordered, what people did, newest first."""
    st.subheader("Its story", anchor=False)
    item = story.item
    zone = st.context.timezone
    if consent := item.voice.consent:
        st.caption(
            f"{words.plain(consent.speaker)} speaks. {words.plain(consent.attested_by)} said on "
            f"{words.local(consent.attested_at, zone)} that this person agrees."
        )
    lines = [
        (
            job.created_at,
            f"{words.WORK[job.kind]}{_times(job)} {words.stage(job, item.now).badge} "
            f":gray[{_cost(item, job)}{words.local(job.created_at, zone)}]",
        )
        for job in item.dossier.jobs
    ] + [
        (
            event.at,
            f"{words.plain(event.person)} {words.plain(event.what)} "
            f":gray[{words.local(event.at, zone)}]",
        )
        for event in story.events
    ]
    for _, line in sorted(lines, key=lambda pair: pair[0], reverse=True):
        st.markdown(line)


def _times(job: Job) -> str:
    """Of old uses that are told as one, how many they are."""
    return f", {job.stands_for:,} times" if job.is_sum else ""


def _cost(item: Entry, job: Job) -> str:
    if not job.cost.micros:
        return ""
    return words.plain(words.price(job.cost, demo=item.is_demo)) + " · "
