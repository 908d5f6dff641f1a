"""What the app's own files say: settings, conversations, models, log. Looked at, never changed."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from app.diagnostics.crashes import last_crash
from app.diagnostics.logs import tail
from app.diagnostics.redact import line
from app.doctor.values import Part, known, size
from app.errors import ModelFileError, UserError
from app.language import ntr, tr
from app.models.gguf import read_model
from app.models.local import local_models
from app.models.starter import starter_path
from app.paths import Paths
from app.settings.checks import FilePath, Group, check_of
from app.settings.model import GROUPS, Settings
from app.settings.store import Found, SettingsStore
from app.store.database import NAME, connect, is_damage
from app.store.migrations import version_of

_CHECK_S: Final = 5.0
_MOST_MODELS: Final = 40
_MOST_LINES: Final = 30


def settings_part(paths: Paths) -> Part:
    """The settings that are not as at first."""
    found = SettingsStore(paths.settings).peek()
    rows = [*_differing(found.settings)] or [(tr("All settings"), tr("as at first"))]
    problem = (str(found.problem),) if found.problem is not None else ()
    return Part("settings", tr("Settings"), tuple(rows), problem)


def models_folder(paths: Paths) -> Path:
    """Where the models are, as far as the settings can be read."""
    try:
        found: Found = SettingsStore(paths.settings).peek()
        return found.settings.storage.models(paths.models)
    except UserError:
        return paths.models


def _differing(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in GROUPS:
        yield from _values(name, getattr(settings, name))


def _values(prefix: str, group: Any) -> Iterator[tuple[str, str]]:
    for one in fields(group):
        value, check = getattr(group, one.name), check_of(one.metadata)
        if isinstance(check, Group):
            yield from _values(f"{prefix}.{one.name}", value)
        elif value != one.default:
            # A path may say who somebody is and what it is about.
            yield f"{prefix}.{one.name}", tr("set") if isinstance(check, FilePath) else line(str(value))


def conversations(paths: Paths) -> Part:
    """Whether the database of conversations is sound, as far as there is time to look."""
    path, title = paths.store / NAME, tr("Conversations")
    if not path.exists():
        return Part("conversations", title, ((tr("Saved"), tr("none yet")),))
    rows = [(tr("Size"), size(path.stat().st_size))]
    try:
        said, version = _checked(path)
    except (sqlite3.Error, UserError, OSError) as error:
        damaged = is_damage(error)
        said = _damaged() if damaged else tr("They cannot be opened ({why}).", why=_why(error))
        return Part("conversations", title, tuple(rows), (said,))
    rows += [(tr("Version"), str(version)), (tr("Checked"), said or tr("sound"))]
    return Part("conversations", title, tuple(rows), (_damaged(),) if said is None else ())


def _damaged() -> str:
    return tr("The file of saved conversations is damaged. The next start repairs it and keeps the old file.")


def _why(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", "")) or type(error).__name__


def _checked(path: Path) -> tuple[str | None, int]:
    """What a check says ("" for sound, None for damaged, else why it isn't known), and the version."""
    # Without a log beside it nobody writes to it, and reading must leave nothing behind.
    mode = "ro" if path.with_name(f"{path.name}-wal").exists() else "ro&immutable=1"
    with contextlib.closing(connect(path, mode)) as con:
        version = version_of(con)
        timer = threading.Timer(_CHECK_S, con.interrupt)
        timer.start()
        try:
            found = [str(row[0]) for row in con.execute("PRAGMA integrity_check(3)")]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return tr("too large to be looked through here"), version
        finally:
            timer.cancel()
            timer.join()
    return ("" if found == ["ok"] else None), version


def library(folder: Path) -> Part:
    """The models on this machine, by architecture and size: no names."""
    models = local_models(folder) if folder.is_dir() else ()
    kinds: Counter[str] = Counter()
    broken = 0
    for model in models[:_MOST_MODELS]:
        try:
            header = read_model(model.files[0])
        except ModelFileError:
            broken += 1
        else:
            words = known(header.architecture), known(header.quantization), size(model.size)
            kinds[", ".join(words)] += 1
    rows = [(f"{count} ×", words) for words, count in sorted(kinds.items())]
    if len(models) > _MOST_MODELS:
        rows.append(("", ntr("{count} more", "{count} more", len(models) - _MOST_MODELS)))
    problem = ntr("{count} file is damaged.", "{count} files are damaged.", broken)
    starter = starter_path()
    if starter is not None:
        rows.append((tr("Starter model"), f"{starter.stem}, {size(starter.stat().st_size)}"))
    none = ((tr("Found"), tr("none")),)
    return Part("models", tr("Models"), tuple(rows) or none, (problem,) if broken else ())


def log_part(paths: Paths) -> Part:
    """The last errors and warnings of the log, and the last crash."""
    rows = [("", one) for one in tail(paths.logs, _MOST_LINES, least="WARNING")]
    crash = last_crash(paths.logs)
    if crash is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(crash[0]))
        rows += [(tr("Last crash"), when), *(("", one) for one in crash[1][:_MOST_LINES])]
    return Part("log", tr("Last errors"), tuple(rows) or ((tr("Found"), tr("none")),))
