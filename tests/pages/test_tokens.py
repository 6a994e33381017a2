"""The token of a device: what makes it count, what ends it, and what it does not tell."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer

from lib.settings import Door, Settings, load
from lib.studio.core.typed_text import MAX_NAME
from lib.ui.access.tokens import (
    CLOCKS_DIFFER,
    LASTS,
    MAX_TOKEN,
    PURPOSE,
    DeviceToken,
    read,
    sign,
    signing_key,
)

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
OWN, ANOTHER = b"o" * 32, b"a" * 32
"""What two processes of the app know."""
TOKEN = DeviceToken("3f" * 16, "Ada Lovelace", NOW)
PASSPHRASE = "correct horse battery staple"
SECRETS = {
    "NANOGPT_API_KEY": "sk-nano-0123456789abcdef",
    "NANOGPT_SESSION_COOKIE": "cookie-0123456789abcdef",
    "KYMA_API_KEY": "ky-0123456789abcdef",
    "AWS_SECRET_ACCESS_KEY": "aws-0123456789abcdef",
    "DATABASE_URL": "postgresql://keeper:db-0123456789abcdef@db.example/voices",
}


def team(passphrase: str = PASSPHRASE, **values: str) -> Settings:
    secrets = f'[team]\npassphrase = "{passphrase}"\ntrust_host = true'
    return load({**values, "VOICEKEEP_SECRETS": secrets})


def key_of(settings: Settings, own: bytes = OWN) -> bytes:
    return signing_key(settings, own)


KEY = key_of(team(**SECRETS))


def test_a_device_is_known_again_for_thirty_days() -> None:
    text = sign(TOKEN, KEY)
    for later in (timedelta(0), LASTS - timedelta(seconds=1)):
        assert read(text, KEY, NOW + later) == TOKEN
    assert read(text, KEY, NOW + LASTS) is None
    assert timedelta(days=30) == LASTS
    assert TOKEN.until == NOW + LASTS


def test_a_token_of_the_future_does_not_count() -> None:
    text = sign(TOKEN, KEY)
    assert read(text, KEY, NOW - CLOCKS_DIFFER) == TOKEN
    assert read(text, KEY, NOW - CLOCKS_DIFFER - timedelta(seconds=1)) is None


@pytest.mark.parametrize("name", ["Ada", "李小龍", "أمينة", "Ngũgĩ wa Thiong'o", "𝒜" * MAX_NAME])
def test_a_name_of_any_script_is_remembered_and_fits(name: str) -> None:
    text = sign(replace(TOKEN, name=name), KEY)
    assert len(text) <= MAX_TOKEN / 2
    found = read(text, KEY, NOW)
    assert found
    assert found.name == name


def test_no_sign_of_a_token_can_be_changed() -> None:
    text = sign(TOKEN, KEY)
    for at, sign_there in enumerate(text[:-1]):  # the last one has bits that say nothing
        other = "A" if sign_there != "A" else "B"
        assert read(text[:at] + other + text[at + 1 :], KEY, NOW) is None


@pytest.mark.parametrize(
    "junk",
    [
        None, 0, True, [], {}, b"bytes", "", ".", "..", "a.b", "a.b.c", "\ud800.x", "é.ü", "\0",
        " " * MAX_TOKEN, "A" * (MAX_TOKEN + 1), ".eJw" + "A" * 1_000, "." * 1_000,
    ],
    ids=repr,
)  # fmt: skip
def test_junk_is_no_token(junk: object) -> None:
    assert read(junk, KEY, NOW) is None


@pytest.mark.parametrize(
    "content",
    [
        [], "text", 1, None, {}, {"id": "", "name": "Ada", "at": 1}, {"id": 1, "name": 2, "at": 3},
        {"id": "a", "name": "Ada", "at": "soon"}, {"id": "a", "name": "Ada", "at": -1},
    ],
    ids=repr,
)  # fmt: skip
def test_what_this_key_signed_in_another_form_is_no_token(content: object) -> None:
    """As an earlier or a later version of the app may have done."""
    signer = URLSafeSerializer(
        KEY,
        salt=PURPOSE,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    assert read(signer.dumps(content), KEY, NOW) is None


def test_a_token_that_was_far_too_large_is_not_even_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look(*_: object, **__: object) -> None:
        pytest.fail("It was looked at.")

    monkeypatch.setattr(URLSafeSerializer, "loads", look)
    assert read("A" * (MAX_TOKEN + 1), KEY, NOW) is None


@pytest.mark.parametrize("changed", SECRETS)
def test_each_secret_of_the_app_ends_all_sign_ins_when_it_changes_or_goes(changed: str) -> None:
    text = sign(TOKEN, KEY)
    for values in ({**SECRETS, changed: f"{SECRETS[changed]}x"}, {**SECRETS, changed: ""}):
        assert read(text, key_of(team(**values)), NOW) is None


def test_a_new_passphrase_ends_all_sign_ins() -> None:
    text = sign(TOKEN, KEY)
    assert read(text, key_of(team(f"{PASSPHRASE}, and one more", **SECRETS)), NOW) is None


def test_what_is_no_secret_ends_no_sign_in() -> None:
    text = sign(TOKEN, KEY)
    for more in ({"APP_URL": "https://here.example"}, {"VAULT_URL": "s3://bucket/vault"}):
        assert read(text, key_of(team(**SECRETS, **more)), NOW) == TOKEN


@pytest.mark.parametrize("name", sorted(SECRETS.keys() - {"DATABASE_URL"}))
def test_with_a_secret_of_its_own_the_app_knows_devices_again_after_a_restart(name: str) -> None:
    settings = team(**{name: SECRETS[name]})
    assert key_of(settings, OWN) == key_of(settings, ANOTHER)


@pytest.mark.parametrize(
    "values",
    [{}, {"NANOGPT_API_KEY": "short"}, {"DATABASE_URL": SECRETS["DATABASE_URL"]}],
    ids=["the demo", "a key that can be guessed", "a database alone"],
)
def test_without_one_each_process_has_its_own_key(values: dict[str, str]) -> None:
    """Else whoever has a token could try passphrases on it, a million a second."""
    settings = team(**values)
    assert key_of(settings, OWN) != key_of(settings, ANOTHER)


def test_a_name_that_was_given_behind_a_trusted_host_opens_no_other_door() -> None:
    open_to_host = load({**SECRETS, "VOICEKEEP_SECRETS": "[team]\ntrust_host = true"})
    assert open_to_host.door is Door.TRUSTED_HOST
    assert read(sign(TOKEN, key_of(open_to_host)), KEY, NOW) is None


def test_a_token_tells_a_name_and_a_time_and_nothing_that_depends_on_a_secret() -> None:
    texts = [sign(TOKEN, key_of(team(word * 12, **SECRETS))) for word in ("a", "b")]
    (payload,) = {text.rpartition(".")[0] for text in texts}
    content = URLSafeSerializer("any key").load_payload(payload.encode())
    assert content == {"id": TOKEN.id, "name": TOKEN.name, "at": int(NOW.timestamp())}


def test_no_two_sets_of_secrets_have_one_key() -> None:
    """Also where the same texts stand in other places, or are cut elsewhere."""
    a, b = "a" * 20, "b" * 20
    sets = [
        {"NANOGPT_API_KEY": a, "KYMA_API_KEY": b},
        {"NANOGPT_API_KEY": b, "KYMA_API_KEY": a},
        {"NANOGPT_API_KEY": a + b},
        {"KYMA_API_KEY": a + b},
        {"NANOGPT_API_KEY": a, "NANOGPT_SESSION_COOKIE": b},
    ]
    keys = [key_of(team(**values)) for values in sets]
    assert all(one != other for one, other in itertools.combinations(keys, 2))
