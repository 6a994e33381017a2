"""Which warnings are due about voices right now, and their text. Pure.

The team is warned of a voice that is not kept when half of its window has passed, 48 and 24 hours
before its deadline, and when it is lost. What blocks voices is one notice for each kind of reason,
not one for each voice. There is no notice of voices that are safe, archived, of the demo, or being
kept right now.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lib.consent import STOPS_SPEECH
from lib.models import ErrorKind, Health, JobState
from lib.retention import BLOCKING, TIME_RUNS, Rank, StepKind, Urgency, reason_words
from lib.studio.alerts import wording
from lib.studio.alerts.wording import Reason, due, moment, sentence
from lib.studio.library.listing import Entry

TWO_DAYS_LEFT = timedelta(hours=48)
ONE_DAY_LEFT = timedelta(hours=24)
NEWS_FOR = timedelta(days=30)
"""No notice of an older loss, for example after a library was rebuilt."""
BEING_KEPT_FOR = timedelta(hours=1)
"""How long a use may be under way without a notice, and at most a quarter of the time left."""
CONSENT_ENDS_SOON = timedelta(days=7)
"""The team is told so long before consent ends."""
PASSING = timedelta(minutes=15)
"""A refusal that may pass by itself is worth a notice when it lasts longer."""
LASTING = frozenset({ErrorKind.KEY, ErrorKind.BALANCE, ErrorKind.PERMISSION, ErrorKind.LIMIT})
"""Kinds of refusals that do not pass by themselves, or not today."""
OF_THE_SERVICE = LASTING | {
    ErrorKind.BUSY,
    ErrorKind.UNREACHABLE,
    ErrorKind.TROUBLE,
    ErrorKind.NO_KEY,
    ErrorKind.ACCOUNT,
}
"""Kinds of refusals that block all voices of a service alike, and are one notice for all
of them."""
REPORTED_AS = dict.fromkeys((ErrorKind.BUSY, ErrorKind.UNREACHABLE), ErrorKind.TROUBLE)
"""A service in trouble changes between these kinds from one try to the next: they are one
notice."""
FILES = frozenset({StepKind.MIRROR, StepKind.MOVE, StepKind.VERIFY})
BLOCKED_PREFIX = "blocked:"
VAULT = "vault"
VAULT_BLOCK = BLOCKED_PREFIX + VAULT

ATTENTION = "retention_attention"
"""Query parameter of the Retention page: show only the voices that need somebody."""
MAX_PARAGRAPHS = 20
"""How many paragraphs one message has at most; further notices are counted."""
MAX_NAMES = 5
"""How many voices of the same sort have a paragraph or a name each; more share one paragraph."""
NAME_LENGTH = 60
WHY_LENGTH = 300
WORD_JOINER = "\u2060"
"""Takes no room and is not seen."""
_LOOKALIKES = str.maketrans(
    {"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "*": "∗", "~": "∼", "|": "¦", "\\": "⧵"}
)


class NoticeKind(StrEnum):
    """What a notice is about; each voice has a notice of its most urgent kind only."""

    HALF = "half"
    TWO_DAYS = "48h"
    ONE_DAY = "24h"
    PROBABLY_LOST = "probably_lost"
    LOST = "lost"
    BLOCKED = "blocked"
    CONSENT_ENDS = "consent_ends"
    CONSENT_OVER = "consent_over"
    """It ended or was withdrawn: nothing new is spoken."""


@dataclass(frozen=True)
class Notice:
    """One thing to report. `id` is the same for as long as it is the same thing.

    `covers`: ids of lesser notices that this one makes superfluous. `why`: what blocks `entries`.
    `sort`: many notices of one sort share one paragraph; without a sort, a notice has its own.
    `parts`: if it sums up several things, their ids; each is reported once, so fewer are no news.
    """

    kind: NoticeKind
    id: str
    entries: tuple[Entry, ...] = ()
    why: str = ""
    covers: tuple[str, ...] = ()
    sort: str = ""
    parts: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that are reported with it; it is news while one of them was not reported."""
        return self.parts or (self.id,)

    @property
    def place(self) -> tuple[Rank, str]:
        """The place of its most urgent voice. What can be mended comes before what is lost."""
        ranks = [item.rank for item in self.entries]
        if self.kind is NoticeKind.BLOCKED:
            ranks.append((Urgency.UNREADABLE, timedelta.max))
        return min(ranks), self.id


@dataclass(frozen=True)
class Message:
    """A digest as it is sent: plain text that reads well in mail and chat."""

    title: str
    body: str


