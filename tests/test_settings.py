from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from embeddings.errors import SettingsError
from qa.settings import PREFIX, Settings, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

few = hypothesis_settings(max_examples=40)
WORD = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=":"), min_size=1
)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")))
LINES = st.builds("/{}/{}".format, *[st.text("abc-1", min_size=1)] * 2)
SETTINGS = st.builds(
    Settings,
    folder=TEXT,
    library=TEXT,
    host=TEXT.filter(bool),
    port=st.none() | st.integers(0, 65_535),
    root_path=st.just("") | LINES,
    model=TEXT,
    reader=TEXT,
    allow_download=st.booleans(),
    lang=st.sampled_from(["auto", "zh", "en"]),
    read_only=st.booleans(),
    admin_password=TEXT,
    auth=st.lists(st.builds("{}:{}".format, WORD, WORD)).map(tuple),
    no_record=st.booleans(),
    most_files=st.integers(1, 10**6),
    most_megabytes=st.integers(1, 10**6),
    at_once=st.integers(1, 1000),
)


def in_toml(settings: Settings) -> str:
    """All settings as TOML, whose strings and lists are JSON's."""
    said = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return "".join(
        f"{name.replace('_', '-')} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in said.items()
        if value is not None
    ).replace("\x7f", "\\u007f")


def in_environment(settings: Settings) -> dict[str, str]:
    """What of the settings is not as by default, as environment variables."""
    named = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        if value != each.default:
            named[PREFIX + each.name.upper()] = " ".join(value) if each.name == "auth" else str(value)
    return named


def as_flags(settings: Settings) -> list[str]:
    """What of the settings is not as by default, as flags."""
    flags = []
    for each in fields(settings):
        value, flag = getattr(settings, each.name), "--" + each.name.replace("_", "-")
        if value == each.default or each.name == "folder":
            continue
        if value is True:
            flags.append(flag)
        else:
            flags += [f"{flag}={one}" for one in (value if isinstance(value, tuple) else [value])]
    return [*flags, "--", settings.folder] if settings.folder else flags


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "article-qa.toml"


def written(file: Path, text: str) -> dict[str, str]:
    file.write_text(text, "utf-8")
    return {f"{PREFIX}SETTINGS": str(file)}


def failure(argv: list[str], environ: Mapping[str, str]) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(argv, environ)
    return caught.value


def test_settings_are_the_defaults_where_nothing_is_said() -> None:
    settings = read([], {"PATH": "/bin", "ARTICLE": "x"})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.lang) == ("127.0.0.1", None, "auto")
    assert (settings.most_files, settings.most_megabytes, settings.at_once) == (50, 30, 8)


@few
@given(SETTINGS)
def test_settings_survive_a_toml_file(file: Path, settings: Settings) -> None:
    assert read([], written(file, in_toml(settings))) == settings


@few
@given(SETTINGS)
def test_settings_survive_the_environment(settings: Settings) -> None:
    assert read([], in_environment(settings)) == settings


@few
@given(SETTINGS)
def test_settings_survive_the_command_line(settings: Settings) -> None:
    assert read(as_flags(settings), {}) == settings


@few
@given(SETTINGS, SETTINGS, SETTINGS)
def test_settings_flags_count_before_the_environment_and_that_before_the_file(
    file: Path, first: Settings, second: Settings, third: Settings
) -> None:
    default = Settings()
    expected = {}
    for each in fields(Settings):
        told = (getattr(settings, each.name) for settings in (first, second))
        said = [value for value in told if value != getattr(default, each.name)]
        expected[each.name] = said[0] if said else getattr(third, each.name)
    environ = in_environment(second) | written(file, in_toml(third))
    assert read(as_flags(first), environ) == Settings(**expected)


@pytest.mark.parametrize(
    ("argv", "environ", "port"),
    [
        ([], {}, 1),
        ([], {"ARTICLE_QA_PORT": "2"}, 2),
        (["--port", "3"], {"ARTICLE_QA_PORT": "2"}, 3),
        (["--port", "3"], {}, 3),
        ([], {"ARTICLE_QA_PORT": ""}, 1),
    ],
)
def test_settings_of_three_ports_the_nearest_counts(
    file: Path, argv: list[str], environ: dict[str, str], port: int
) -> None:
    assert read(argv, environ | written(file, "port = 1\nhost = '::1'\n")) == Settings(host="::1", port=port)


