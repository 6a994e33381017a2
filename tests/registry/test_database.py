"""Addresses, migrations, and a database that cannot be used."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, event, insert, inspect, select, table, text
from sqlalchemy.exc import IntegrityError, StatementError

from lib.event_kinds import EventKind
from lib.models import ErrorKind, Inquiry, JobState, LongText, TextState
from lib.registry import DatabaseUnavailable, Registry, database, schema
from lib.registry.database import Database
from lib.registry.schema import columns_of
from lib.registry.troubles import Trouble
from lib.registry.wording import TROUBLES
from tests.parts.clock import START
from tests.parts.postgres import PostgresServer
from tests.parts.processes import free_port, held_open
from tests.registry.records import a_voice, everything

MIGRATIONS = database.MIGRATIONS
only_sqlite = pytest.mark.parametrize("address", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("address", ["postgresql"], indirect=True)

OPENER = """
import sys
from lib.registry import Registry
print("READY", flush=True)
address = sys.stdin.readline().strip()
Registry(address).close()
"""


def told(problem: BaseException) -> str:
    """All that a log or a page could show of it."""
    assert problem.__cause__ is None
    return "".join(traceback.format_exception(problem))


def test_migrations_lead_from_nothing_to_the_schema(empty_address: str) -> None:
    registry = Registry(empty_address)
    # Alembic takes SQLite's '' for another default than "".
    options = {"compare_type": True, "compare_server_default": not registry.database.is_sqlite}
    with registry.database.read() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
        tables = set(inspect(connection).get_table_names())
    assert tables == {*schema.metadata.tables, "alembic_version"}
    registry.close()


def test_events_of_before_get_a_name_each(empty_address: str) -> None:
    database = Database(empty_address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for number in range(3):
            connection.execute(
                text("INSERT INTO events (at, what) VALUES (:at, :what)"),
                {"at": START.replace(tzinfo=None).isoformat(" "), "what": f"{number}"},
            )
    database.close()
    registry = Registry(empty_address)
    lines = registry.events.unsaved(10, without="")
    assert [line.what for line in lines] == ["0", "1", "2"]
    assert len({line.uid for line in lines if len(line.uid) == 32}) == 3
    registry.close()


KINDS_OF_BEFORE = {
    # who, what, whether it is about an order
    ("Ada", "archived it", ""): EventKind.CHANGED,
    ("Ada", "renamed it from “Al”", ""): EventKind.CHANGED,
    ("Ada", "changed its tags to a, b", ""): EventKind.CHANGED,
    ("Ada", "made it from the recording of “Al”", ""): EventKind.CHANGED,
    ("Ada", "adopted it", ""): EventKind.ADOPTED,
    ("Ada", "listened: another voice", ""): EventKind.LISTENED,
    ("Ada", "calls the account “Kyma” “Ours” from now on", ""): EventKind.ACCOUNT,
    ("Ada", "said that the new key is one of “Ours”", ""): EventKind.ACCOUNT,
    ("Ada", "set aside voice-1, which cannot be read", ""): EventKind.STORAGE,
    ("Ada", "left files behind", ""): EventKind.STORAGE,
    ("Ada", "did something else", ""): EventKind.OTHER,
    ("Ada", "ordered: clone", "job-1"): EventKind.ORDERED,
    ("Voicekeep", "ordered: activation", "job-1"): EventKind.ORDERED,
    ("Ada", "ordered: speech in 3 parts", "job-1"): EventKind.ORDERED,
    ("Ada", "ordered again", "job-1"): EventKind.DECIDED,
    ("Ada", "failed: Withdrawn before it was sent.", "job-1"): EventKind.DECIDED,
    ("Ada", "to be joined again", "job-1"): EventKind.DECIDED,
    ("Ada", "deleted a take", "job-1"): EventKind.DELETED,
    ("Ada", "adopted it", "job-1"): EventKind.OTHER,
    ("", "failed: The service refused it.", "job-1"): EventKind.OTHER,
    ("", "sent", "job-1"): EventKind.OTHER,
}


def test_events_of_before_get_a_kind_where_it_is_certain(empty_address: str) -> None:
    database = Database(empty_address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        for number, (person, what, job_id) in enumerate(KINDS_OF_BEFORE):
            connection.execute(
                text(
                    "INSERT INTO events (at, person, what, job_id, uid)"
                    " VALUES (:at, :person, :what, :job_id, :uid)"
                ),
                {
                    "at": START.replace(tzinfo=None).isoformat(" "),
                    "person": person, "what": what, "job_id": job_id, "uid": f"{number}",
                },
            )  # fmt: skip
    database.close()
    registry = Registry(empty_address)
    lines = registry.events.unsaved(100, without="")
    assert {(line.person, line.what, line.job_id): line.kind for line in lines} == KINDS_OF_BEFORE
    registry.close()


def test_reasons_of_before_are_read_from_their_sentences_once(empty_address: str) -> None:
    """What the version before told in words alone is decided in the same way as then."""
    answers = {
        "queued": ("confirmed", "In line: Kyma does one thing at a time.", "", "queue"),
        "untold": ("confirmed", "", "", ""),
        "held-up": ("confirmed", "The vault is full.", "", "trouble"),
        "named": ("confirmed", "In line: says the vault.", "storage", "storage"),
        "elsewhere": (
            "waiting", "The sound is on the disk of another keeper, which brings it home.", "",
            "other_disk",
        ),
        "taken": ("waiting", "The service took the order.", "", ""),
    }  # fmt: skip
    errors = {
        "unsent": ("Withdrawn before it was sent. Nothing was spent.", True),
        "refused": ("Kyma could not be reached. Nothing was sent and nothing was charged.", True),
        "unmade": ("The recording of this order is not in the vault.", False),
    }
    withdrawn = {
        "other-key": ("It was used by another account's key.", "other_account"),
        "refund": ("The service took this speech back.", ""),
    }
    jobs = [
        {"id": name, "state": state, "last_answer": said, "answer_kind": kind, "error": ""}
        for name, (state, said, kind, _) in answers.items()
    ] + [
        {"id": name, "state": "failed", "last_answer": "", "answer_kind": "", "error": error}
        for name, (error, _) in errors.items()
    ]
    database = Database(empty_address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    at = START.replace(tzinfo=None).isoformat(" ")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        for job in jobs:
            connection.execute(
                text(
                    "INSERT INTO jobs (id, voice_id, kind, state, order_key, created_at, request,"
                    " estimate, ticket, result, last_answer, answer_kind, error) VALUES"
                    " (:id, 'voice-1', 'clone', :state, :id, :at, '{}', 0, '{}', '{}',"
                    " :last_answer, :answer_kind, :error)"
                ),
                {**job, "at": at},
            )
        for name, (why, _) in withdrawn.items():
            connection.execute(
                text(
                    "INSERT INTO evidence (id, voice_id, kind, at, withdrawn_why) VALUES"
                    " (:id, 'voice-1', 'activation', :at, :why)"
                ),
                {"id": name, "at": at, "why": why},
            )
    database.close()
    registry = Registry(empty_address)
    with registry.database.read() as connection:
        rows = {row.id: row for row in connection.execute(select(schema.jobs))}
        seen = {row.id: row.withdrawn_kind for row in connection.execute(select(schema.evidence))}
    assert {name: rows[name].answer_kind for name in answers} == {
        name: told[-1] for name, told in answers.items()
    }
    assert {name: rows[name].error_tells_cost for name in errors} == {
        name: told for name, (_, told) in errors.items()
    }
    assert seen == {name: kind for name, (_, kind) in withdrawn.items()}
    registry.close()


def test_rows_of_before_say_what_is_done_about_them_and_why_a_file_waits(
    empty_address: str,
) -> None:
    ticket, sound, none = '{"run_id": "run-1"}', '{"audio_url": "x"}', "{}"
    at = START.replace(tzinfo=None).isoformat(" ")
    orders = {
        # state, ticket, result, to be looked at, the balance afterwards
        "let-go": ("unknown", ticket, none, at, None, Inquiry.ASKING),
        "finished": ("unknown", none, sound, at, 7, Inquiry.ASKING),
        "lost": ("unknown", none, none, at, None, Inquiry.COMPARING),
        "lost-and-seen": ("unknown", none, none, at, 7, Inquiry.COMPARING),
        "compared": ("unknown", none, none, None, 7, Inquiry.COMPARED),
        "forgotten": ("unknown", ticket, none, None, 7, Inquiry.GIVEN_UP),
        "read-back": ("unknown", none, none, None, None, Inquiry.GIVEN_UP),
        "under-way": ("waiting", ticket, none, at, None, Inquiry.NONE),
        "looked-at": ("failed", ticket, none, at, None, Inquiry.NONE),
    }
    database = Database(empty_address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for name, (state, told, result, next_at, balance, _) in orders.items():
            connection.execute(
                text(
                    "INSERT INTO jobs (id, voice_id, kind, state, order_key, created_at, request,"
                    " estimate, ticket, result, next_check_at, balance_after) VALUES"
                    " (:id, 'voice-1', 'clone', :state, :id, :at, '{}', 0, :ticket, :result,"
                    " :next_at, :balance)"
                ),
                {
                    "id": name, "state": state, "at": at, "ticket": told, "result": result,
                    "next_at": next_at, "balance": balance,
                },
            )  # fmt: skip
        for name, error in (("held-up", "The bucket is full."), ("fine", "")):
            connection.execute(
                text(
                    "INSERT INTO voices (id, kind, source, created_at, id_made_here, tags,"
                    " keep_policy, copy_error) VALUES"
                    " (:id, 'qwen', 'cloned', :at, false, '[]', 'ask', :error)"
                ),
                {"id": name, "at": at, "error": error},
            )
    database.close()
    registry = Registry(empty_address)
    kinds = {item.voice.id: item.voice.copy_error_kind for item in registry.voices.dossiers()}
    assert kinds == {"held-up": ErrorKind.TROUBLE, "fine": ErrorKind.NONE}
    found = {name: registry.jobs.get(name) for name in orders}
    assert {name: job.inquiry for name, job in found.items() if job} == {
        name: order[-1] for name, order in orders.items()
    }
    registry.close()


def put_jobs_of_before(database: Database, *rows: dict[str, Any]) -> None:
    """Orders as the version before long texts were records of their own stored them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    at = START.replace(tzinfo=None).isoformat(" ")
    plain: dict[str, Any] = {
        "voice_id": "voice-1", "kind": "speech", "state": "done", "service": "nanogpt",
        "created_at": at, "person": "Ada", "estimate": 0, "ticket": "{}", "result": "{}",
        "attempts": 0, "error": "", "last_answer": "", "revision": 1, "saved_revision": 1,
        "next_check_at": None, "finished_at": None, "charged": None, "reading": "",
        "order_key": "", "lease_owner": "", "lease_until": None,
    }  # fmt: skip
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for row in rows:
            values = plain | {"order_key": row["id"]} | row
            values["request"] = json.dumps(row["request"])
            connection.execute(insert(table("jobs", *map(column, values))).values(values))
        for name in ("joined", "joined-001", "joined-002", "short"):
            connection.execute(
                text(
                    "INSERT INTO takes (id, voice_id, text, created_at, settings, seconds)"
                    " VALUES (:id, 'voice-1', 'Said.', :at, '{}', 1.0)"
                ),
                {"id": name, "at": at},
            )
            connection.execute(
                text("INSERT INTO events (at, what, job_id, uid) VALUES (:at, 'done', :id, :id)"),
                {"id": name, "at": at},
            )