def due_notices(entries: Iterable[Entry], blocks: Sequence[Notice] = ()) -> list[Notice]:
    """All notices that hold right now, reported before or not; what can still be saved first.

    `blocks`: what blocks the keeper itself, from the last checks, still without voices.
    """
    concerned = [item for item in entries if not (item.is_demo or item.is_archived)]
    found = [notice for item in concerned if (notice := _of_voice(item))]
    found += _held_up(concerned, blocks) + _of_consents(concerned)
    return sorted(found, key=lambda notice: notice.place)


def _of_voice(item: Entry) -> Notice | None:
    """The most urgent thing about one voice, if any."""
    kinds = _passed_moments(item)
    if not kinds or _is_being_kept(item):
        return None
    ids = [_notice_id(kind, item) for kind in kinds]
    kind = kinds[-1]
    return Notice(kind, ids[-1], (item,), covers=tuple(ids[:-1]), sort=kind)


def _of_consents(entries: Iterable[Entry]) -> list[Notice]:
    """One notice for each record of consent that ends soon, ended or was withdrawn, with all its
    voices.
    """
    given: dict[str, list[Entry]] = {}
    for item in entries:
        if item.voice.consent:
            given.setdefault(item.voice.consent.id, []).append(item)
    return [notice for items in given.values() if (notice := _of_consent(items))]


def _of_consent(items: Sequence[Entry]) -> Notice | None:
    first = min(items, key=lambda item: item.rank)
    consent, now = first.voice.consent, first.now
    if consent is None:
        return None
    over_at = consent.withdrawn_at or consent.until
    kinds = {True: NoticeKind.CONSENT_OVER, False: NoticeKind.CONSENT_ENDS}
    if over_at is None or not -NEWS_FOR <= over_at - now <= CONSENT_ENDS_SOON:
        return None
    kind = kinds[first.consent_state in STOPS_SPEECH]
    if kind is NoticeKind.CONSENT_ENDS and over_at <= now:
        return None
    ids = {of: f"{of}:{consent.id}:{over_at:%Y%m%d}" for of in kinds.values()}
    covers = (ids[NoticeKind.CONSENT_ENDS],) if kind is NoticeKind.CONSENT_OVER else ()
    return Notice(kind, ids[kind], tuple(sorted(items, key=lambda item: item.rank)), covers=covers)


def _passed_moments(item: Entry) -> list[NoticeKind]:
    """The moments of warning that have passed for a voice, the latest last; none if it is safe."""
    health, end, start = item.standing.health, item.standing.deadline, item.voice.clock_start
    losses = {
        Health.PROBABLY_LOST: [NoticeKind.PROBABLY_LOST],
        Health.LOST: [NoticeKind.PROBABLY_LOST, NoticeKind.LOST],
    }.get(health, [])
    if losses and (item.voice.replaced_by or item.now - _lost_at(item) > NEWS_FOR):
        return []
    if end is None or not (losses or health in TIME_RUNS):
        return losses
    moments = [
        (end - TWO_DAYS_LEFT, NoticeKind.TWO_DAYS),
        (end - ONE_DAY_LEFT, NoticeKind.ONE_DAY),
    ]
    if start:
        moments = [(at, kind) for at, kind in moments if at > start]
        moments.append((start + (end - start) / 2, NoticeKind.HALF))
    return [kind for at, kind in sorted(moments) if at <= item.now] + losses


def _lost_at(item: Entry) -> datetime:
    """When the loss became known: by evidence, else at the deadline."""
    proof = item.standing.evidence
    return proof.at if proof else item.standing.deadline or item.now


def _is_being_kept(item: Entry) -> bool:
    """Whether its use was ordered not long ago and nothing blocks it: its result comes soon."""
    end = item.standing.deadline
    under_way = [job for job in item.dossier.activations if job.is_open]
    if not under_way or item.step.blocked or end is None:
        return False
    timeout = min(BEING_KEPT_FOR, (end - item.now) / 4)
    return item.now - under_way[-1].created_at < timeout


def _notice_id(kind: NoticeKind, item: Entry) -> str:
    """The id has the deadline in it, so that a voice with a new deadline is warned of anew."""
    end = item.standing.deadline
    return f"{kind}:{item.voice.id}:{end:%Y%m%dT%H%M%S}" if end else f"{kind}:{item.voice.id}"


