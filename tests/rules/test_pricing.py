"""What orders cost and what a month has cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from lib.models import Job, JobState, Money
from lib.pricing import (
    clone_price,
    keeping_price,
    month_start,
    speech_price,
    transcription_price,
)
from lib.services import (
    ACTIVATION_ATTEMPTS,
    ACTIVATION_TEXTS,
    NANOGPT,
    SERVICES,
    SpeechModel,
    speech_model,
)
from tests.registry.records import a_job


def model(price: str) -> SpeechModel:
    return SpeechModel("m", "M", ("minimax",), 1_000, Decimal(price))


@pytest.mark.parametrize(
    ("seconds", "exact", "shown"),
    [
        (30, "$0.005", "$0.01"),
        (60, "$0.01", "$0.01"),
        (60.3, "$0.01005", "$0.02"),
        (1, "$0.000167", "$0.01"),
    ],
)
def test_a_transcript_costs_by_the_second(seconds: float, exact: str, shown: str) -> None:
    offer = SERVICES[NANOGPT].transcript
    assert offer is not None
    price = transcription_price(offer, seconds)
    assert (price.exact, str(price)) == (exact, shown)


def test_a_clone_costs_what_the_service_documents() -> None:
    prices = {offer.kind: str(clone_price(offer)) for offer in SERVICES[NANOGPT].clones}
    assert prices == {"minimax": "$1.00", "qwen": "$0.25"}


@pytest.mark.parametrize(
    ("price", "text", "micros"),
    [
        ("0.10", "", 0),
        ("0.10", "a" * 1000, 100_000),
        ("0.10", "a" * 10, 1_000),
        ("0.10", "a b  c\n", 700),
        ("0.10", "日本語", 300),
        ("0.06", "é", 60),
        ("0.0001", "a", 1),
    ],
)
def test_speech_is_paid_by_the_character_and_rounded_up(price: str, text: str, micros: int) -> None:
    assert speech_price(model(price), text) == Money(micros)


def test_the_limit_of_keeping_covers_every_attempt_with_every_text() -> None:
    offer = SERVICES[NANOGPT].clone_offer("minimax")
    assert offer is not None
    kept_with = speech_model(NANOGPT, offer.activation_model)
    assert kept_with is not None
    longest = max(ACTIVATION_TEXTS, key=len)
    assert keeping_price(kept_with) == speech_price(kept_with, longest)
    assert ACTIVATION_ATTEMPTS == 5
    assert Money() < keeping_price(kept_with) * ACTIVATION_ATTEMPTS < Money.usd("0.05")


@pytest.mark.parametrize("moment", ["2026-11-01T00:00:00+00:00", "2026-11-30T23:59:59.999+00:00"])
def test_a_month_begins_with_its_first_moment(moment: str) -> None:
    assert month_start(datetime.fromisoformat(moment)) == datetime(2026, 11, 1, tzinfo=UTC)


def test_the_first_moment_keeps_its_zone() -> None:
    east = timezone(timedelta(hours=9))
    assert month_start(datetime(2026, 11, 20, 5, tzinfo=east)).tzinfo is east


@pytest.mark.parametrize(
    ("job", "cost"),
    [
        (a_job("voice", state=JobState.CONFIRMED), "1"),
        (a_job("voice", state=JobState.UNKNOWN), "1"),
        (a_job("voice", state=JobState.FAILED), "0"),
        (a_job("voice", state=JobState.FAILED, refunded=Money.usd(1)), "0"),
        (a_job("voice", state=JobState.FAILED, charged=Money.usd("0.3")), "0.3"),
        (a_job("voice", state=JobState.DONE, charged=Money.usd("0.9")), "0.9"),
        (
            a_job(
                "voice", state=JobState.DONE, charged=Money.usd("0.9"), refunded=Money.usd("0.4")
            ),
            "0.5",
        ),
    ],
)
def test_a_job_costs_what_was_charged_or_may_yet_be(job: Job, cost: str) -> None:
    assert job.cost == Money.usd(cost)
