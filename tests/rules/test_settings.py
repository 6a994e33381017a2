"""Where settings come from, which one wins, and what happens to those that cannot be used."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from lib.models import KeepPolicy, Money
from lib.services import DEMO, NANOGPT, SERVICES
from lib.setting_problems import ProblemKind, describe
from lib.settings import BadSettings, Door, Settings, fingerprint, load
from lib.team import EXAMPLE_PASSPHRASE, PassphraseFault, Team

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sk-very-secret-0123456789"


def folder_with(place: Path, toml: str | bytes) -> Path:
    (place / ".streamlit").mkdir(parents=True)
    data = toml if isinstance(toml, bytes) else toml.encode()
    (place / ".streamlit" / "secrets.toml").write_bytes(data)
    return place


def pasted(toml: str) -> Settings:
    return load({"VOICEKEEP_SECRETS": toml})


def team(lines: str) -> Team:
    return pasted(f"[team]\n{lines}").team


def test_nothing_is_required() -> None:
    settings = load({})
    assert settings.values == {}
    assert settings.team == Team()
    assert settings.is_pure_demo
    assert settings.services == (DEMO,)


@pytest.mark.parametrize("winner", range(4))
def test_the_first_place_that_sets_a_name_wins(tmp_path: Path, winner: int) -> None:
    lines = ["" if place < winner else f'VAULT_URL = "{place}"' for place in range(4)]
    environment = {"VOICEKEEP_SECRETS": lines[1], "UNRELATED": "x"}
    if winner == 0:
        environment["VAULT_URL"] = "0"
    folders = [
        folder_with(tmp_path / "project", lines[2]),
        folder_with(tmp_path / "home", lines[3]),
    ]
    settings = load(environment, folders)
    assert settings.get("VAULT_URL") == str(winner)
    places = ("environment", "VOICEKEEP_SECRETS", "secrets.toml", "secrets.toml")
    assert settings.origins == {"VAULT_URL": places[winner]}


def test_each_name_is_looked_for_by_itself(tmp_path: Path) -> None:
    home = folder_with(tmp_path, 'APP_URL = "https://home"\nVAULT_URL = "s3://home"')
    settings = load({"APP_URL": "https://here"}, [home])
    assert settings.get("APP_URL") == "https://here"
    assert settings.get("VAULT_URL") == "s3://home"


def test_an_empty_text_means_not_set(tmp_path: Path) -> None:
    home = folder_with(tmp_path, 'VAULT_URL = "s3://home"\n[team]\npassphrase = "open to the team"')
    above = 'VAULT_URL = " "\n[team]\npassphrase = ""'
    settings = load({"VAULT_URL": "", "VOICEKEEP_SECRETS": above}, [home])
    assert settings.get("VAULT_URL") == "s3://home"
    assert settings.team.passphrase == "open to the team"
    assert settings.origins["team.passphrase"] == "secrets.toml"
    assert load({"VAULT_URL": "", "NANOGPT_API_KEY": ""}).is_pure_demo


def test_the_team_is_put_together_name_by_name(tmp_path: Path) -> None:
    home = folder_with(tmp_path, '[team]\ntrust_host = true\nkeep_policy = "ask"')
    settings = load({"VOICEKEEP_SECRETS": '[team]\nkeep_policy = "at_once"'}, [home])
    assert settings.team == Team(trust_host=True, keep_policy=KeepPolicy.AT_ONCE)


def test_missing_files_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load({}, [tmp_path / "a", tmp_path / "file"])
    assert (settings.values, settings.problems) == ({}, ())


def test_values_may_be_numbers_and_lists() -> None:
    settings = pasted('DEMO = 1\nDEMO_SPEED = 2.5\nNOTIFY_URLS = ["mailto://a ", "json://b"]')
    assert settings.shows_demo
    assert settings.demo_speed == 2.5
    assert settings.get("NOTIFY_URLS") == "mailto://a\njson://b"


@pytest.mark.parametrize(("word", "shown"), [("true", True), ("false", False)])
def test_toml_may_switch_the_demo_with_true_and_false(word: str, shown: bool) -> None:
    assert pasted(f'VAULT_URL = "s3://b"\nDEMO = {word}').shows_demo is shown


@pytest.mark.parametrize(
    "toml",
    [
        f'NANOGPT_API_KEY = "{SECRET}',
        f"NANOGPT_API_KEY = {SECRET}",
        f'"{SECRET}" = 1\n"{SECRET}" = 2',
        f"[{SECRET}",
        f"x = {'[' * 3000}\n# {SECRET}",
        f"x = {'9' * 5000}\n# {SECRET}",
    ],
    ids=["open quote", "no quotes", "twice", "open bracket", "deep", "huge number"],
)
def test_bad_toml_is_told_without_its_text(tmp_path: Path, toml: str) -> None:
    for loading in (
        lambda: pasted(toml),
        lambda: load({}, [folder_with(tmp_path, toml)]),
    ):
        with pytest.raises(BadSettings, match=r"is not valid TOML\.") as caught:
            loading()
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="not readable text"):
        load({}, [folder_with(tmp_path, b"\xff\xfe\x00")])


@pytest.mark.parametrize(
    "line",
    [
        'monthly_budget_usd = "{}"',
        "monthly_budget_usd = nan",
        "monthly_budget_usd = inf",
        "monthly_budget_usd = -1",
        'monthly_budget_usd = "1e999999"',
        "monthly_budget_usd = true",
        'keep_policy = "{}"',
        'keep_policy = ["{}"]',
        'refresh_days = "{}"',
        "refresh_days = inf",
        "refresh_days = -6",
        "refresh_days = 99999",
        "members = 7",
        "members = [7]",
        'admins = {{ name = "{}" }}',
    ],
)
def test_a_bad_value_of_the_team_is_told_without_the_value(line: str) -> None:
    with pytest.raises(BadSettings, match=r"under \[team\] in \w+ cannot be used") as caught:
        team(line.format(SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ('monthly_budget_usd = "{}"', Team(monthly_budget=Money(0))),
        ('member_budget_usd = "lots"', Team(member_budget=Money(0))),
        ('keep_policy = "{}"', Team()),
        ('refresh_days = "{}"', Team()),
        ("members = 7", Team()),
    ],
)
def test_a_bad_value_beside_a_live_key_is_a_warning_and_the_strictest_holds(
    line: str, instead: Team
) -> None:
    settings = pasted(f'NANOGPT_API_KEY = "k"\n[team]\n{line.format(SECRET)}')
    (problem,) = (item for item in settings.problems if not item.is_understood)
    assert settings.team == instead
    assert problem.kind is ProblemKind.UNUSABLE
    assert line.partition(" ")[0] in describe(problem)
    assert SECRET not in describe(problem)


def test_a_team_is_read_in_full() -> None:
    lines = """
        members = [" Ann@Example.org", "*@Example.net", ""]
        admins = "boss@example.org, Deputy@example.org"
        passphrase = "a long phrase"
        trust_host = true
        monthly_budget_usd = 12.5
        member_budget_usd = 2.5
        monthly_keeping_usd = 3
        keep_policy = "before_deadline"
        refresh_days = 6
    """
    assert team(lines) == Team(
        passphrase="a long phrase",
        trust_host=True,
        members=("ann@example.org", "*@example.net"),
        admins=("boss@example.org", "deputy@example.org"),
        monthly_budget=Money.usd("12.5"),
        member_budget=Money.usd("2.5"),
        monthly_keeping=Money.usd(3),
        keep_policy=KeepPolicy.BEFORE_DEADLINE,
        refresh_days=6,
    )


@pytest.mark.parametrize(
    ("passphrase", "fault"),
    [
        ('"short"', PassphraseFault.SHORT),
        ('" "', PassphraseFault.SHORT),
        ('"eleven char"', PassphraseFault.SHORT),
        ('"  eleven char  "', PassphraseFault.SHORT),
        ('"twelve chars"', None),
        ('"密码密码密码密码密码密码"', None),
        ('"می‌خواهم بنویسم"', None),
        ("12345678901", PassphraseFault.SHORT),
        ("123456789012", None),
        (f'"{EXAMPLE_PASSPHRASE}"', PassphraseFault.EXAMPLE),
        (f'" {EXAMPLE_PASSPHRASE.capitalize()} "', PassphraseFault.EXAMPLE),
        ('"choose your own"', PassphraseFault.EXAMPLE),
        ("true", PassphraseFault.NOT_TEXT),
        ("1234567890.25", PassphraseFault.NOT_TEXT),
        ('["a word or more"]', PassphraseFault.NOT_TEXT),
        (r'"two lines\nof text"', PassphraseFault.NOT_TEXT),
    ],
)
def test_what_is_wrong_with_a_passphrase_is_known_and_stops_nothing_else(
    passphrase: str, fault: PassphraseFault | None
) -> None:
    found = team(f"passphrase = {passphrase}\nmonthly_budget_usd = 5")
    assert found.passphrase_fault is fault
    assert bool(found.passphrase) is (fault is None)
    assert found.monthly_budget == Money.usd(5)


def test_no_passphrase_has_no_fault() -> None:
    for lines in ("", 'passphrase = ""'):
        assert team(lines) == Team()


def test_half_a_sign_from_an_odd_environment_is_no_passphrase() -> None:
    fault = team('passphrase = "half a sign \udc80 here"').passphrase_fault
    assert fault is PassphraseFault.NOT_TEXT


@pytest.mark.parametrize("budget", ["0", '"0.10"', "20"])
def test_a_budget_may_be_nothing_at_all(budget: str) -> None:
    assert team(f"monthly_budget_usd = {budget}").monthly_budget == Money.usd(budget.strip('"'))
    assert team(f"monthly_keeping_usd = {budget}").monthly_keeping == Money.usd(budget.strip('"'))
    assert team(f"member_budget_usd = {budget}").member_budget == Money.usd(budget.strip('"'))
    assert team("").monthly_budget is team("").monthly_keeping is team("").member_budget is None


@pytest.mark.parametrize("value", ['"true"', "1", '"yes"', "false"])
def test_the_host_is_trusted_only_by_a_plain_true(value: str) -> None:
    assert team(f"trust_host = {value}").trust_host is False


@pytest.mark.parametrize(
    "name",
    ["NANOGPT_API_KEY", "NANOGPT_SESSION_COOKIE", "KYMA_API_KEY", "DATABASE_URL", "VAULT_URL"],
)
def test_anything_of_a_team_ends_the_pure_demo(name: str) -> None:
    settings = load({name: "x"})
    assert not settings.is_pure_demo
    assert not settings.shows_demo
    assert load({name: "x", "DEMO": "1"}).shows_demo
    assert not load({name: "x", "DEMO": "0"}).shows_demo


@pytest.mark.parametrize(
    "toml",
    [
        'NOTIFY_URLS = "json://somewhere"',
        'KEEPER_PING_URL = "https://monitor.example"',
        'AWS_ACCESS_KEY_ID = "a"',
        '[team]\npassphrase = "correct horse battery"',
        '[team]\nmembers = ["ada@example.org"]',
        "[team]\nmonthly_budget_usd = 5",
    ],
)
def test_what_could_be_somebodys_shuts_the_door_and_leaves_the_demo(toml: str) -> None:
    settings = pasted(toml)
    assert not settings.is_pure_demo
    assert settings.shows_demo


def test_a_new_services_key_shuts_the_door_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the service's own data tells that its settings are somebody's."""
    acme = replace(
        SERVICES[NANOGPT],
        id="acme",
        key_setting="ACME_API_KEY",
        base_url_setting="ACME_BASE_URL",
        cookie_setting="ACME_COOKIE",
    )
    assert load({"ACME_API_KEY": "x"}).is_pure_demo
    monkeypatch.setitem(SERVICES, "acme", acme)
    for name, live in (("ACME_API_KEY", ("acme",)), ("ACME_COOKIE", ())):
        settings = load({name: "x"})
        assert settings.live_services == live
        assert not settings.is_pure_demo
        assert not settings.shows_demo
    assert load({"ACME_APIKEY": "x", "ACME_API_KEY": "x"}).problems[0].nearest == "ACME_API_KEY"