def _held_up(entries: Iterable[Entry], blocks: Sequence[Notice]) -> list[Notice]:
    """One notice for each kind of reason, with the voices that it blocks."""
    found = {block.id: block for block in blocks}
    held: dict[str, list[Entry]] = {}
    for item in sorted(filter(_is_held_up, entries), key=lambda item: item.rank):
        kind = item.step.blocked_by
        if kind is None:
            continue
        reason = block_id(_whose(kind, item), kind)
        if item.step.kind in FILES and VAULT_BLOCK in found:
            reason = VAULT_BLOCK  # whatever each file was told: the storage itself does not work
        if reason not in found:
            sort = "" if _is_shared(kind) else block_id("", kind)
            found[reason] = Notice(
                NoticeKind.BLOCKED, reason, why=reason_words(item.step.why), sort=sort
            )
        held.setdefault(reason, []).append(item)
    return [replace(notice, entries=tuple(held.get(notice.id, ()))) for notice in found.values()]


def block_id(whose: str, kind: ErrorKind) -> str:
    """The id of a block: from the service, storage or voice that is blocked, and the kind of
    reason.
    """
    return f"{BLOCKED_PREFIX}{whose}:{REPORTED_AS.get(kind, kind)}"


def _whose(kind: ErrorKind, item: Entry) -> str:
    if not _is_shared(kind):
        return item.voice.id
    return VAULT if kind is ErrorKind.STORAGE else item.voice.service


def _is_shared(kind: ErrorKind) -> bool:
    """Whether it blocks all voices of a service, or of the storage, and not one voice alone."""
    return kind is ErrorKind.STORAGE or kind in OF_THE_SERVICE


def _is_held_up(item: Entry) -> bool:
    """Whether a person should mend something for this voice."""
    lost = item.standing.health is Health.LOST
    if lost or not item.step.blocked or not item.step.why:
        return False
    if item.step.kind in FILES:
        return item.voice.copy_tries > 1
    tries = item.dossier.activations
    last = tries[-1] if tries else None
    if last and last.state is JobState.FAILED and last.error_kind in BLOCKING:
        return last.error_kind in LASTING or _has_lasted(item, tries[0].created_at)
    return last is None or _has_lasted(item, last.created_at)


def _has_lasted(item: Entry, since: datetime) -> bool:
    return item.now - since >= PASSING


def digest(notices: Sequence[Notice], *, app_url: str = "") -> Message:
    """One message for all of these notices; many of one sort share a paragraph.

    `app_url`: the app's address for links, or "".
    """
    voices = {item.voice.id for notice in notices for item in notice.entries}
    title = sentence(Reason.TITLE_WITHOUT_VOICES)
    if voices:
        title = wording.voices_need_attention(len(voices))
    groups = _grouped(notices)
    parts = [_paragraph(some, app_url) for some in groups[:MAX_PARAGRAPHS]]
    if more := sum(len(some) for some in groups[MAX_PARAGRAPHS:]):
        parts.append(
            wording.more_at(more, _all(app_url)) if app_url else wording.more_on_page(more)
        )
    parts.append(sentence(Reason.ONCE_EACH))
    return Message(title, "\n\n".join(parts))


def _grouped(notices: Sequence[Notice]) -> list[list[Notice]]:
    """The notices by paragraph: many of one sort together, at the place of the most urgent."""
    sorts: dict[str, list[Notice]] = {}
    for notice in notices:
        sorts.setdefault(notice.sort or notice.id, []).append(notice)
    parts: list[list[Notice]] = []
    for some in sorts.values():
        parts += [[notice] for notice in some] if len(some) <= MAX_NAMES else [some]
    return sorted(parts, key=lambda part: part[0].place)


def _paragraph(some: Sequence[Notice], app_url: str) -> str:
    first = some[0]
    if first.kind is NoticeKind.BLOCKED:
        if first.parts:  # it holds up nothing else, and waits for somebody
            where = [f"{app_url}/retention"] if app_url else []
            return "\n".join([clean(first.why, WHY_LENGTH), *where])
        held = [item for notice in some for item in notice.entries]
        return "\n".join(_blocked_lines(held, first.why, app_url))
    if first.kind in (NoticeKind.CONSENT_ENDS, NoticeKind.CONSENT_OVER):
        return "\n".join(_consent_lines(first, app_url))
    if len(some) > 1:
        return "\n".join(_lines_of_many(first.kind, [one.entries[0] for one in some], app_url))
    return "\n".join(_voice_lines(first.kind, first.entries[0], app_url))


