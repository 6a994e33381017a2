"""What the keeper says of its settings, and that its dry runs write nothing at all."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from lib import keeper
from lib.registry import Registry
from lib.studio.core.context import Context
from lib.studio.core.standpoint import standpoint_of
from lib.studio.orders import cloning
from tests.parts.clock import SettableClock
from tests.parts.length import mostly_slow
from tests.parts.postgres import PostgresServer
from tests.registry.records import everything
from tests.studio.command_line import Command
from tests.studio.story import HOUR, Story, clone_request

OPEN_SESAME = '[team]\npassphrase = "open sesame, friends"\n'
NOTHING = {"NANOGPT_API_KEY": "", "NANOGPT_BASE_URL": "", "VAULT_URL": "", "DATABASE_URL": ""}
KEEPERS = pytest.mark.parametrize("name", ["once", "run"])


@pytest.fixture
def clock() -> SettableClock:
    """The command lives in real time; the story was told an hour ago."""
    return SettableClock(datetime.now(UTC) - HOUR)


@pytest.fixture
def pace() -> float:
    """Runs of the service end at once."""
    return 0.0


# --- settings that are not followed -----------------------------------------------------------


@pytest.mark.parametrize("case", ["lowercase.toml", "in-sections.toml"])
@pytest.mark.parametrize("demo", [[], ["--demo"]])
@KEEPERS
def test_with_no_key_understood_it_ends_with_two_and_names_each_setting(
    command: Command, cases: Path, name: str, demo: list[str], case: str
) -> None:
    toml = (cases / "settings" / case).read_text("utf-8")
    ran = command(name, *demo, **NOTHING, VOICEKEEP_SECRETS=toml)

    assert ran.code == 2
    assert ran.out == ""
    assert "NANOGPT_API_KEY" in ran.err
    assert ("nanogpt_api_key" if case == "lowercase.toml" else "AWS_ACCESS_KEY_ID") in ran.err
    assert "sk-nano-1" not in ran.err
    assert not (command.folder / "data" / "voicekeep.db").exists()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://u:[YOUR-PASSWORD]@db.example/d", "placeholder"),
        ("postgresql://u:p@ss#1@db.example/d", "%23 for #"),
        ("postgresql://u:p@db.example:99999/d", "port"),
        ("postgresql://u:p@/d?host=/no/such/folder", "names no server"),
    ],
)
@pytest.mark.parametrize("fields", [["once"], ["status"], ["once", "--dry-run"]])
def test_an_address_that_has_to_be_changed_ends_it_with_two_and_one_sentence(
    command: Command, fields: list[str], address: str, says: str
) -> None:
    ran = command(*fields, DATABASE_URL=address)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert "right now" not in ran.err
    assert len(ran.err.splitlines()) == 1


def test_what_the_address_of_a_database_asks_for_in_vain_is_a_warning(
    story: Story, context: Context, command: Command, postgres_server: PostgresServer
) -> None:
    address = f"{postgres_server.new_database()}?schema=app&pgbouncer=true&connection_limit=1"
    ran = command("once", DATABASE_URL=address)
    assert ran.code == 0
    assert ran.err.startswith("schema in DATABASE_URL in the environment is not followed")
    assert len(ran.err.splitlines()) == 1


def test_beside_a_live_key_it_warns_and_works(
    story: Story, context: Context, command: Command
) -> None:
    story.to_be_kept(context)
    toml = f'secret_project = "hidden"\nvault_url = "hidden"\n{OPEN_SESAME}pasphrase = "hidden"\n'
    ran = command("once", "--json", VOICEKEEP_SECRETS=toml)

    assert ran.code == 0
    assert ran.json["activated"] == 1
    for named in ("secret_project", "vault_url", "VAULT_URL", "pasphrase under [team]"):
        assert named in ran.err
    assert "hidden" not in ran.err


def test_broken_secrets_stop_it_only_where_no_key_is_left(
    context: Context, command: Command
) -> None:
    broken = f"{OPEN_SESAME}[team"
    for others, code in (({}, 0), (NOTHING, 2)):
        ran = command("once", VOICEKEEP_SECRETS=broken, **others)
        assert ran.code == code
        assert "VOICEKEEP_SECRETS is not valid TOML." in ran.err
        assert "open sesame" not in ran.err


@pytest.mark.parametrize(
    "line",
    [
        'passphrase = "short"',
        "members = 7",
        'trust_host = "yes"',
        'monthly_budget_usd = "a lot"',
        'keep_policy = "now"',
    ],
)
def test_what_concerns_the_door_or_orders_never_stops_it(
    context: Context, command: Command, line: str
) -> None:
    assert command("once", VOICEKEEP_SECRETS=f"[team]\n{line}").code == 0


@KEEPERS
def test_with_nothing_but_the_demo_it_says_that_it_looks_after_nobody(
    story: Story, command: Command, name: str
) -> None:
    command.folder = story.folder / "empty"
    command.folder.mkdir()
    ran = command(name, **NOTHING)

    assert (ran.code, ran.out) == (2, "")
    assert "--demo" in ran.err
    assert list(command.folder.iterdir()) == []


def test_a_library_that_lost_its_key_is_no_demo_to_the_keeper(
    story: Story, context: Context, command: Command
) -> None:
    """The voices are a team's: that their key is missing blocks the pass."""
    story.to_be_kept(story.context(DATABASE_URL=""))
    ran = command("once", "--json", **NOTHING)

    assert ran.code == 1
    assert "there is no key for NanoGPT here" in str(ran.json["blocked"])