def test_harmless_settings_leave_the_demo_pure() -> None:
    assert load({"APP_URL": "https://a", "AWS_REGION": "auto", "DEMO_SPEED": "9"}).is_pure_demo


def test_a_key_makes_its_service_live() -> None:
    live = load({"NANOGPT_API_KEY": SECRET})
    assert live.live_services == live.services == (NANOGPT,)
    both = load({"NANOGPT_API_KEY": SECRET, "DEMO": "1"})
    assert both.services == (NANOGPT, DEMO)
    assert load({"DATABASE_URL": "sqlite:///a.db"}).services == ()


@pytest.mark.parametrize(
    ("given", "speed"),
    [
        ("", 1.0),
        ("1", 1.0),
        ("3600", 3600.0),
        ("0", 1.0),
        ("0.5", 1.0),
        ("-5", 1.0),
        ("-inf", 1.0),
        ("inf", 100_000.0),
        ("1e300", 100_000.0),
    ],
)
def test_the_demo_runs_at_least_in_real_time_and_within_bounds(given: str, speed: float) -> None:
    assert load({"DEMO_SPEED": given}).demo_speed == speed


@pytest.mark.parametrize("given", ["nan", "-nan", "fast", "1,5", "0x10"])
def test_a_speed_that_is_no_number_is_told(given: str) -> None:
    with pytest.raises(BadSettings, match="DEMO_SPEED is not a number"):
        load({"DEMO_SPEED": given})


