"""The settings file: read with suspicion, written whole or not at all, never lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from app.errors import DiskFullError, SettingsError
from app.files import read_small, write_atomic
from app.language import tr
from app.settings.checks import Group, check_of
from app.settings.migrations import VERSION, Raw, migrate
from app.settings.model import GROUPS, Settings, read_group

_LARGEST_BYTES: Final = 1024 * 1024
_NAMED: Final = 5
#: By group, what is to be changed.
Changes = Mapping[str, Mapping[str, object]]


class _BrokenError(Exception):
    """The file is no settings file."""


@dataclass(frozen=True)
class Found:
    """What the file says.

    Attributes:
        fresh: there is no file yet.
        problem: what a person has to know of it.
    """

    settings: Settings = Settings()
    fresh: bool = False
    problem: SettingsError | None = None


class SettingsStore:
    """Reads and changes the file. On one thread; another program's changes of other values stay."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Found:
        """The settings. What cannot be used is set aside and told of, with defaults in its place."""
        return self._look(self._set_broken_aside, self._clean)

    def peek(self) -> Found:
        """As `load`, but nothing is set aside or written."""
        hint = tr("Defaults are used; the next start keeps the damaged file under another name.")
        return self._look(
            lambda: SettingsError(tr("The settings file is damaged."), hint),
            lambda _raw, refused: SettingsError(_not_understood(refused)),
        )

    def _look(
        self, broken: Callable[[], SettingsError], refuse: Callable[[Raw, list[str]], SettingsError]
    ) -> Found:
        """What the file says; what cannot be used is for `broken` and `refuse` to name."""
        try:
            raw, version = self._read()
        except FileNotFoundError:
            return Found(fresh=True)
        except OSError as error:
            return Found(problem=_unreadable(error))
        except _BrokenError:
            return Found(problem=broken())
        settings, refused = read_settings(raw)
        if version > VERSION:
            return Found(settings, problem=_newer())
        return Found(settings, problem=refuse(raw, refused) if refused else None)

    def change(self, changes: Changes) -> None:
        """Write other values; all else in the file stays. They have been checked.

        Raises SettingsError or DiskFullError where nothing is written.
        """
        try:
            raw, version = self._read()
        except FileNotFoundError:
            raw, version = {}, VERSION
        except OSError as error:
            raise _unreadable(error) from error
        except _BrokenError:
            self._set_broken_aside()
            raw, version = {}, VERSION
        if version > VERSION:
            raise _newer()
        for name, values in changes.items():
            _put(raw, name, _merged(raw.get(name), GROUPS[name], values))
        self._write(raw)

    def _read(self) -> tuple[Raw, int]:
        """What the file says in the form of the present version, and the version it was written by."""
        data = read_small(self._path, _LARGEST_BYTES)
        try:
            raw = json.loads(data) if len(data) <= _LARGEST_BYTES else None
        except (ValueError, RecursionError) as error:
            raise _BrokenError from error
        version = raw.get("version") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or type(version) is not int or version < 1:
            raise _BrokenError
        try:
            return migrate(raw, version), version
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise _BrokenError from error

    def _write(self, raw: Raw) -> None:
        body = {"version": VERSION, **{key: value for key, value in raw.items() if key != "version"}}
        try:
            # A link to a file elsewhere stays one.
            write_atomic(Path(os.path.realpath(self._path)), json.dumps(body, indent=1).encode())
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            hint = tr("What you chose holds until the app is closed.")
            if full:
                raise DiskFullError(tr("The disk is full."), hint) from error
            why = tr("The settings cannot be written ({reason}).", reason=error.strerror)
            raise SettingsError(why, hint) from error

    # ---- what cannot be used --------------------------------------------------------------

    def _aside(self) -> Path:
        """A name that no file has."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        names = (
            f"settings.broken-{stamp}{suffix}.json" for suffix in ("", *map("-{}".format, range(2, 1000)))
        )
        return next(path for name in names if not os.path.lexists(path := self._path.with_name(name)))

    def _set_broken_aside(self) -> SettingsError:
        aside = self._aside()
        said = tr("The settings file was damaged and could not be read.")
        try:
            self._path.rename(aside)
        except OSError as error:
            return SettingsError(
                said, tr("It cannot be moved away ({reason}). Defaults are used.", reason=error.strerror)
            )
        return SettingsError(
            said, tr("Defaults are used. The damaged file is kept as {name}.", name=aside.name)
        )

    def _clean(self, raw: Raw, refused: list[str]) -> SettingsError:
        """Take out what cannot be, and keep a copy of the file that had it."""
        aside = self._aside()
        for name in refused:
            _take_out(raw, name.split("."))
        hint = tr("They are as at first.")
        with contextlib.suppress(OSError, SettingsError, DiskFullError):
            write_atomic(aside, self._path.read_bytes())  # readable by its owner only
            self._write(raw)
            hint = tr("They are as at first. The file as it was is kept as {name}.", name=aside.name)
        return SettingsError(_not_understood(refused), hint)


def _not_understood(refused: list[str]) -> str:
    names = ", ".join(refused[:_NAMED]) + (" …" if len(refused) > _NAMED else "")
    return tr("Some settings could not be understood: {names}.", names=names)


def read_settings(raw: Raw) -> tuple[Settings, list[str]]:
    """Settings out of a file's content, and the names of the values that cannot be."""
    made: dict[str, Any] = {}
    refused: list[str] = []
    for name, kind in GROUPS.items():
        made[name], wrong = read_group(kind, raw.get(name), name)
        refused += wrong
    return Settings(**made), refused


def _merged(raw: object, kind: type, values: Mapping[str, object]) -> Raw:
    """A group of the file with other values; what is as by default is left out of it."""
    made: Raw = dict(raw) if isinstance(raw, dict) else {}
    checks = {one.name: (one.default, check_of(one.metadata)) for one in fields(kind)}
    for name, value in values.items():
        default, check = checks[name]
        if isinstance(check, Group):
            inner = {one.name: getattr(value, one.name) for one in fields(check.kind)}
            _put(made, name, _merged(made.get(name), check.kind, inner))
        elif value == default:
            made.pop(name, None)
        else:
            made[name] = value
    return made


def _put(raw: Raw, name: str, group: Raw) -> None:
    """A group that says nothing has no place in the file."""
    if group:
        raw[name] = group
    else:
        raw.pop(name, None)


def _take_out(raw: Any, names: list[str]) -> None:
    for name in names[:-1]:
        raw = raw[name]
    raw.pop(names[-1], None)


def _newer() -> SettingsError:
    return SettingsError(
        tr("The settings were written by a newer Cascade Desk."),
        tr("They are used as far as this one knows them, and what you change here is not saved."),
    )


def _unreadable(error: OSError) -> SettingsError:
    return SettingsError(
        tr("The settings file cannot be read ({reason}).", reason=error.strerror),
        tr("Defaults are used, and what you change here is not saved."),
    )
