"""What somebody set and the app does not follow: each is named, none is passed over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.services import NANOGPT
from lib.setting_problems import ProblemKind, SettingProblem, describe
from lib.settings import BadSettings, NotUnderstood, Settings, load, usual_folders
from lib.team import PassphraseFault

KEY = 'NANOGPT_API_KEY = "sk-nano-hidden"\n'
SECRET = "sk-nano-hidden-0123456789"


def problems(toml: str) -> list[SettingProblem]:
    """What is not followed of this text, where a live key stands in the environment."""
    return list(load({"NANOGPT_API_KEY": "k", "VOICEKEEP_SECRETS": toml}).problems)


def found(toml: str) -> list[tuple[ProblemKind, str, str]]:
    return [(item.kind, item.name, item.nearest) for item in problems(toml)]


def file_in(folder: Path, data: bytes) -> Path:
    (folder / ".streamlit").mkdir(parents=True)
    (folder / ".streamlit" / "secrets.toml").write_bytes(data)
    return folder


def from_file(case: Path, folder: Path) -> Settings:
    return load({}, [file_in(folder, case.read_bytes())])


# --- what people really wrote -----------------------------------------------------------------


def test_small_letters_shut_the_app_and_are_named(cases: Path, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match=r"nanogpt_api_key .* NANOGPT_API_KEY") as caught:
        from_file(cases / "settings" / "lowercase.toml", tmp_path)
    assert "sk-nano-1" not in str(caught.value)
    (problem,) = caught.value.problems
    assert (problem.kind, problem.nearest) == (ProblemKind.UNKNOWN, "NANOGPT_API_KEY")


def test_names_in_sections_shut_the_app_and_are_named(cases: Path, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood) as caught:
        from_file(cases / "settings" / "in-sections.toml", tmp_path)
    assert [(item.kind, item.name) for item in caught.value.problems] == [
        (ProblemKind.MISPLACED, "aws.AWS_ACCESS_KEY_ID"),
        (ProblemKind.MISPLACED, "nanogpt.NANOGPT_API_KEY"),
    ]


def test_a_file_saved_with_a_byte_order_mark_is_read(cases: Path, tmp_path: Path) -> None:
    settings = from_file(cases / "settings" / "bom.toml", tmp_path)
    assert settings.live_services == (NANOGPT,)
    assert settings.team.passphrase == "open sesame, friends"
    assert settings.problems == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_editors_save_texts_in_more_than_one_way(tmp_path: Path, encoding: str) -> None:
    text = f'{KEY}\r\n[team]\r\npassphrase = "öffne dich, Sesam"\r\n'
    settings = load({}, [file_in(tmp_path, text.encode(encoding))])
    assert settings.team.passphrase == "öffne dich, Sesam"


def test_a_pasted_text_may_begin_with_a_byte_order_mark() -> None:
    assert load({"VOICEKEEP_SECRETS": f"\ufeff{KEY}"}).live_services == (NANOGPT,)


def test_the_quotes_of_an_env_file_are_taken_off(cases: Path) -> None:
    lines = (cases / "settings" / "docker-env-file.env").read_text("utf-8").splitlines()
    settings = load(dict(line.split("=", 1) for line in lines))
    assert settings.values == {
        "NANOGPT_API_KEY": "sk-nano-1",
        "VAULT_URL": "s3://bucket-1/voicekeep",
        "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d",
    }


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("'k'", "k"),
        (' "k" ', "k"),
        ('"k', '"k'),
        ('k"', 'k"'),
        ("'k\"", "'k\""),
        ('"a" "b"', '"a" "b"'),
        ('"', '"'),
        ('""', ""),
    ],
)
def test_one_pair_of_quotes_around_the_whole_is_taken_off_and_no_other(
    given: str, read: str
) -> None:
    assert load({"NANOGPT_API_KEY": given}).get("NANOGPT_API_KEY") == read


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "name", "nearest"),
    [
        ('nanogpt_api_key = "x"', "nanogpt_api_key", "NANOGPT_API_KEY"),
        ('NANOGPT-API-KEY = "x"', "NANOGPT-API-KEY", "NANOGPT_API_KEY"),
        ('NANOGPT_KEY = "x"', "NANOGPT_KEY", "NANOGPT_API_KEY"),
        ('Vault_Url = "x"', "Vault_Url", "VAULT_URL"),
        ('DATABSE_URL = "x"', "DATABSE_URL", "DATABASE_URL"),
        ('SMTP_PASSWORD = "x"', "SMTP_PASSWORD", ""),
        ('[team]\npasphrase = "x"', "team.pasphrase", "team.passphrase"),
        ('[team]\nPASSPHRASE = "x"', "team.PASSPHRASE", "team.passphrase"),
        ("[team]\nmonthly_budget = 5", "team.monthly_budget", "team.monthly_budget_usd"),
        ("[team]\ncolour = 5", "team.colour", ""),
        ('[team]\npassword = "x"', "team.password", "team.passphrase"),
        ('[Teams]\nlanguage = "x"', "Teams.*", "[team]"),
        ("[team.colours]\nred = 1", "team.colours", ""),
        ('[mysql]\nhost = "x"', "mysql.*", ""),
    ],
)
def test_an_unknown_name_is_named_with_the_nearest_that_is_known(
    toml: str, name: str, nearest: str
) -> None:
    assert found(toml) == [(ProblemKind.UNKNOWN, name, nearest)]


@pytest.mark.parametrize(
    ("toml", "name", "nearest"),
    [
        ('[team]\nKYMA_API_KEY = "x"', "team.KYMA_API_KEY", "KYMA_API_KEY"),
        ('[team]\nvault_url = "x"', "team.vault_url", "VAULT_URL"),
        ('[auth]\nKYMA_API_KEY = "x"', "auth.KYMA_API_KEY", "KYMA_API_KEY"),
        ('[a.b]\nKYMA_API_KEY = "x"', "a.b.KYMA_API_KEY", "KYMA_API_KEY"),
        ('passphrase = "x"', "passphrase", "team.passphrase"),
        ('[Team]\npassphrase = "x"', "Team.passphrase", "team.passphrase"),
        ('[access]\npasphrase = "x"', "access.pasphrase", "team.passphrase"),
        ('[team.door]\npassphrase = "x"', "team.door.passphrase", "team.passphrase"),
        ("[teams]\ntrust_host = true", "teams.trust_host", "team.trust_host"),
    ],
)
def test_a_known_name_in_the_wrong_place_is_named(toml: str, name: str, nearest: str) -> None:
    assert (ProblemKind.MISPLACED, name, nearest) in found(toml)
    assert [item for item in found(toml) if item[1] not in (name, "auth")] == []


@pytest.mark.parametrize(
    "toml",
    [
        '[connections.sql]\nurl = "x"\n[connections.s3]\nAWS_ACCESS_KEY_ID = "x"',
        'nanogpt_api_key = ""',
        '[team]\npasphrase = ""',
    ],
)
def test_known_strangers_and_empty_values_are_passed_over(toml: str) -> None:
    assert problems(toml) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("NANOGPT_APIKEY", "NANOGPT_API_KEY"),
        ("NANOGPT_KEY", "NANOGPT_API_KEY"),
        ("nanogpt_api_key", "NANOGPT_API_KEY"),
        ("KYMA_APIKEY", "KYMA_API_KEY"),
        ("VOICEKEEP_SECRET", "VOICEKEEP_SECRETS"),
        ("database_url", "DATABASE_URL"),
        ("TEAM_PASSPHRASE", "passphrase under [team]"),
    ],
)
def test_a_clear_slip_in_the_environment_is_named(name: str, nearest: str) -> None:
    (problem,) = load({name: "x", "KYMA_API_KEY": "k"}).problems
    assert problem.kind is ProblemKind.UNKNOWN
    assert f"Did you mean {nearest}?" in describe(problem)
    with pytest.raises(NotUnderstood, match=re.escape(nearest)):
        load({name: "x"})


def test_other_variables_of_an_environment_are_nobodys_business() -> None:
    strangers = (
        "PATH", "HOME", "KIMI_API_KEY", "OLLAMA_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL",
        "AWS_PROFILE", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ROLE_ARN",
        "TEST_DATABASE_URL", "DATABASE_URI", "VAULT_ADDR", "VAULT_TOKEN", "MY_APP_URL", "DEMO_MODE",
        "NODE_APP_URL", "STREAMLIT_SERVER_PORT", "PASSPHRASE",
    )  # fmt: skip
    settings = load(dict.fromkeys(strangers, "x"))
    assert settings.problems == ()
    assert settings.is_pure_demo


def test_what_streamlit_copies_into_the_environment_is_told_once(tmp_path: Path) -> None:
    toml = f'{KEY}nanogpt_apikey = "x"'
    settings = load({"nanogpt_apikey": "x"}, [file_in(tmp_path, toml.encode())])
    assert [item.origin for item in settings.problems] == ["secrets.toml"]


# --- values, files, settings without effect ---------------------------------------------------


@pytest.mark.parametrize("value", ["{a = 1}", "1979-05-27"])
def test_a_value_of_no_use_is_named(value: str) -> None:
    assert found(f"VAULT_URL = {value}") == [(ProblemKind.UNUSABLE, "VAULT_URL", "")]


@pytest.mark.parametrize(
    ("toml", "kind", "name"),
    [
        ('KYMA_BASE_URL = "http://x"', ProblemKind.LACKING, "KYMA_BASE_URL"),
        ('AWS_REGION = "auto"', ProblemKind.LACKING, "AWS_REGION"),
        ("DEMO_SPEED = 60", ProblemKind.IDLE, "DEMO_SPEED"),
        ('DATABASE_URL = "postgresql://h/d?schema=app"', ProblemKind.LEFT_OUT, "DATABASE_URL"),
        (
            'DATABASE_URL = "postgresql://h/d?sslaccept=strict"',
            ProblemKind.LEFT_OUT,
            "DATABASE_URL",
        ),
        ('DEMO = "yes"', ProblemKind.IDLE, "DEMO"),
        ('[team]\ntrust_host = "true"', ProblemKind.IDLE, "team.trust_host"),
        ('[team]\nmembers = ["a@example.org"]', ProblemKind.LACKING, "team.members"),
    ],
)
def test_a_setting_without_effect_is_named(toml: str, kind: ProblemKind, name: str) -> None:
    assert [item[:2] for item in found(toml)] == [(kind, name)]


def test_settings_without_effect_shut_nothing() -> None:
    settings = load({"NANOGPT_BASE_URL": "http://x", "DEMO": "yes"})
    assert [item.name for item in settings.problems] == ["NANOGPT_BASE_URL", "DEMO"]
    assert settings.is_pure_demo


def test_a_team_that_is_complete_has_no_problems() -> None:
    toml = f"""{KEY}
        NANOGPT_SESSION_COOKIE = "a=b"
        VAULT_URL = "s3://b/x"
        AWS_REGION = "auto"
        NOTIFY_URLS = ["json://a"]
        APP_URL = "https://a"
        DEMO = true
        [team]
        passphrase = "open sesame, friends"
        trust_host = false
        keep_policy = "ask"
    """
    assert load({"VOICEKEEP_SECRETS": toml}).problems == ()


def unreadable(folder: Path, how: str) -> Path:
    place = folder / ".streamlit" / "secrets.toml"
    place.parent.mkdir(parents=True)
    if how == "folder":  # what Docker makes of a mounted file that is not there
        place.mkdir()
    else:
        place.symlink_to(folder / "nowhere")
    return folder


@pytest.mark.parametrize("how", ["folder", "broken link"])
def test_a_file_that_is_there_and_cannot_be_read_is_named(tmp_path: Path, how: str) -> None:
    folder = unreadable(tmp_path, how)
    (problem,) = load({"NANOGPT_API_KEY": "k"}, [folder]).problems
    assert problem.kind is ProblemKind.UNREADABLE
    with pytest.raises(NotUnderstood, match=r"secrets\.toml, but it cannot be read"):
        load({}, [folder])


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"NANOGPT_API_KEY = 'x", ProblemKind.NO_TOML), (b"\xff\xfe\x00", ProblemKind.NO_TEXT)],
)
def test_a_damaged_file_beside_a_live_key_is_a_warning_and_opens_nothing(
    tmp_path: Path, data: bytes, kind: ProblemKind
) -> None:
    """The keeper must go on; a passphrase may stand in that file."""
    known = {"NANOGPT_API_KEY": "k", "VOICEKEEP_SECRETS": "[team]\ntrust_host = true"}
    settings = load(known, [file_in(tmp_path, data)])
    assert [item.kind for item in settings.problems] == [kind]
    assert settings.live_services == (NANOGPT,)
    assert settings.team.passphrase_fault is PassphraseFault.UNCLEAR


def test_a_damaged_text_beside_a_live_key_is_a_warning_and_opens_nothing(tmp_path: Path) -> None:
    known = {"NANOGPT_API_KEY": "k", "VOICEKEEP_SECRETS": '[team\npassphrase = "hidden"'}
    settings = load(known, [file_in(tmp_path, b"[team]\ntrust_host = true")])
    (problem,) = settings.problems
    assert (
        describe(problem) == "VOICEKEEP_SECRETS is not valid TOML. Check its quotes and brackets."
    )
    assert settings.live_services == (NANOGPT,)
    assert settings.team.passphrase_fault is PassphraseFault.UNCLEAR


@pytest.mark.parametrize("toml", ['team = "x"', '[[team]]\npassphrase = "x"'])
def test_a_team_that_is_no_table_opens_nothing(tmp_path: Path, toml: str) -> None:
    known = {"NANOGPT_API_KEY": "k", "VOICEKEEP_SECRETS": toml}
    settings = load(known, [file_in(tmp_path, b"[team]\ntrust_host = true")])
    (problem,) = settings.problems
    assert (problem.kind, problem.is_near_miss) == (ProblemKind.UNUSABLE, True)
    assert "[team]" in describe(problem)
    assert settings.team.passphrase_fault is PassphraseFault.UNCLEAR


def test_a_home_folder_that_is_not_there_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    assert load({}, usual_folders()).problems == ()


def test_a_user_without_a_name_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: int) -> None:
        raise KeyError("no such user")

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert usual_folders() == (tmp_path,)


def test_a_file_is_read_once_where_project_and_home_are_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usual_folders() == (tmp_path,)


# --- what is said of it, and to whom ----------------------------------------------------------


def test_a_passphrase_that_lets_nobody_in_is_named_and_stops_no_keeper() -> None:
    settings = load({"VOICEKEEP_SECRETS": f'{KEY}[team]\npassphrase = "short one"'})
    (problem,) = settings.problems
    assert (problem.kind, problem.is_understood) == (ProblemKind.SHUT, True)
    assert "lets nobody in" in describe(problem)
    assert "short one" not in describe(problem)


def test_a_passphrase_that_was_meant_leaves_no_other_way_in() -> None:
    lines = ('pasphrase = "x"', 'passphrase = ["x"]', 'PASSPHRASE = "x"', 'password = "x"')
    tables = ('[teams]\npassphrase = "x"', '[Team]\nPassphrase = "x"', 'door.passphrase = "x"')
    for line in (*lines, *tables):
        team = load({"VOICEKEEP_SECRETS": f"{KEY}[team]\ntrust_host = true\n{line}"}).team
        assert team.passphrase_fault, line


def test_the_demo_is_never_fallen_back_to() -> None:
    for toml in ('FOO = "x"', '[foo]\nx = "y"', '[team]\nfoo = "x"', 'VAULT_URL = "s3://b"\nX = 1'):
        with pytest.raises(NotUnderstood):
            load({"VOICEKEEP_SECRETS": toml})


def test_everybody_may_read_the_near_misses_and_no_other_name() -> None:
    with pytest.raises(BadSettings) as caught:
        load({"VOICEKEEP_SECRETS": f'SECRET_PROJECT = "{SECRET}"\nVAULTURL = "{SECRET}"'})
    said = str(caught.value)
    assert "VAULTURL" in said
    assert "SECRET_PROJECT" not in said
    assert "1 setting is unknown" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "toml",
    [
        f'{SECRET} = "x"',
        f'[team]\n{SECRET} = "x"',
        f'["{SECRET}"]\nx = 1',
        f'["{SECRET}"]\nKYMA_API_KEY = "{SECRET}"',
        f'FOO = "{SECRET}"',
        f'[team]\npasphrase = "{SECRET}"',
        f'"{"x" * 3000}" = 1',
        '"<b>\\n[x](http://y)" = 1',
    ],
)
def test_no_sentence_holds_a_value_or_what_may_be_one(toml: str) -> None:
    (said,) = (describe(problem) for problem in problems(toml))
    assert SECRET not in said
    assert len(said) < 250
    assert "http" not in said


def test_each_kind_has_a_sentence_that_says_where() -> None:
    for kind in ProblemKind:
        said = describe(SettingProblem(kind, "team.refresh_days", "secrets.toml", "VAULT_URL"))
        assert "secrets.toml" in said
        assert said.endswith((".", "?"))