@pytest.mark.parametrize("given", ["3600", "nan", "fast"])
def test_the_demo_never_runs_faster_beside_a_live_key(given: str) -> None:
    settings = load({"NANOGPT_API_KEY": SECRET, "DEMO": "1", "DEMO_SPEED": given})
    assert settings.demo_speed == 1.0


def test_the_database_is_a_file_here_or_where_the_operator_says() -> None:
    assert load({}).database_url == f"sqlite:///{Path('data/voicekeep.db').absolute()}"
    address = "postgres://ann:pw@db.example/voices"
    assert load({"DATABASE_URL": f" {address} "}).database_url == address


def test_a_service_answers_where_it_documents_or_the_operator_says() -> None:
    assert load({}).base_url(NANOGPT) == SERVICES[NANOGPT].base_url
    assert load({"NANOGPT_BASE_URL": "http://here/api/"}).base_url(NANOGPT) == "http://here/api"


def test_aws_names_are_handed_over_as_they_are() -> None:
    aws = load({"AWS_REGION": "auto", "AWS_PROFILE": "other"}).aws
    assert aws["AWS_REGION"] == "auto"
    assert aws["AWS_SECRET_ACCESS_KEY"] == ""
    assert "AWS_PROFILE" not in aws


def test_no_secret_shows_when_settings_are_printed() -> None:
    names = (
        "NANOGPT_API_KEY", "NANOGPT_SESSION_COOKIE", "KYMA_API_KEY", "DATABASE_URL", "VAULT_URL",
        "NOTIFY_URLS", "KEEPER_PING_URL", "AWS_SECRET_ACCESS_KEY",
    )  # fmt: skip
    toml = "\n".join(f'{name} = "x://{SECRET}"' for name in names)
    settings = pasted(f'{toml}\n[team]\npassphrase = "{SECRET}"')
    assert settings.team.passphrase == SECRET
    for shown in (repr(settings), str(settings), repr(settings.team), str(settings.origins)):
        assert SECRET not in shown


def test_a_fingerprint_tells_keys_apart_and_nothing_else() -> None:
    assert fingerprint(SECRET) == fingerprint(SECRET)
    assert fingerprint(SECRET) != fingerprint(SECRET + "0")
    assert len(fingerprint(SECRET)) == 12
    assert fingerprint(SECRET) not in SECRET


@pytest.mark.parametrize("also", ["", "admin_passphrase", "members"])
def test_the_example_opens_nothing_as_it_is(also: str) -> None:
    """Not even where a line of it was taken along unchanged."""
    example = (ROOT / ".streamlit" / "secrets.example.toml").read_text("utf-8")
    settings = pasted(example.replace(f"# {also} =", f"{also} =") if also else example)
    assert settings.door is Door.SHUT
    assert settings.team.passphrase_fault is PassphraseFault.EXAMPLE
    if also == "admin_passphrase":
        assert settings.team.admin_passphrase_fault is PassphraseFault.EXAMPLE