def test_long_texts_of_before_become_records_of_their_own(empty_address: str) -> None:
    asked = {"model": "m", "settings": {"speed": 1.2}, "speed": 1.2, "voice_id": "V1", "parts": 2}
    at = START.replace(tzinfo=None).isoformat(" ")

    def part(number: int, of: str = "", **more: Any) -> dict[str, Any]:
        request = asked | {"text": f"Part {number}.", "part": number}
        return {"id": f"{of}-{number:03d}", "reading": of, "request": request} | more

    database = Database(empty_address)
    put_jobs_of_before(
        database,
        {"id": "joined", "reading": "joined", "request": asked | {"text": "All."},
         "finished_at": at, "revision": 4, "saved_revision": 3, "last_answer": "Done."},
        part(1, "joined", charged=90), part(2, "joined", charged=80),
        {"id": "begun", "reading": "begun", "request": asked | {"text": "More."},
         "state": "waiting", "next_check_at": at, "attempts": 2, "last_answer": "Not yet.",
         "order_key": "a key", "lease_owner": "me", "lease_until": at},
        part(1, "begun", state="unknown", estimate=70),
        part(2, "begun", state="confirmed", estimate=60, lease_owner="me"),
        {**part(2, "begun", state="done"), "id": "begun-002-abcdef"},
        {"id": "stuck", "reading": "stuck", "request": asked | {"text": "Less."},
         "state": "failed", "error": "Part 1 of 2 is missing.", "finished_at": at},
        {"id": "deleted", "request": asked, "result": '{"deleted": {"vault": "v", "key": "k"}}'},
        {**part(1, "deleted", charged=50), "reading": "", "request": asked | {"part": 1}},
        part(1, "elsewhere", charged=40),
        {"id": "short", "request": {"text": "Short.", "model": "m"}, "charged": 30},
        {"id": "clone", "kind": "clone", "request": {"name": "Ann"}, "charged": 20},
    )  # fmt: skip
    database.close()
    registry = Registry(empty_address)

    def the(text_id: str) -> LongText:
        found = registry.long_texts.get(text_id)
        assert found is not None
        return found

    assert the("joined") == LongText(
        "joined", "voice-1", TextState.DONE, "joined", "nanogpt", START, "Ada", "All.", "m",
        {"speed": 1.2}, 2, START, last_answer="Done.", revision=4, saved_revision=3,
    )  # fmt: skip
    begun = the("begun")
    assert (begun.state, begun.order_key, begun.attempts) == (TextState.WAITING, "a key", 2)
    assert (begun.lease_owner, begun.lease_until, begun.next_check_at) == ("me", START, START)
    assert (the("stuck").state, the("stuck").error) == (
        TextState.FAILED, "Part 1 of 2 is missing.",
    )  # fmt: skip
    assert (the("deleted").text, the("deleted").deleted) == ("", {"vault": "v", "key": "k"})

    jobs = {job.id: job for job in registry.jobs.latest(services=["nanogpt", ""])}
    assert not jobs.keys() & {"joined", "begun", "stuck", "deleted"}
    of = {name: (job.long_text_id, job.part) for name, job in jobs.items() if job.part}
    assert of == {
        "joined-001": ("joined", 1), "joined-002": ("joined", 2), "begun-001": ("begun", 1),
        "begun-002": ("begun", 2), "begun-002-abcdef": ("begun", 2), "deleted-001": ("deleted", 1),
        "elsewhere-001": ("elsewhere", 1),
    }  # fmt: skip
    assert jobs["begun-001"].request == {
        "model": "m", "settings": {"speed": 1.2}, "speed": 1.2, "voice_id": "V1", "text": "Part 1.",
    }  # fmt: skip
    assert jobs["short"].request == {"text": "Short.", "model": "m"}
    assert (jobs["begun-001"].state, jobs["begun-002"].lease_owner) == (JobState.UNKNOWN, "me")
    sums = registry.long_texts.sums(["joined", "begun", "stuck", "deleted"])
    assert {name: known.cost.micros for name, known in sums.items()} == {
        "joined": 170,
        "begun": 130,
        "deleted": 50,
    }
    assert sum(job.cost.micros for job in jobs.values()) == 170 + 130 + 50 + 40 + 30 + 20
    assert registry.long_texts.takes_of("joined").keys() == {"joined", "joined-001", "joined-002"}
    assert [line.job_id for line in registry.events.unsaved(9, without="")] == [
        "joined", "joined-001", "joined-002", "short",
    ]  # fmt: skip
    registry.close()


