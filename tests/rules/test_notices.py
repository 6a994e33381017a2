"""What people are told about their voices, and in which words: by table, without any I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lib.consent import Consent, Relation
from lib.models import (
    Dossier,
    ErrorKind,
    Evidence,
    EvidenceKind,
    Health,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Source,
    Voice,
    VoiceKind,
)
from lib.retention import Terms, judge, next_step
from lib.services import DEMO, KYMA, NANOGPT, retention_of
from lib.studio.alerts.notices import (
    MAX_PARAGRAPHS,
    NAME_LENGTH,
    VAULT_BLOCK,
    Notice,
    NoticeKind,
    block_id,
    clean,
    digest,
    due_notices,
)
from lib.studio.library.listing import Entry
from lib.units import span
from tests.parts.clock import START

WINDOW = timedelta(hours=168)
END = START + WINDOW
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
APP = "https://voices.example.org"


def a_voice(**fields: Any) -> Voice:
    plain: dict[str, Any] = {
        "id": "ann-1",
        "name": "Ann",
        "kind": VoiceKind.MINIMAX,
        "source": Source.CLONED,
        "service": NANOGPT,
        "account": "one",
        "created_at": START,
        "clock_start": START,
        "keep_policy": KeepPolicy.ASK,
    }
    return Voice(**(plain | fields))


def a_use(at: datetime, state: JobState, kind: str = "", **fields: Any) -> Job:
    plain: dict[str, Any] = {
        "id": f"use-{at:%d%H%M}",
        "voice_id": "ann-1",
        "kind": JobKind.ACTIVATION,
        "state": state,
        "order_key": f"use-{at}",
        "service": NANOGPT,
        "account": "one",
        "created_at": at,
        "submitted_at": at,
        "finished_at": at if state in (JobState.FAILED, JobState.UNKNOWN) else None,
        "error_kind": kind,
        "error": "The balance is too low." if kind else "",
    }
    return Job(**(plain | fields))


def seen(kind: EvidenceKind, at: datetime, **fields: Any) -> Evidence:
    return Evidence(f"{kind}-{at}", "ann-1", kind, at, **fields)


def judged(now: datetime, voice: Voice | None = None, *jobs: Job, **dossier: Any) -> Entry:
    """A voice as the library shows it at this moment."""
    voice = voice or a_voice()
    known = Dossier(voice, jobs, **dossier)
    terms = Terms(retention_of(voice.service, voice.kind), "vault", True)
    return Entry(known, judge(known, terms, now), next_step(known, terms, now), now, terms)


def told(now: datetime, *arguments: Any, **dossier: Any) -> list[NoticeKind]:
    return [notice.kind for notice in due_notices([judged(now, *arguments, **dossier)])]


@pytest.mark.parametrize("policy", KeepPolicy)
@pytest.mark.parametrize(
    ("left", "kinds"),
    [
        (WINDOW, []),
        (WINDOW / 2 + MINUTE, []),
        (WINDOW / 2, [NoticeKind.HALF]),
        (48 * HOUR + MINUTE, [NoticeKind.HALF]),
        (48 * HOUR, [NoticeKind.TWO_DAYS]),
        (24 * HOUR + MINUTE, [NoticeKind.TWO_DAYS]),
        (24 * HOUR, [NoticeKind.ONE_DAY]),
        (MINUTE, [NoticeKind.ONE_DAY]),
        (timedelta(0), [NoticeKind.PROBABLY_LOST]),
        (-timedelta(days=29), [NoticeKind.PROBABLY_LOST]),
        (-timedelta(days=31), []),
    ],
)
def test_a_voice_that_is_not_kept_is_told_at_half_two_days_one_day_and_the_end(
    policy: KeepPolicy, left: timedelta, kinds: list[NoticeKind]
) -> None:
    assert told(END - left, a_voice(keep_policy=policy)) == kinds


def test_the_most_urgent_is_told_and_covers_what_was_slept_through() -> None:
    (notice,) = due_notices([judged(END - 2 * HOUR)])
    assert notice.kind is NoticeKind.ONE_DAY
    earlier = due_notices([judged(END - 80 * HOUR)]) + due_notices([judged(END - 40 * HOUR)])
    assert notice.covers == tuple(item.id for item in earlier)
    (lost,) = due_notices([judged(END + HOUR)])
    assert lost.covers == (*notice.covers, notice.id)


def test_a_new_clock_is_a_new_story() -> None:
    (first,) = due_notices([judged(END - HOUR)])
    later = timedelta(days=9)
    (second,) = due_notices([judged(END + later - HOUR, a_voice(clock_start=START + later))])
    assert first.kind is second.kind
    assert first.id != second.id


def test_a_short_window_has_its_moments_in_the_order_of_time() -> None:
    """Without a known start there is no half; a moment before the start is none."""
    short = judged(END - 30 * HOUR, a_voice(clock_start=END - 36 * HOUR))
    assert short.standing.deadline is not None
    now = short.standing.deadline - timedelta(hours=30)
    assert [n.kind for n in due_notices([judged(now, short.voice)])] == [NoticeKind.TWO_DAYS]


def test_a_voice_that_is_safe_archived_or_of_the_demo_is_not_told() -> None:
    now = END - HOUR
    used = (seen(EvidenceKind.ACTIVATION, START),)
    assert told(now, a_voice(), evidence=used) == []
    assert told(now, a_voice(archived_at=START)) == []
    assert told(now, a_voice(service=DEMO)) == []
    assert told(now, a_voice()) == [NoticeKind.ONE_DAY]


def test_a_voice_that_is_being_made_or_has_no_clock_is_not_told() -> None:
    making = a_use(START, JobState.WAITING)
    making = Job(**(making.__dict__ | {"kind": JobKind.CLONE}))
    assert told(START + 10 * HOUR, a_voice(), making) == []
    assert told(END, a_voice(clock_start=None)) == []


def test_a_voice_that_is_being_kept_right_now_is_not_told() -> None:
    at = END - WINDOW / 2
    under_way = a_use(at, JobState.WAITING)
    assert told(at + MINUTE, a_voice(), under_way) == []
    assert told(at + 61 * MINUTE, a_voice(), under_way) == [NoticeKind.HALF]


def test_the_less_time_is_left_the_shorter_is_the_patience_with_a_use_under_way() -> None:
    under_way = a_use(END - HOUR, JobState.WAITING)
    assert told(END - 55 * MINUTE, a_voice(), under_way) == []
    assert told(END - 40 * MINUTE, a_voice(), under_way) == [NoticeKind.ONE_DAY]


def test_a_use_that_is_held_up_is_no_keeping() -> None:
    at = END - 20 * HOUR
    balance = {"last_answer": "The balance is too low.", "answer_kind": ErrorKind.BALANCE}
    waiting = a_use(at, JobState.CONFIRMED, attempts=1, **balance)
    assert NoticeKind.ONE_DAY in told(at + MINUTE, a_voice(), waiting)


@pytest.mark.parametrize("kind", [ErrorKind.KEY, ErrorKind.BALANCE, ErrorKind.LIMIT])
def test_what_only_somebody_can_mend_is_told_at_once(kind: ErrorKind) -> None:
    at_once = a_voice(keep_policy=KeepPolicy.AT_ONCE)
    assert told(START + HOUR, at_once, a_use(START + HOUR, JobState.FAILED, kind)) == [
        NoticeKind.BLOCKED
    ]


@pytest.mark.parametrize("kind", [ErrorKind.BUSY, ErrorKind.UNREACHABLE])
def test_what_may_pass_by_itself_is_told_when_it_lasts(kind: ErrorKind) -> None:
    at_once = a_voice(keep_policy=KeepPolicy.AT_ONCE)
    refused = a_use(START + HOUR, JobState.FAILED, kind)
    assert told(START + HOUR + MINUTE, at_once, refused) == []
    assert told(START + HOUR + 15 * MINUTE, at_once, refused) == [NoticeKind.BLOCKED]


def test_what_is_blocked_is_told_by_its_reason_not_by_its_voices() -> None:
    at = START + HOUR
    voices = [
        a_voice(id=f"ann-{n}", name=f"Ann {n}", keep_policy=KeepPolicy.AT_ONCE) for n in range(8)
    ]
    entries = [
        judged(at, v, a_use(at, JobState.FAILED, ErrorKind.BALANCE, error=f"${n}.10 is too little"))
        for n, v in enumerate(voices)
    ]
    (notice,) = due_notices(entries)
    assert len(notice.entries) == 8
    assert notice.id == block_id(NANOGPT, ErrorKind.BALANCE)
    body = digest([notice]).body
    assert "“Ann 0”" in body
    assert "and 3 more" in body


@pytest.mark.parametrize("kind", list(filter(None, ErrorKind)))
def test_other_words_for_the_same_kind_of_reason_are_no_news(kind: ErrorKind) -> None:
    at, now = START + HOUR, START + 2 * HOUR
    voice = a_voice(keep_policy=KeepPolicy.AT_ONCE)
    told_as = set()
    for words in ("No (request req_abc).", "No (request req_xyz).", "Something quite different."):
        waits = a_use(at, JobState.CONFIRMED, last_answer=words, answer_kind=kind, attempts=3)
        (notice,) = due_notices([judged(now, voice, waits)])
        assert notice.why == words
        told_as.add(notice.id)
    assert len(told_as) == 1


def test_the_kinds_of_reasons_are_told_apart_but_for_the_troubles_of_one_service() -> None:
    known = {kind: block_id(NANOGPT, kind) for kind in ErrorKind}
    passing = {ErrorKind.BUSY, ErrorKind.UNREACHABLE, ErrorKind.TROUBLE}
    assert len({known[kind] for kind in passing}) == 1
    assert len(set(known.values())) == len(known) - len(passing) + 1
    assert block_id(NANOGPT, ErrorKind.KEY) != block_id(KYMA, ErrorKind.KEY)


def test_a_refused_use_and_an_order_that_waits_for_the_same_are_one_thing() -> None:
    at, now = START + HOUR, START + 2 * HOUR
    voice = a_voice(keep_policy=KeepPolicy.AT_ONCE)
    failed = a_use(at, JobState.FAILED, ErrorKind.BALANCE, error="It needs $0.01.")
    waits = a_use(
        at,
        JobState.CONFIRMED,
        last_answer="$0.00 left.",
        answer_kind=ErrorKind.BALANCE,
        attempts=1,
    )
    ids = {due_notices([judged(now, voice, job)])[0].id for job in (failed, waits)}
    assert ids == {block_id(NANOGPT, ErrorKind.BALANCE)}


def held_file(number: int, kind: ErrorKind, words: str = "It is cut short.") -> Entry:
    voice = a_voice(
        id=f"ann-{number}",
        name=f"Ann {number}",
        kind=VoiceKind.QWEN,
        embedding_url="https://host.example/x",
        copy_tries=3,
        copy_error=words,
        copy_error_kind=kind,
        copy_next_at=START + HOUR,
    )
    return judged(START + HOUR, voice)


def test_a_voice_whose_own_file_is_bad_is_known_by_itself() -> None:
    alone = [notice.id for notice in due_notices([held_file(1, ErrorKind.FILE)])]
    assert alone == ["blocked:ann-1:file"]
    both = due_notices([held_file(n, ErrorKind.FILE) for n in (1, 2)])
    assert [notice.id for notice in both] == [*alone, "blocked:ann-2:file"]
    shared = due_notices([held_file(n, ErrorKind.UNREACHABLE) for n in (1, 2)])
    assert [notice.id for notice in shared] == [block_id(NANOGPT, ErrorKind.UNREACHABLE)]


def test_many_voices_with_bad_files_read_as_one_paragraph() -> None:
    notices = due_notices([held_file(n, ErrorKind.FILE) for n in range(10, 40)])
    assert len({notice.id for notice in notices}) == 30
    body = digest(notices).body
    assert body.count("On hold:") == 1
    assert "“Ann 14” and 25 more." in body
    assert body.count("It is cut short.") == 1


def test_voices_that_wait_for_a_broken_storage_are_told_with_it() -> None:
    qwen = a_voice(
        kind=VoiceKind.QWEN,
        embedding_url="https://host.example/x",
        copy_tries=2,
        copy_error="The bucket is full.",
        copy_error_kind=ErrorKind.STORAGE,
        copy_next_at=START + HOUR,
    )
    item = judged(START + HOUR, qwen)
    assert item.step.blocked
    block = Notice(NoticeKind.BLOCKED, VAULT_BLOCK, why="Your storage: the bucket is full.")
    (notice,) = due_notices([item], [block])
    assert notice.id == VAULT_BLOCK
    assert notice.entries == (item,)
    (alone,) = due_notices([item])
    assert alone.id == block_id("vault", ErrorKind.STORAGE)
    once = judged(START + HOUR, a_voice(**(qwen.__dict__ | {"copy_tries": 1})))
    assert due_notices([once]) == []


def test_a_loss_is_told_unless_it_is_old_or_mended() -> None:
    answers = tuple(seen(EvidenceKind.NOT_FOUND, END + n * HOUR) for n in (1, 3))
    now = END + 4 * HOUR
    assert judged(now, evidence=answers).standing.health is Health.LOST
    assert told(now, a_voice(), evidence=answers) == [NoticeKind.LOST]
    assert told(now, a_voice(replaced_by="ann-2"), evidence=answers) == []
    assert told(now + timedelta(days=31), a_voice(), evidence=answers) == []


def test_what_can_still_be_saved_is_told_before_what_is_lost() -> None:
    now = END + 90 * HOUR
    voices = [a_voice(id=f"old-{n:02}", name=f"Old {n}", clock_start=START) for n in range(40)]
    voices += [a_voice(id="late", name="Late", clock_start=now - WINDOW + 6 * HOUR)]
    voices += [a_voice(id="soon", name="Soon", clock_start=now - WINDOW + 40 * HOUR)]
    block = Notice(NoticeKind.BLOCKED, VAULT_BLOCK, why="The bucket is full.")
    notices = due_notices([judged(now, voice) for voice in voices], [block])
    first = [notice.id.split(":")[1] for notice in notices[:4]]
    assert first == ["late", "soon", "vault", "old-00"]
    parts = digest(notices, app_url=APP).body.split("\n\n")
    assert [part.splitlines()[0] for part in parts[:4]] == [
        "“Late” is not kept yet.",
        "“Soon” is not kept yet.",
        "Voicekeep itself is on hold.",
        "40 voices are probably lost: “Old 0”, “Old 1”, “Old 2”, “Old 3”, “Old 4” and 35 more.",
    ]
    assert parts[3].splitlines()[1:] == [
        "40 of them wait for you: nothing else happens automatically.",
        f"{APP}/retention?retention_attention=true",
    ]


def test_the_soonest_loss_comes_first() -> None:
    voices = [
        a_voice(id=f"ann-{n}", name=f"Ann {n}", clock_start=START + n * HOUR) for n in (3, 1, 2)
    ]
    now = END - 10 * HOUR
    block = Notice(NoticeKind.BLOCKED, VAULT_BLOCK, why="It is full.")
    notices = due_notices([judged(now, voice) for voice in voices], [block])
    assert [notice.id.split(":")[1] for notice in notices] == ["ann-1", "ann-2", "ann-3", "vault"]


def lines(notice: Notice, app_url: str = "") -> list[str]:
    return digest([notice], app_url=app_url).body.split("\n")


def test_a_notice_says_who_until_when_and_what_happens_by_itself() -> None:
    (notice,) = due_notices([judged(END - 44 * HOUR)])
    assert lines(notice, APP)[:4] == [
        "“Ann” is not kept yet.",
        "It expires on Fri 27 Nov 2026, 09:00 UTC (in 1 d 20 h).",
        "Nothing else happens automatically. It will be lost unless you keep it.",
        f"{APP}/voice?id=ann-1",
    ]
    assert digest([notice]).title == "Voicekeep: 1 voice needs attention"


def test_without_the_apps_address_there_is_no_link() -> None:
    (notice,) = due_notices([judged(END - 44 * HOUR)])
    assert "http" not in digest([notice]).body
    assert "http" in digest([notice], app_url=APP).body


def test_the_next_attempt_and_what_holds_it_up_are_told() -> None:
    now = END - 20 * HOUR
    refused = a_use(now, JobState.FAILED, ErrorKind.BALANCE)
    voice = a_voice(keep_policy=KeepPolicy.AT_ONCE)
    notices = due_notices([judged(now, voice, refused)])
    assert [notice.kind for notice in notices] == [NoticeKind.ONE_DAY, NoticeKind.BLOCKED]
    message = digest(notices)
    assert message.title == "Voicekeep: 1 voice needs attention"
    assert (
        "It will be used once automatically on Thu 26 Nov 2026, 13:15 UTC (in 15 min)."
        in message.body
    )
    assert "On hold: The balance is too low." in message.body


def test_a_long_digest_is_bounded() -> None:
    now = END - HOUR
    voices = [a_voice(id=f"ann-{n:04}", name="A" * 5_000) for n in range(1_000)]
    message = digest(due_notices([judged(now, voice) for voice in voices]), app_url=APP)
    assert message.title == "Voicekeep: 1,000 voices need attention"
    assert "1,000 voices are not kept yet: “A" in message.body
    assert "and 995 more" in message.body
    assert "The first expires on " in message.body
    assert len(message.body) < 1_000


def test_a_digest_of_many_things_is_bounded() -> None:
    blocks = [
        Notice(NoticeKind.BLOCKED, f"blocked:{n:04}", why="It does not work.") for n in range(1_000)
    ]
    message = digest(due_notices([], blocks), app_url=APP)
    assert message.title == "Voicekeep needs attention"
    assert f"And {1_000 - MAX_PARAGRAPHS:,} more: {APP}/retention" in message.body
    assert len(message.body) < 10_000


@pytest.mark.parametrize(
    "name",
    [
        "@everyone",
        "a @here b",
        "<!channel>",
        "<@U12345678>",
        "[win](https://evil.example/x)",
        "https://evil.example/x",
        "see www.evil.example",
        "mail ann@evil.example",
        "evil.example",
        "<script>alert(1)</script>",
        "**bold** ~~gone~~ `code` ||hidden||",
        "Ann\n\n“Bob” is lost.",
        "Ann\r\nBcc: all@example.org",
        "Ann\u2028Bob\u202egnol\u200b",
        "/remind everyone",
        "#general",
    ],
)
def test_a_strangers_name_calls_nobody_and_links_nowhere(name: str) -> None:
    shown = clean(name)
    assert "\n" not in shown
    assert not set(shown) & set("<>[]`*~|\\\r\u2028\u202e\u200b")
    for live in ("@everyone", "@here", "@U1", "https://", "www.e", "evil.example", "n@e"):
        assert live not in shown
    assert not shown.startswith(("/r", "#g"))


def test_a_plain_name_stays_as_it_is() -> None:
    for name in ("Ann", "Grace Hopper (warm)", "Ærø 2", "声の主", "my_voice-1", "Dr. No", "😀 Bob"):
        assert clean(name) == name


def test_a_long_name_is_cut() -> None:
    assert len(clean("x" * 10_000)) == NAME_LENGTH
    assert clean("x" * 10_000).endswith("…")


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=2, hours=4, minutes=9), "2 d 4 h"),
        (timedelta(days=2, minutes=9), "2 d"),
        (timedelta(hours=4, minutes=9), "4 h 9 min"),
        (-timedelta(minutes=9), "9 min"),
        (timedelta(seconds=30), "30 s"),
    ],
)
def test_a_length_of_time_reads_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_a_message_counts_no_seconds_that_are_over_before_it_is_read() -> None:
    (notice,) = due_notices([judged(END - timedelta(seconds=30))])
    assert lines(notice)[1].endswith("(in under 1 min).")
    (notice,) = due_notices([judged(END - 9 * MINUTE - timedelta(seconds=30))])
    assert lines(notice)[1].endswith("(in 9 min).")


AGREED = Consent("Jack", "Ada", START, "consent-jack", Relation.AGREED)
USED = (seen(EvidenceKind.ACTIVATION, START),)
"""What keeps a voice, so that nothing else is told of it."""
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("consent", "days", "kinds"),
    [
        ({}, 0, []),
        ({"until": START + 9 * DAY}, 1, []),
        ({"until": START + 9 * DAY}, 3, [NoticeKind.CONSENT_ENDS]),
        ({"until": START + 9 * DAY}, 9, [NoticeKind.CONSENT_OVER]),
        ({"until": START + 9 * DAY}, 40, []),
        ({"withdrawn_at": START + DAY, "until": START + 9 * DAY}, 2, [NoticeKind.CONSENT_OVER]),
        ({"relation": Relation.NOT_SAID}, 2, []),
    ],
)
def test_the_team_is_told_a_week_before_consent_ends_and_when_it_is_over(
    consent: dict[str, Any], days: int, kinds: list[NoticeKind]
) -> None:
    voice = a_voice(consent=replace(AGREED, **consent))
    assert told(START + days * DAY, voice, evidence=USED) == kinds
    archived = replace(voice, archived_at=START)
    assert told(START + days * DAY, archived, evidence=USED) == []


def test_one_record_is_one_notice_with_all_its_voices() -> None:
    over = replace(AGREED, speaker="Jack@all", withdrawn_at=START)
    voices = [a_voice(id=f"jack-{n}", name=f"Voice {n}", consent=over) for n in range(2)]
    items = [judged(START + DAY, voice, evidence=USED) for voice in voices]
    (notice,) = due_notices(items)
    body = digest([notice], app_url=APP).body
    assert "“Voice 0”, “Voice 1”" in body
    assert "They are kept as before" in body
    assert "Jack@all" not in body  # mentions nobody


def test_what_is_over_covers_that_it_would_end() -> None:
    voice = a_voice(consent=replace(AGREED, until=START + 9 * DAY))
    ends = due_notices([judged(START + 5 * DAY, voice, evidence=USED)])
    assert "The consent of Jack ends on Sun 29 Nov 2026" in digest(ends).body
    (over,) = due_notices([judged(START + 9 * DAY, voice, evidence=USED)])
    assert over.covers == (ends[0].id,)