def test_whoever_asks_for_the_demo_gets_it(story: Story, command: Command) -> None:
    assert command("once", "--demo", **NOTHING).code == 0
    assert command("status", **NOTHING).code == 0


# --- dry runs ---------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def library(story: Story, request: pytest.FixtureRequest) -> Context:
    """Voices that are kept and to be kept, orders, and an export of them all."""
    address = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        address = server.new_database()
    context = story.context(database=address)
    story.kept(context, "qwen")
    story.to_be_kept(context)
    keeper.one_pass(context)
    cloning.clone(context, clone_request(seed=7))
    return context


@pytest.mark.parametrize(
    "fields",
    mostly_slow(
        [["once"], ["rebuild"], ["verify"], ["import", "library.zip"]],
        ["once"], ["import", "library.zip"],
    ),
)  # fmt: skip
def test_a_dry_run_with_a_new_key_writes_no_row_and_no_file(
    story: Story,
    library: Context,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fields: list[str],
) -> None:
    command = Command(library, story.folder, monkeypatch, capsys)
    command("export", "library.zip")
    before = everything(library.registry), _files(story.folder)
    ran = command(*fields, "--dry-run", "--json", NANOGPT_API_KEY="sk-nano-never-seen")

    assert ran.code in (0, 1)
    assert ran.out
    assert (everything(library.registry), _files(story.folder)) == before


def test_a_dry_run_leaves_a_database_of_an_earlier_version_as_it_is(
    library: Context,
    story: Story,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with library.registry.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    ran = Command(library, story.folder, monkeypatch, capsys)("once", "--dry-run")

    assert ran.code == 2
    assert ran.err.startswith("The database")
    assert not library.registry.database.is_current()


def test_a_pass_writes_a_new_key_down(story: Story, context: Context) -> None:
    with closing(Registry(story.database)) as registry:
        standpoint_of(context).account("nanogpt")
        assert registry.accounts.all() == []
        keeper.one_pass(context)
        assert [item.id for item in registry.accounts.all()] == [
            standpoint_of(context).account("nanogpt")
        ]


def _files(folder: Path) -> dict[str, bytes]:
    """All files but what SQLite keeps beside a database that is open."""
    beside = ("-wal", "-shm")
    found = [path for path in folder.rglob("*") if not path.name.endswith(beside)]
    return {str(path): path.read_bytes() for path in found if path.is_file()}