def test_a_long_text_of_before_from_a_strange_story_stops_no_start(empty_address: str) -> None:
    odd: dict[str, Any] = {"text": None, "model": "m" * 300, "settings": "fast", "parts": 10**13}
    database = Database(empty_address)
    put_jobs_of_before(
        database,
        {"id": "odd", "reading": "odd", "request": odd, "result": '{"deleted": "yes"}'},
        {"id": "odd-001", "reading": "odd", "request": {"text": "Part.", "part": 10**13}},
    )
    database.close()
    registry = Registry(empty_address)
    found, parts = registry.long_texts.get("odd"), registry.long_texts.parts("odd")
    assert found is not None
    assert (found.text, found.model, found.settings) == ("", "m" * 255, {})
    assert (found.parts, found.deleted, [job.part for job in parts]) == (0, {}, [0])
    registry.close()


def test_the_partial_indexes_are_partial(registry: Registry) -> None:
    with registry.database.read() as connection:
        indexes = {item["name"]: item for item in inspect(connection).get_indexes("jobs")}
    for name in ("one_open_order", "one_open_activation"):
        assert indexes[name]["unique"]
        assert any("where" in option for option in indexes[name]["dialect_options"])


def test_migrating_again_changes_nothing(registry: Registry, address: str) -> None:
    with registry.database.write() as connection:
        connection.execute(insert(schema.voices).values(columns_of(a_voice())))
    before = everything(registry)
    registry.database.migrate()
    Registry(address).close()
    assert everything(registry) == before


