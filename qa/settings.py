"""How the page is run: flags, before the environment, before one TOML file, before the defaults."""

from __future__ import annotations

import argparse
import ipaddress
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PREFIX = "ARTICLE_QA_"
"""What the names of environment variables begin with: ARTICLE_QA_PORT is --port."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the page; "" and None stand for what is said in the help of each.

    ``auth`` are "name:password".
    """

    folder: str = ""
    library: str = ""
    watch: bool = False
    host: str = "127.0.0.1"
    port: int | None = None
    root_path: str = ""
    model: str = ""
    reader: str = ""
    allow_download: bool = False
    lang: str = "auto"
    read_only: bool = False
    admin_password: str = field(default="", repr=False)
    auth: tuple[str, ...] = field(default=(), repr=False)
    no_record: bool = False
    most_files: int = 50
    most_megabytes: int = 30
    at_once: int = 8

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the page."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_open(self) -> bool:
        """Whether every visitor may manage the library: no password is set, and only this machine reaches it.

        A ``root_path`` says that a proxy stands before the page.
        """
        return not (self.admin_password or self.auth or self.root_path) and self.is_local

    @property
    def users(self) -> dict[str, str]:
        """Name -> password of those who may come in; empty where everybody may."""
        return dict(entry.split(":", 1) for entry in self.auth)


def read(argv: Sequence[str] | None, environ: Mapping[str, str]) -> Settings:
    """The settings that ``argv`` (without the program), ``environ`` and the TOML file that one of them names
    make together.

    Raises:
        SettingsError: a value or a name in the environment or the file is wrong.
        SystemExit: a flag is wrong, or help was asked for (argparse).
    """
    parser = _parser()
    given = vars(parser.parse_args(argv))
    path = given.pop("settings", None) or environ.get(f"{PREFIX}SETTINGS")
    settings = Settings()
    for where, values in (
        (str(path), _file(Path(path)) if path else {}),
        ("environment", _environment(environ)),
    ):
        settings = _with(settings, values, where)
    settings = _with(settings, given, "command line")
    if settings.watch and not settings.folder:
        raise SettingsError("--watch", "it needs a FOLDER to watch", "name the folder of the articles")
    return settings


def _file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SettingsError(str(path), f"it cannot be read ({error.strerror})", "check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), f"it is not TOML in UTF-8 ({error})", "mend that line") from error
    for name in values:
        if "_" in name and name.replace("_", "-") in values:
            raise SettingsError(
                str(path), f"{name} stands there twice, with _ and with -", "keep one of them"
            )
    values = {name.replace("-", "_"): value for name, value in values.items()}
    users = values.get("auth")
    if isinstance(users, dict):
        for name, password in users.items():
            if ":" in name or not isinstance(password, str):
                raise SettingsError(
                    str(path), f"auth of {name!r} is wrong", 'write name = "password", the name without ":"'
                )
        values["auth"] = [f"{name}:{password}" for name, password in users.items()]
    return values


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    named = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)
    }
    named.pop("settings", None)
    return {name: value for name, value in named.items() if value}


def _with(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    known = {each.name: each for each in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        listed = ", ".join(name.replace("_", "-") for name in known)
        raise SettingsError(where, f"there is no setting {unknown[0]!r}", f"known are {listed}")
    settings = replace(settings, **{name: _typed(name, value, where) for name, value in values.items()})
    for name, allowed in (("port", range(65_536)), ("at_once", range(1, 1_001))):
        value = getattr(settings, name)
        if value is not None and value not in allowed:
            raise SettingsError(
                where,
                f"{name.replace('_', '-')} is {value}",
                f"give a number from {allowed[0]} to {allowed[-1]}",
            )
    if min(settings.most_files, settings.most_megabytes) < 1:
        raise SettingsError(
            where, "most-files or most-megabytes is below 1", "use read-only to close uploads"
        )
    if settings.lang not in LANGUAGES:
        raise SettingsError(where, f"lang is {settings.lang!r}", "give one of " + ", ".join(LANGUAGES))
    if not all(all(entry.partition(":")) for entry in settings.auth):
        raise SettingsError(where, "an entry of auth lacks its name or its password", "give NAME:PASSWORD")
    path = settings.root_path.strip("/")
    return replace(settings, root_path=f"/{path}" if path else "")


LANGUAGES = ("auto", "zh", "en")


def _typed(name: str, value: Any, where: str) -> Any:
    """``value``, perhaps a string from the environment, as the type of the setting ``name``."""
    wanted = {"port": int, "auth": tuple}.get(name, type(getattr(Settings(), name)))
    if wanted is tuple:
        value = value.split() if isinstance(value, str) else value
        if isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
    elif wanted is bool and isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    elif wanted is int and isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    elif type(value) is wanted:
        return value
    kind = {bool: "true or false", int: "a whole number", tuple: "a list of NAME:PASSWORD"}.get(
        wanted, "text"
    )
    said = "is of another kind" if name in _SECRET else f"is {value!r}"
    raise SettingsError(where, f"{name.replace('_', '-')} {said}", f"give {kind}")


_SECRET = ("admin_password", "auth")


_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py",
        description="Ask a folder of articles in a browser.",
        epilog=f"Every setting can also stand in the environment ({PREFIX}PORT=7861) or in a TOML file that "
        f"--settings or {PREFIX}SETTINGS names (port = 7861); flags count before the environment, and that "
        "before the file. Passwords are better kept out of the command line, which others can read.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("folder", nargs="?", metavar="FOLDER", help="articles; without it, sample articles")
    add("--settings", metavar="FILE", help="a TOML file of settings")
    add("--library", metavar="DIR", help="where the library lies (with FOLDER: ./library)")
    add("--watch", action="store_true", help="take over what changes in FOLDER meanwhile")
    add("--host", help="address to serve on (127.0.0.1)")
    add("--port", type=int, metavar="N", help="port to serve on (the first free one from 7860)")
    add("--root-path", metavar="PATH", help="path under which a proxy serves the page, as /qa")
    add("--model", metavar="NAME", help="embedding model (the bundled one)")
    add("--reader", metavar="NAME", help="extractive reader (the bundled one)")
    add("--allow-download", action="store_true", help="let named models be fetched")
    add("--lang", choices=LANGUAGES, help="language of the page (the browser's)")
    add("--read-only", action="store_true", help="let nobody add or remove articles on the page")
    add(
        "--admin-password", metavar="PASSWORD",
        help="who gives it may change the library and see the statistics; without it, everybody may as long as "
        "only this machine can reach the page and no --auth is set, and nobody otherwise",
    )  # fmt: skip
    add("--auth", action="append", metavar="NAME:PASSWORD", help="let only these people in; may be repeated")
    add("--no-record", action="store_true", help="do not keep what is asked, for the statistics")
    add("--most-files", type=int, metavar="N", help="files of one upload (50)")
    add("--most-megabytes", type=int, metavar="N", help="size of an uploaded file (30)")
    add("--at-once", type=int, metavar="N", help="questions worked on at the same time (8)")
    return parser
