from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import Paths

IDS = ["program", "engine", "memory", "folders", "settings", "conversations", "models", "log"]


def doctor(*arguments: str, code: str = "", **more: object) -> subprocess.CompletedProcess[str]:
    """Run it; with `code` before it."""
    run = f"{code}\nimport sys; from app.cli import main; raise SystemExit(main(['doctor', *sys.argv[1:]]))"
    return subprocess.run(
        [sys.executable, "-c", run, *arguments],
        capture_output=True, text=True, timeout=60, check=False, **more,
    )  # type: ignore[call-overload,no-any-return]  # fmt: skip


def test_it_prints_one_object(paths: Paths) -> None:
    done = doctor("--json", "--data-dir", str(paths.data))
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert [part["id"] for part in told["parts"]] == IDS
    assert told["sound"] is not bool(done.returncode)
    assert not paths.data.exists()


def test_a_broken_machine_is_told_of_all_the_same(paths: Paths) -> None:
    """No engine, no library, damaged settings and database, a file in place of the logs."""
    paths.store.mkdir(parents=True)
    (paths.store / "conversations.db").write_bytes(b"not a database at all" * 400)
    paths.settings.write_text("{", encoding="utf-8")
    paths.logs.write_text("", encoding="utf-8")
    code = (
        "import app.engine.client, app.doctor.machine as m\n"
        "app.engine.client.self_command = lambda *_: ['/nowhere/engine']\n"
        "def none(name): raise m.PackageNotFoundError\n"
        "m.version = none\n"
    )
    done = doctor("--data-dir", str(paths.data), code=code)
    assert done.returncode == 1, done.stderr
    assert "! Engine: The engine cannot be started" in done.stdout
    assert "! Folders: Logs: a file is in its place" in done.stdout
    assert "! Settings: The settings file is damaged." in done.stdout
    assert "! Conversations: The file of saved conversations is damaged." in done.stdout
    assert "PySide6: not known" in done.stdout
    assert done.stdout.rstrip().endswith("Something is wrong: see the lines with ! above.")
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_its_output_is_no_crash(paths: Paths) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        run = "import sys; from app.cli import main; raise SystemExit(main(['doctor', *sys.argv[1:]]))"
        done = subprocess.run(
            [sys.executable, "-c", run, "--data-dir", str(paths.data)],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == ""