def test_the_newest_version_is_known_by_the_names_of_files() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert database.newest_version() == ScriptDirectory.from_config(config).get_current_head()


def test_a_library_of_this_version_is_opened_without_what_only_others_need(
    tmp_path: Path,
) -> None:
    address = f"sqlite:///{tmp_path / 'library.db'}"
    Registry(address).close()
    program = f"import sys; from lib.registry import Registry; Registry({address!r}); "
    loaded = "print({'alembic', 'psycopg'} & sys.modules.keys())"
    command = [sys.executable, "-c", program + loaded]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_threads_may_migrate_at_once(empty_address: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(Registry, [empty_address] * 6))
    assert all(registry.voices.dossiers() == [] for registry in found)
    for registry in found:
        registry.close()


def test_different_databases_may_be_migrated_at_once(tmp_path: Path) -> None:
    addresses = [f"sqlite:///{tmp_path / str(number)}.db" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(Registry, addresses))
    assert all(registry.voices.dossiers() == [] for registry in found)
    for registry in found:
        registry.close()


def test_processes_may_migrate_at_once(empty_address: str) -> None:
    command = [sys.executable, "-c", OPENER]
    pipe = subprocess.PIPE
    openers = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)
    ]
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "READY\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write(f"{empty_address}\n")
        opener.stdin.flush()
    for opener in openers:
        _, trouble = opener.communicate(timeout=60)
        assert (opener.returncode, trouble) == (0, "")