def _lines_of_many(kind: NoticeKind, items: Sequence[Entry], app_url: str) -> list[str]:
    count, names = len(items), _names(items)
    if kind is NoticeKind.LOST:
        lines = [wording.voices_lost(count, names)]
    elif kind is NoticeKind.PROBABLY_LOST:
        lines = [wording.voices_probably_lost(count, names)]
    else:
        end = moment(items[0].standing.deadline, items[0].now)
        lines = [wording.voices_not_kept(count, names), wording.first_expires(end)]
    waiting = sum(item.needs_somebody for item in items)
    if waiting and kind is not NoticeKind.LOST:
        lines.append(wording.wait_for_you(waiting))
    return [*lines, *([_all(app_url)] if app_url else [])]


def _names(items: Sequence[Entry]) -> str:
    names = [_name(item) for item in items[:MAX_NAMES]]
    return wording.listed(names, len(items) - len(names))


def _name(item: Entry) -> str:
    return wording.quoted(clean(item.voice.name))


def _all(app_url: str) -> str:
    """The address of a page with all voices that need somebody."""
    return f"{app_url}/retention?{ATTENTION}=true"


def _voice_lines(kind: NoticeKind, item: Entry, app_url: str) -> list[str]:
    name, end = _name(item), moment(item.standing.deadline, item.now)
    if kind is NoticeKind.LOST:
        why = reason_words(item.standing.why)
        lines = [wording.lost(name, why), sentence(Reason.FILES_STAY)]
    elif kind is NoticeKind.PROBABLY_LOST:
        lines = [wording.probably_lost(name), wording.expired(end), _next(item)]
    else:
        lines = [wording.not_kept(name), wording.expires(end), _next(item)]
    if app_url:
        lines.append(f"{app_url}/voice?id={item.voice.id}")
    return lines


def _blocked_lines(held: Sequence[Entry], why: str, app_url: str) -> list[str]:
    what = wording.voices_on_hold(_names(held)) if held else sentence(Reason.ALL_ON_HOLD)
    lines = [what, clean(why, WHY_LENGTH)]
    ends = [item for item in held if item.standing.deadline and item.standing.deadline > item.now]
    if ends:
        lines.append(wording.first_expires(moment(ends[0].standing.deadline, ends[0].now)))
    lines.append(sentence(Reason.GOES_ON_ONCE_FIXED))
    if app_url:
        lines.append(_all(app_url) if held else f"{app_url}/settings")
    return lines


def _consent_lines(notice: Notice, app_url: str) -> list[str]:
    voices = _names(notice.entries)
    consent = notice.entries[0].voice.consent
    speaker = clean(consent.speaker) if consent else ""
    if notice.kind is NoticeKind.CONSENT_ENDS:
        end = moment(consent.until if consent else None, notice.entries[0].now)
        lines = [wording.consent_ends(speaker, end), wording.record_longer_time(voices)]
    else:
        is_withdrawn = consent and consent.withdrawn_at
        over = wording.consent_withdrawn if is_withdrawn else wording.consent_ended
        lines = [over(speaker, voices), wording.kept_until_archived(len(notice.entries))]
    if app_url:
        lines.append(f"{app_url}/voice?id={notice.entries[0].voice.id}")
    return lines


def _next(item: Entry) -> str:
    """What happens by itself, and when."""
    step = item.step
    why = clean(reason_words(step.why), WHY_LENGTH)
    if step.kind in (StepKind.ASK, StepKind.NOTHING) or step.at is None:
        return f"{sentence(Reason.NOTHING_MORE)} {why}".strip()
    actions = {
        StepKind.ACTIVATE: wording.will_be_used,
        StepKind.REFRESH: wording.will_be_used_again,
        StepKind.MIRROR: wording.will_be_backed_up,
    }
    action = actions.get(step.kind, wording.will_be_tried_again)(due(step.at, item.now))
    return " ".join([action, *([wording.on_hold(why)] if step.blocked and why else [])])


def clean(text: str, length: int = NAME_LENGTH) -> str:
    """A stranger's text made safe for a message: one line of at most `length` characters that
    mentions nobody and links nowhere.

    A channel may read HTML, Markdown or mentions out of it, even if it is sent as plain text.
    """
    visible = "".join(
        " " if char.isspace() or unicodedata.category(char)[0] == "C" else char for char in text
    )
    line = " ".join(visible.split()).translate(_LOOKALIKES)
    line = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])", "", line)
    if len(line) > length:
        line = line[: length - 1].rstrip() + "…"
    # After the signs that begin a mention, an address or a command: nothing is found there.
    return re.sub(
        r"@|:(?=//|[^\W\d])|\.(?=[^\W\d])|(?<!\S)[#/&!](?=\w)", rf"\g<0>{WORD_JOINER}", line
    )