def test_settings_the_flag_names_the_file_before_the_environment(tmp_path: Path) -> None:
    environ = written(tmp_path / "environment.toml", "port = 1")
    written(tmp_path / "flag.toml", "port = 2")
    assert read(["--settings", str(tmp_path / "flag.toml")], environ).port == 2


def test_settings_a_flag_replaces_the_list_of_the_file(file: Path) -> None:
    environ = written(file, "auth = ['a:1', 'b:2']\n")
    assert read([], environ).users == {"a": "1", "b": "2"}
    assert read(["--auth", "c:3", "--auth", "d:4:5"], environ).users == {"c": "3", "d": "4:5"}


def test_settings_people_can_be_a_table(file: Path) -> None:
    environ = written(file, "most_files = 7\n[auth]\nalice = 'p w'\n'李' = 'x:y'\n")
    settings = read([], environ)
    assert settings.auth == ("alice:p w", "李:x:y")
    assert settings.users == {"alice": "p w", "李": "x:y"}
    assert settings.most_files == 7


def test_settings_people_of_the_environment_are_parted_by_white_space() -> None:
    assert read([], {"ARTICLE_QA_AUTH": " alice:1\tbob:2\n"}).users == {"alice": "1", "bob": "2"}


def test_settings_a_byte_order_mark_is_no_matter(file: Path) -> None:
    assert read([], written(file, "\ufeffport = 5")).port == 5


@pytest.mark.parametrize(
    ("said", "meant"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("False", False), ("no", False), ("oFf", False)],
)  # fmt: skip
def test_settings_the_environment_says_yes_and_no(said: str, meant: bool) -> None:
    assert read([], {"ARTICLE_QA_READ_ONLY": said}).read_only is meant


def test_settings_the_environment_can_take_back_what_the_file_says(file: Path) -> None:
    environ = written(file, "read-only = true\n")
    assert read([], environ).read_only
    assert not read([], environ | {"ARTICLE_QA_READ_ONLY": "no"}).read_only


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = '80'", None),
        ("port = 80.0", "port is 80.0 -- give a whole number"),
        ("port = true", "port is True -- give a whole number"),
        ("port = 65536", "port is 65536 -- give a number from 0 to 65535"),
        ("port = -1", "port is -1 -- give a number from 0 to 65535"),
        ("at-once = 0", "at-once is 0 -- give a number from 1 to 1000"),
        ("at-once = 1001", "at-once is 1001 -- give a number from 1 to 1000"),
        ("most-files = 0", "most-files or most-megabytes is below 1 -- use read-only to close uploads"),
        ("most_megabytes = -3", "most-files or most-megabytes is below 1 -- use read-only to close uploads"),
        ("watch = 'perhaps'", "watch is 'perhaps' -- give true or false"),
        ("read-only = 1", "read-only is 1 -- give true or false"),
        ("folder = ['a']", "folder is ['a'] -- give text"),
        ("host = 5", "host is 5 -- give text"),
        ("lang = 'fr'", "lang is 'fr' -- give one of auto, zh, en"),
        ("auth = 5", "auth is of another kind -- give a list of NAME:PASSWORD"),
        ("auth = [1]", "auth is of another kind -- give a list of NAME:PASSWORD"),
        ("auth = ['alice']", "an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
        ("auth = ['alice:']", "an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
        ("[auth]\nalice = ''", "an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
    ],
)  # fmt: skip
def test_settings_a_wrong_value_in_the_file_is_named(file: Path, text: str, said: str | None) -> None:
    environ = written(file, text)
    if said is None:  # what stands in quotation marks reads like the environment
        assert read([], environ).port == 80
    else:
        assert str(failure([], environ)) == f"{file}: {said}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "port is 'eighty' -- give a whole number"),
        ("PORT", "-1", "port is '-1' -- give a whole number"),
        ("PORT", "8²", "port is '8²' -- give a whole number"),
        ("PORT", "99999", "port is 99999 -- give a number from 0 to 65535"),
        ("MOST_FILES", "1.5", "most-files is '1.5' -- give a whole number"),
        ("MOST_FILES", "0", "most-files or most-megabytes is below 1 -- use read-only to close uploads"),
        ("WATCH", "maybe", "watch is 'maybe' -- give true or false"),
        ("LANG", "de", "lang is 'de' -- give one of auto, zh, en"),
        ("AUTH", "alice", "an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
        ("AUTH", ":secret", "an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
    ],
)
def test_settings_a_wrong_value_in_the_environment_is_named(name: str, value: str, said: str) -> None:
    error = failure([], {PREFIX + name: value})
    assert str(error) == f"environment: {said}"
    assert error.where == "environment"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--port", "70000"], "command line: port is 70000 -- give a number from 0 to 65535"),
        (["--at-once", "0"], "command line: at-once is 0 -- give a number from 1 to 1000"),
        (["--most-megabytes", "0"], "command line: most-files or most-megabytes is below 1 -- use read-only to close uploads"),
        (["--auth", "alice"], "command line: an entry of auth lacks its name or its password -- give NAME:PASSWORD"),
        (["--watch"], "--watch: it needs a FOLDER to watch -- name the folder of the articles"),
    ],
)  # fmt: skip
def test_settings_a_wrong_flag_is_named(argv: list[str], said: str) -> None:
    assert str(failure(argv, {})) == said


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--port", "x"], "argument --port: invalid int value: 'x'"),
        (["--lang", "fr"], "argument --lang: invalid choice: 'fr'"),
        (["--colour", "red"], "unrecognized arguments: --colour"),
        (["one", "two"], "unrecognized arguments: two"),
        (["--host"], "argument --host: expected one argument"),
    ],
)
def test_settings_what_argparse_refuses_ends_the_program(
    capsys: pytest.CaptureFixture[str], argv: list[str], named: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        read(argv, {})
    assert caught.value.code == 2
    assert named in capsys.readouterr().err


def test_settings_an_unknown_name_is_said_with_the_known_ones(file: Path) -> None:
    known = (
        "known are folder, library, watch, host, port, root-path, model, reader, allow-download, lang, read-only, "
        "admin-password, auth, no-record, most-files, most-megabytes, at-once"
    )
    for text, name in (("colour = 'red'", "colour"), ("[server]\nport = 1", "server"), ("b = 1\na = 1", "a")):
        assert str(failure([], written(file, text))) == f"{file}: there is no setting '{name}' -- {known}"
    error = failure([], {"ARTICLE_QA_COLOUR": "red"})
    assert str(error) == f"environment: there is no setting 'colour' -- {known}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"port = ", "it is not TOML in UTF-8 ("),
        ("host = 'é'".encode("latin-1"), "it is not TOML in UTF-8 ("),
    ],
)
def test_settings_a_file_that_is_no_toml_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "x.toml").write_bytes(data)
    error = failure(["--settings", str(tmp_path / "x.toml")], {})
    assert error.where == str(tmp_path / "x.toml")
    assert error.reason.startswith(reason)
    assert error.mend == "mend that line"