def test_a_database_of_a_later_version_is_told(empty_address: str) -> None:
    registry = Registry(empty_address)
    with registry.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="another version of Voicekeep"):
        registry.database.migrate()
    registry.close()


def test_migrating_leaves_the_programs_logging_alone(empty_address: str) -> None:
    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    Registry(empty_address).close()
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before


@pytest.mark.parametrize(
    "start", ["postgres://", "postgresql://", "postgresql+psycopg2://", "postgresql+asyncpg://"]
)
def test_any_way_to_write_a_postgresql_address_works(postgres_address: str, start: str) -> None:
    address = start + postgres_address.removeprefix("postgresql://")
    base = Database(address)
    with base.read() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    base.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "secret",
        "mysql://user:secret@db.example/x",
        "http://user:secret@db.example/x",
        "postgresql://user:secret@db.example:port/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_names_no_database_is_told_without_it(address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL") as caught:
        Registry(address)
    shown = str(caught.value)
    assert "secret" not in shown
    assert "db.example" not in shown


def test_a_database_that_is_not_there_is_told_without_its_address() -> None:
    port = free_port()
    address = f"postgresql://user:secret@127.0.0.1:{port}/x"
    with pytest.raises(DatabaseUnavailable) as caught:
        Registry(address)
    for hidden in ("secret", "127.0.0.1", str(port)):
        assert hidden not in told(caught.value)


@pytest.mark.parametrize("change", ["password", "name", "option"])
def test_an_address_that_the_server_refuses_is_told_without_it(
    postgres_server: PostgresServer, change: str
) -> None:
    right = postgres_server.url
    address = {
        "password": right.replace(postgres_server.password, "secret"),
        "name": f"{right}-secret",
        "option": f"{right}?secret=1",
    }[change]
    with pytest.raises(DatabaseUnavailable) as caught:
        Registry(address)
    shown = told(caught.value)
    for hidden in ("secret", postgres_server.password, str(postgres_server.port)):
        assert hidden not in shown


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "recording.mp3"
    path.write_bytes(b"ID3" + bytes(range(256)) * 40)
    with pytest.raises(DatabaseUnavailable) as caught:
        Registry(f"sqlite:///{path}")
    assert "recording.mp3" not in told(caught.value)
    assert path.read_bytes()[:3] == b"ID3"
    assert held_open(tmp_path) == []


