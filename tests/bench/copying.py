"""How long voice files take from their host into a bucket, both of them far away."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lib import keeper
from lib.demo.embedding import embedding
from lib.demo.state import State, StoredFile
from lib.models import Dossier, VoiceKind
from lib.services import NANOGPT
from lib.settings import Settings
from lib.studio.core import accounts
from lib.studio.core.context import Context
from lib.studio.core.opening import open_context
from lib.studio.core.standpoint import standpoint_of
from tests.bench.houses import MOST_PASSES, Houses
from tests.bench.lines import Line, told
from tests.bench.slow_way import slow_way
from tests.pages import people
from tests.parts.radosgw import running_s3_server
from tests.studio.crowd import hurried

MILLISECONDS = 50
MOST_BYTES = 1_000_000
LOOPED = 4
"""Of so many files one is copied by the loop, which takes as long for each."""


def copies(houses: Houses) -> Iterator[Line]:
    """A pass that copies and reads back files and writes the stories, against a loop that only
    copies and reads back.
    """
    count = houses.scale.files
    settings = dict(houses.service)
    with ExitStack() as stack:
        s3 = stack.enter_context(running_s3_server())
        service = settings["NANOGPT_BASE_URL"]
        log = houses.folder / "slow_way.log"
        far_s3, far_host = stack.enter_context(slow_way(log, MILLISECONDS, [s3.endpoint, service]))
        base = far_host + urlsplit(service).path
        settings |= s3.settings(s3.new_bucket())
        settings |= {"NANOGPT_BASE_URL": base, "AWS_ENDPOINT_URL_S3": far_s3}
        urls = _hosted(houses, base, count)
        folder = houses.folder / "copies"
        # Voice files lie at a host of their own, where the service's polite pauses do not hold.
        context = hurried(open_context(Settings(settings, data_folder=folder)))
        stack.callback(context.close)
        accounts.meet_keys(context)
        keeper.one_pass(context)  # reads the bucket and asks the service what it asks once a day
        looped = urls[: max(1, count // LOOPED)]
        before = _loop(context, looped)
        people.move_in(context, _voices(context, urls))
        took = _passes(context, count)
        alone = min(before, _loop(context, looped)) * count / len(looped)
    yield Line(
        f"copies: {count} files at {MILLISECONDS} ms, with their stories",
        alone / took,
        5.0,
        f"{told(took)}; a loop that only copies and reads back: {told(alone)}",
        at_least=True,
    )


def _hosted(houses: Houses, base: str, count: int) -> list[str]:
    """So many voice files at the service, and their addresses."""
    state = State(houses.folder / "service" / "service.db")
    names = [f"copied-{number}.safetensors" for number in range(count)]
    for name in names:
        state.install_file(StoredFile(name, "application/octet-stream", embedding(name.encode())))
    return [f"{base}/files/{name}" for name in names]


def _voices(context: Context, urls: Sequence[str]) -> list[Dossier]:
    """A cloned voice for each file, which is still to be copied."""
    account, now = standpoint_of(context).account(NANOGPT), datetime.now(UTC)
    made = [
        people.clone(number, now, kind=VoiceKind.QWEN, hours_ago=1) for number in range(len(urls))
    ]
    return [
        replace(item, voice=replace(item.voice, account=account, embedding_url=url))
        for item, url in zip(made, urls, strict=True)
    ]


def _loop(context: Context, urls: Sequence[str]) -> float:
    """One file after the other: fetched, written, read back."""
    client, vault = context.providers[NANOGPT], context.live_vault
    began = time.perf_counter()
    for number, url in enumerate(urls):
        key = f"loop/{number}.safetensors"
        data = client.fetch(url, max_bytes=MOST_BYTES)
        vault.put_verified(key, data, "application/octet-stream")
    return time.perf_counter() - began


def _passes(context: Context, count: int) -> float:
    """Until all are copied, read back and told of in the bucket."""
    began = time.perf_counter()
    mirrored = 0
    for _ in range(MOST_PASSES):
        summary = keeper.one_pass(context)
        assert not summary.failed, summary.failed
        mirrored += summary.mirrored
        if mirrored == count and not context.registry.voices.unsaved(1):
            return time.perf_counter() - began
    raise AssertionError(f"{mirrored} of {count} were copied")