def test_settings_the_wrong_line_of_a_file_is_said(file: Path) -> None:
    assert "line 2" in failure([], written(file, "port = 1\nhost = \n")).reason


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere.toml", "No such file or directory"), (".", "Is a directory")]
)
def test_settings_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / name
    said = f"{path}: it cannot be read ({why}) -- check the path"
    assert str(failure(["--settings", str(path)], {})) == said
    assert str(failure([], {"ARTICLE_QA_SETTINGS": str(path)})) == said


def test_settings_a_folder_to_watch_may_be_named_anywhere(file: Path) -> None:
    assert read(["--watch"], {"ARTICLE_QA_FOLDER": "articles"}).watch
    assert read(["articles"], written(file, "watch = true")).watch
    assert str(failure([], written(file, "watch = true"))).startswith("--watch: it needs a FOLDER")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [("qa", "/qa"), ("/qa/", "/qa"), ("//a/b//", "/a/b"), ("/", ""), ("", ""), ("/a/b", "/a/b")],
)
def test_settings_the_root_path_begins_with_a_slash_and_ends_with_none(given_: str, kept: str) -> None:
    assert read([f"--root-path={given_}"], {}).root_path == kept


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_settings_tell_whether_only_this_machine_can_come(host: str, local: bool) -> None:
    assert Settings(host=host).is_local is local


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, False),
        ({"admin_password": "x"}, False),
        ({"auth": ("a:b",)}, False),
        ({"read_only": True}, True),
    ],
)
def test_settings_tell_whether_every_visitor_may_manage(said: dict[str, Any], is_open: bool) -> None:
    assert replace(Settings(), **said).is_open is is_open


def test_settings_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read(["--help"], {})
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    names = [each.name.replace("_", "-") for each in fields(Settings) if each.name != "folder"]
    assert [name for name in names if f"--{name}" not in shown] == []
    assert "FOLDER" in shown
    assert "ARTICLE_QA_PORT=7861" in shown