def test_a_database_of_another_version_is_not_kept_open(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'newer.db'}"
    registry = Registry(address)
    with registry.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    registry.close()
    with pytest.raises(DatabaseUnavailable, match="another version"):
        Registry(address)
    assert held_open(tmp_path) == []


def test_what_is_at_work_when_the_database_is_closed_ends_it_and_leaves_nothing_open(
    address: str,
) -> None:
    opened = Database(address)
    connections: list[int] = []
    event.listen(opened.engine, "connect", lambda made, _: connections.append(id(made)))
    event.listen(opened.engine, "close", lambda gone, _: connections.remove(id(gone)))

    with opened.read() as reading:
        assert reading.scalar(text("SELECT 1")) == 1
        opened.close()
        with opened.write() as writing:
            assert writing.scalar(text("SELECT 2")) == 2
            assert len(connections) == 2
        assert reading.scalar(text("SELECT 3")) == 3
    assert connections == []


def test_a_place_where_no_file_can_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "voicekeep.db"):
        with pytest.raises(DatabaseUnavailable) as caught:
            Registry(f"sqlite:///{place}")
        assert tmp_path.name not in told(caught.value)


@only_sqlite
def test_a_locked_file_is_told(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    hasty = Database(f"sqlite:///{registry.database.url.database}")
    with registry.database.write(), pytest.raises(DatabaseUnavailable), hasty.write():
        pass
    hasty.close()


@only_sqlite
def test_writers_of_a_process_take_turns_and_are_told_when_theirs_never_comes(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            pool.submit(registry.notes.write, f"note {number}", {}, START)
    assert len(registry.notes.all()) == 40
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    write = registry.database.write
    with write(), pytest.raises(DatabaseUnavailable, match=TROUBLES[Trouble.BUSY]), write():
        pass
    with write():  # the turn was given back
        pass


def test_reading_goes_on_while_somebody_writes(registry: Registry) -> None:
    with registry.database.write() as connection:
        connection.execute(insert(schema.voices).values(columns_of(a_voice())))
        assert registry.voices.dossiers() == []
    assert len(registry.voices.dossiers()) == 1


@only_postgresql
def test_a_connection_that_breaks_is_told_and_replaced(registry: Registry) -> None:
    url = registry.database.url.set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)

    def write_and_break() -> None:
        with registry.database.write() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            with psycopg.connect(address, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            connection.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable) as caught:
        write_and_break()
    assert str(url.password) not in told(caught.value)
    assert registry.voices.dossiers() == []


@only_postgresql
@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone knows of it")
def test_a_server_that_vanishes_is_given_up_within_a_minute(registry: Registry) -> None:
    with registry.database.read() as connection:
        driven = connection.connection.driver_connection
        assert driven is not None
        with socket.socket(fileno=os.dup(driven.fileno())) as line:
            sent = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
            idle, pause, probes = (
                line.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert 0 < sent < 60
    assert idle + pause * probes < 60


def test_a_write_that_fails_leaves_nothing(registry: Registry) -> None:
    before = everything(registry)

    def write_and_fail() -> None:
        with registry.database.write() as connection:
            connection.execute(insert(schema.voices).values(columns_of(a_voice())))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_and_fail()
    assert everything(registry) == before


def test_no_value_shows_when_a_statement_fails(registry: Registry) -> None:
    voice = columns_of(a_voice(embedding_url="https://signed.example/?token=secret"))
    with pytest.raises(IntegrityError) as caught, registry.database.write() as connection:
        connection.execute(insert(schema.voices).values(voice | {"name": None}))
    assert "[SQL parameters hidden due to hide_parameters=True]" in str(caught.value)


def test_a_time_without_its_zone_is_refused(registry: Registry) -> None:
    naive = START.replace(tzinfo=None)
    voice = columns_of(a_voice(created_at=naive))
    with pytest.raises(StatementError), registry.database.write() as connection:
        connection.execute(insert(schema.voices).values(voice))


@only_sqlite
def test_a_committed_order_survives_a_power_cut(registry: Registry) -> None:
    with registry.database.read() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
