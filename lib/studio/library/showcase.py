"""What the demo begins with: a sample voice in each state of health, and a script to generate."""

from __future__ import annotations

from datetime import datetime, timedelta

from lib.consent import Consent, Relation
from lib.demo import DemoService
from lib.demo.showcase import (
    EXAMPLE,
    EXHIBITS,
    GUESTS,
    Exhibit,
    embedding_for,
    preview,
    reference_recording,
)
from lib.models import (
    Dossier,
    Evidence,
    EvidenceKind,
    Job,
    JobKind,
    JobState,
    KeepPolicy,
    Money,
    Role,
    Source,
    Voice,
    VoiceKind,
)
from lib.pricing import clone_price
from lib.retention import rule_of
from lib.roles import KEEPER
from lib.scripts import Line, Script, Speaker
from lib.services import ACTIVATION_TEXTS, COPY, DEMO, KINDS, SERVICES, USE
from lib.studio.core.context import Context
from lib.studio.library.reasons import Called
from lib.studio.library.wording import called
from lib.studio.storage.manifests import copy_evidence, save
from lib.vault.base import content_key, sha256_hex

NOTE = "showcase"
CONSENT_ID = "showcase-consent"
SAMPLES = frozenset(exhibit.id for exhibit in EXHIBITS)
LONG_AGO = timedelta(days=400)
"""How old the sample voice is whose age nobody knows."""


def is_sample(voice: Voice) -> bool:
    """Whether it came with the demo."""
    return voice.service == DEMO and voice.id in SAMPLES


def install(context: Context) -> bool:
    """Fill the demo's library with the sample voices, unless that was done before, and with the
    example of a script, unless that is there or was deleted.

    Returns whether voices came now. Raises `VaultError`.
    """
    demo = context.demo
    if demo is None:
        return False
    now = context.demo_clock.now()
    # Also where the library is there already: an older demo lacks these, and what it has stays.
    demo.install(GUESTS)
    context.registry.scripts.add(_example(context.clock.now()))
    if context.registry.notes.get(NOTE):
        return False
    demo.install(EXHIBITS)
    for exhibit in EXHIBITS:
        dossier = _dossier(context, demo, exhibit, now)
        if context.registry.voices.absorb(dossier):
            save(context, dossier)
    context.registry.notes.write(NOTE, {"voices": len(EXHIBITS)}, context.clock.now())
    return True


def _example(now: datetime) -> Script:
    lines = enumerate(EXAMPLE.lines, 1)
    return Script(
        id=EXAMPLE.id,
        name=EXAMPLE.name,
        created_at=now,
        changed_at=now,
        person=KEEPER.label,
        speakers=tuple(Speaker(name, voice_id) for name, voice_id in EXAMPLE.cast),
        lines=tuple(Line(f"{EXAMPLE.id}-{at}", name, text) for at, (name, text) in lines),
        service=DEMO,
    )


def _dossier(context: Context, demo: DemoService, exhibit: Exhibit, now: datetime) -> Dossier:
    start = exhibit.started_at(now)
    voice = Voice(
        id=exhibit.id,
        name=exhibit.name,
        kind=VoiceKind(exhibit.kind),
        source=Source(exhibit.source),
        service=DEMO,
        account=DEMO,
        created_at=start or now - LONG_AGO,
        provider_voice_id=exhibit.provider_voice_id,
        id_made_here=exhibit.source == Source.CLONED,
        embedding_url=demo.embedding_url(exhibit) if KINDS[exhibit.kind].is_file else "",
        description=exhibit.description,
        transcript=exhibit.transcript,
        language=exhibit.language,
        tags=exhibit.tags,
        owner=KEEPER.label,
        consent=Consent(called(Called.SYNTHETIC), KEEPER.label, now, CONSENT_ID, Relation.LICENSED),
        keep_policy=KeepPolicy.ASK,
        clock_start=start,
    )
    return Dossier(voice, _jobs(exhibit, voice), _evidence(context, exhibit, voice, now))


def _jobs(exhibit: Exhibit, voice: Voice) -> tuple[Job, ...]:
    if voice.source is not Source.CLONED or voice.clock_start is None:
        return ()
    done = voice.clock_start + timedelta(minutes=1)
    offer = SERVICES[DEMO].clone_offer(voice.kind)
    price = clone_price(offer) if offer else Money()
    return (
        Job(
            id=f"{exhibit.id}-job",
            voice_id=voice.id,
            kind=JobKind.CLONE,
            state=JobState.DONE,
            order_key=sha256_hex(exhibit.id.encode()),
            service=DEMO,
            account=DEMO,
            created_at=voice.clock_start,
            person=KEEPER.label,
            request={"kind": voice.kind.value},
            submitted_at=voice.clock_start,
            finished_at=done,
            last_answer="Done.",
            estimate=price,
            charged=price,
        ),
    )


def _evidence(
    context: Context, exhibit: Exhibit, voice: Voice, now: datetime
) -> tuple[Evidence, ...]:
    vault = context.demo_vault
    made = voice.clock_start or now
    recording = reference_recording(exhibit)
    stored = vault.put_verified(
        content_key(f"voices/{voice.id}/reference", recording, "wav"), recording, "audio/wav"
    )
    found = [copy_evidence(voice.id, Role.REFERENCE, stored, "wav", made)]
    rule = rule_of(voice)
    if voice.source is Source.CLONED and rule.stopped_by == USE:
        sound = preview(exhibit)
        heard = vault.put_verified(
            content_key(f"voices/{voice.id}/preview", sound, "wav"), sound, "audio/wav"
        )
        found.append(copy_evidence(voice.id, Role.PREVIEW, heard, "wav", made))
    if exhibit.activated and rule.stopped_by == USE:
        found.append(
            Evidence(
                id=f"{exhibit.id}-use",
                voice_id=voice.id,
                kind=EvidenceKind.ACTIVATION,
                at=made + timedelta(minutes=2),
                role="activation",
                model="Minimax-Speech-02-HD",
                run_id="demo",
                summary=ACTIVATION_TEXTS[0],
                sha256=stored.sha256,
                size=stored.size,
            )
        )
    if exhibit.has_copy and rule.stopped_by == COPY:
        data = embedding_for(exhibit.seed)
        key = content_key(f"voices/{voice.id}/embedding", data, "safetensors")
        copy = vault.put_verified(key, data, "application/octet-stream")
        summary = "ref_code I64 [94, 16], ref_spk_embedding BF16 [2048]"
        found.append(copy_evidence(voice.id, Role.EMBEDDING, copy, summary, now))
    for number, hours in enumerate(exhibit.not_found_hours_ago):
        at = now - timedelta(hours=hours)
        found.append(Evidence(f"{exhibit.id}-gone-{number}", voice.id, EvidenceKind.NOT_FOUND, at))
    return tuple(found)
