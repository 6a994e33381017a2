"""A voice's week in fast time: what happens when, and what has to hold at every moment of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lib import keeper
from lib.models import Dossier, EvidenceKind, Health, Job, JobState, KeepPolicy, Money, Role
from lib.retention import StepKind, deadline_of, steps
from lib.retention.terms import MARGIN
from lib.services import ACTIVATION_ATTEMPTS, NANOGPT
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import cloning
from lib.studio.storage import manifests
from lib.vault.base import sha256_hex
from tests.parts.charges import charges_of
from tests.studio.story import HOUR, MINUTE, SECOND, Story, clone_request, dossier, health

WINDOW = 168 * HOUR
RHYTHM = 6 * HOUR
"""How often the keeper comes that a team's scheduled workflow runs."""
SOON = MINUTE / 2
"""What is due so soon, it stays for."""
LATEST_TRY = 4 * MARGIN / 3
"""A try that ends later than this before the deadline may be followed within the margin."""
MOST_PASSES = 60


@dataclass
class Week:
    """One voice and its team, from the order on. Events change what they like about it."""

    story: Story
    context: Context
    voice_id: str
    began: datetime
    healths: dict[float, Health] = field(default_factory=dict)
    blocked: dict[float, list[str]] = field(default_factory=dict)

    @property
    def found(self) -> Dossier:
        return dossier(self.context, self.voice_id)

    @property
    def hours(self) -> float:
        """How old the voice is."""
        return round((self.story.clock.now() - self.began) / HOUR, 2)

    @property
    def safe_since(self) -> float | None:
        """The hour from which on it was safe at each coming of the keeper, to the end."""
        since = None
        for hour, seen in self.healths.items():
            if seen is not Health.SAFE:
                since = None
            elif since is None:
                since = hour
        return since

    @property
    def attempts(self) -> tuple[Job, ...]:
        return self.found.activations

    def wakes(self) -> None:
        """The keeper comes, does what is due, and stays for what is due soon."""
        for _ in range(MOST_PASSES):
            summary = keeper.one_pass(self.context)
            self.blocked[self.hours] = summary.blocked
            self.holds()
            due = keeper.outlook(self.context).next_due
            now = self.story.clock.now()
            if due is None or due > now + SOON:
                self.healths[self.hours] = health(self.context, self.voice_id)
                return
            self.story.clock.advance(max(due - now, SECOND))
        raise AssertionError("the keeper does not come to rest")

    def holds(self) -> None:
        """What is so at every moment, whatever happens."""
        found = self.found
        assert sum(job.is_open for job in found.activations) <= 1
        free = sum(job.seems_free for job in found.activations)
        assert len(found.activations) - self.blocked_attempts - free <= ACTIVATION_ATTEMPTS
        terms = standpoint_of(self.context).terms(found.voice)
        deadline = deadline_of(found, terms.rule)
        step = steps(found, terms, self.story.clock.now())[0]
        ends = [job.finished_at for job in found.activations if job.finished_at]
        if deadline and all(deadline - end >= LATEST_TRY for end in ends):
            planned = [job.created_at for job in found.activations]
            if step.kind in (StepKind.ACTIVATE, StepKind.WAIT) and step.at:
                planned.append(step.at)
            if self.story.clock.now() < deadline - MARGIN:
                assert all(at <= deadline - MARGIN for at in planned), (planned, deadline)

    @property
    def blocked_attempts(self) -> int:
        """Attempts that something outside stopped before anything ran."""
        kinds = ("key", "balance", "permission", "busy", "limit", "unreachable")
        return sum(job.error_kind in kinds for job in self.attempts)

    @property
    def paid_for(self) -> int:
        """Speeches that the service took money for, also those that it gave back."""
        return sum(one.kind == "speech" for one in charges_of(self.story.service.demo))

    def uses(self, *, standing: bool = True) -> int:
        """How many real uses are known that count, or that were imported back."""
        return sum(
            item.kind is EvidenceKind.ACTIVATION and (item.withdrawn_at is None) == standing
            for item in self.found.evidence
        )

    def sums_agree(self) -> None:
        """All that our book says was spent is what the service has charged."""
        jobs = self.context.registry.jobs.latest(services=[NANOGPT], limit=1_000)
        charges = [one for one in charges_of(self.story.service.demo) if not one.refunded]
        sent = [job for job in jobs if job.state is not JobState.CONFIRMED]
        ours, theirs = Money.total(job.cost for job in sent), sum(one.cost for one in charges)
        assert ours == Money.usd(theirs), (ours, theirs)

    def evidence_is_complete(self) -> None:
        """What makes it safe is told whole, and can be had from the vault."""
        found, vault = self.found, self.context.live_vault
        if found.voice.kind == "qwen":
            proof = found.copy(Role.EMBEDDING, vault.name)
            assert proof is not None
            assert proof.summary
        else:
            proof = found.valid_evidence(EvidenceKind.ACTIVATION)[-1]
            job = self.context.registry.jobs.get(proof.job_id)
            assert job is not None
            assert job.state is JobState.DONE
            assert job.request["voice_id"] == found.voice.provider_voice_id
            assert proof.model
            assert proof.run_id or not job.ticket
            assert proof.cost == job.cost
            assert proof.summary == job.request["text"]
        assert proof.vault == vault.name
        assert proof.read_back_at is not None
        data = vault.get(proof.key, max_bytes=10**7)
        assert (sha256_hex(data), len(data)) == (proof.sha256, proof.size)

    def vault_tells_the_same(self) -> None:
        """Another container would learn all of it from the vault alone."""
        other = self.story.new_container("rebuilt")
        manifests.reconcile(other)
        assert health(other, self.voice_id) is health(self.context, self.voice_id)
        assert len(dossier(other, self.voice_id).evidence) == len(self.found.evidence)
        assert len(dossier(other, self.voice_id).jobs) == len(self.found.jobs)


Event = Callable[[Week], None]


def week(
    story: Story,
    context: Context,
    *events: tuple[float, Event],
    kind: str = "minimax",
    policy: KeepPolicy = KeepPolicy.AT_ONCE,
    sleeps: tuple[float, float] = (0, 0),
    hours: float = 192,
    rhythm: timedelta = RHYTHM,
) -> Week:
    """Order a voice, and let so many hours go by in which these things happen.

    The keeper comes every `rhythm`, and at each event; not while it `sleeps`.
    """
    begun = story.clock.now()
    job = cloning.clone(context, clone_request(kind, keep_policy=policy))
    told = Week(story, context, job.voice_id, begun)
    times = {number * (rhythm / HOUR) for number in range(int(hours * HOUR / rhythm) + 1)}
    times |= {at for at, _ in events} | {sleeps[1], hours}
    for at in sorted(times):
        moment = begun + timedelta(hours=at)
        story.clock.advance(max(moment - story.clock.now(), timedelta(0)))
        for _, event in (pair for pair in events if pair[0] == at):
            event(told)
        if not sleeps[0] < at < sleeps[1]:
            told.wakes()
    return told
