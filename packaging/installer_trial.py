"""Installs, upgrades and uninstalls silently under wine, and looks at what is there after each step.

Standard library only.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import stand_in
from installer_compile import CheckError
from wine import Wine, windows_path

KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall"
CLASSES = r"HKCU\Software\Classes"
ENTRY = "{23DCCE7E-541A-4542-88DA-555829868C34}_is1"
OTHERS = "Others.gguf"
SILENT = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART")
#: Exit codes of Setup: 7, its preparing step found that it can't go on.
CANNOT_GO_ON = 7
_GONE_S = 60.0


@dataclass(frozen=True)
class Setups:
    """Installers of three versions; the last one's program doesn't let itself be closed."""

    older: Path
    newer: Path
    stubborn: Path
    newer_version: str


class Trial:
    """The steps; each tells what it saw, and raises CheckError for what it missed."""

    def __init__(self, wine: Wine, setups: Setups, say: Callable[[str], None]) -> None:
        self._wine, self._setups, self._say = wine, setups, say
        local = wine.user / "AppData" / "Local"
        roaming = wine.user / "AppData" / "Roaming"
        self._app = local / "Programs" / "Cascade Desk"
        self._data = local / "cascade-desk"
        self._menu = roaming / "Microsoft/Windows/Start Menu/Programs/Cascade Desk.lnk"
        self._icon = wine.user / "Desktop" / "Cascade Desk.lnk"
        self.log = wine.drive / "setup.log"

    def run(self) -> None:
        """All of it, in order."""
        self._wine.set_default(rf"{CLASSES}\.gguf", OTHERS)
        self._first()
        self._write_data()
        self._stays_while_open()
        self._upgrade()
        self._choices()
        self._uninstall_keeps_data()
        self._german()
        self._uninstall_removes_data()

    # ---- the steps ------------------------------------------------------------------------

    def _first(self) -> None:
        self._install(self._setups.older, "/TASKS=", "/LANG=en")
        self._there(self._app / "cascade-desk.exe", self._app / "_internal/older.dll", self._menu)
        self._there(self._app / "_internal/resources/Namen mit Umlauten äöü.txt")
        self._absent(self._icon)
        self._equal("entries in Add/Remove", self._wine.keys(KEY), [ENTRY])
        self._equal("kinds of file", self._wine.values(rf"{CLASSES}\CascadeDesk.gguf"), {})
        if "User privileges" in self._log() and "Administrative install mode: No" not in self._log():
            raise CheckError("it was not installed for the person alone")
        self._say("installed for the person alone, with a Start menu entry and no more than that")

    def _write_data(self) -> None:
        for path in (self._data / "conversations/one.sqlite", self._app / "gpu/llama.dll"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"mine")

    def _stays_while_open(self) -> None:
        running = self._open()
        done = self._setup(self._setups.stubborn, "/TASKS=")
        self._equal("exit code beside a copy that doesn't close", done, CANNOT_GO_ON)
        self._there(self._app / "_internal/older.dll")
        self._say("a running copy that doesn't close in time: exit 7, and nothing is changed")
        running.kill()
        running.wait()

    def _open(self) -> subprocess.Popen[bytes]:
        """Start what stands in for a window that doesn't close, beside the installed program."""
        program = self._wine.drive / "stubborn" / "cascade-desk.exe"
        program.parent.mkdir(exist_ok=True)
        program.write_bytes(stand_in.executable(stubborn=True))
        return self._start(program)

    def _start(self, program: Path) -> subprocess.Popen[bytes]:
        running = self._wine.start(windows_path(program))
        time.sleep(3)  # nothing tells from outside that the mutex is held
        if running.poll() is not None:
            raise CheckError(f"{program.name} ended by itself with {running.returncode}")
        return running

    def _upgrade(self) -> None:
        running = self._start(self._app / "cascade-desk.exe")
        self._install(self._setups.newer, "/TASKS=desktopicon,gguf")
        running.wait(timeout=_GONE_S)
        self._there(self._app / "_internal/newer.dll", self._icon, self._menu, self._app / "gpu/llama.dll")
        self._absent(self._app / "_internal/older.dll")
        self._there(self._data / "conversations/one.sqlite")
        self._equal("entries in Add/Remove", self._wine.keys(KEY), [ENTRY])
        entry = self._wine.values(rf"{KEY}\{ENTRY}")
        self._equal("version", entry.get("DisplayVersion"), self._setups.newer_version)
        self._equal("name", entry.get("DisplayName"), "Cascade Desk")
        self._say(
            "upgraded in place: the window was closed, stale libraries are gone, one entry, data is kept"
        )
        self._offered()
        self._say("asked for: a desktop icon, and a place under Open with; the default for .gguf stays")

    def _offered(self) -> None:
        offered = self._wine.values(rf"{CLASSES}\.gguf\OpenWithProgids")
        self._equal(".gguf is offered to", list(offered), ["CascadeDesk.gguf"])
        self._equal("default for .gguf", self._wine.values(rf"{CLASSES}\.gguf").get(""), OTHERS)
        command = self._wine.values(rf"{CLASSES}\CascadeDesk.gguf\shell\open\command").get("", "")
        if not command.endswith(r'\Programs\Cascade Desk\cascade-desk.exe" "%1"'):
            raise CheckError(f"the command for .gguf is {command}")

    def _choices(self) -> None:
        self._install(self._setups.newer)
        self._there(self._icon)
        self._offered()
        self._install(self._setups.newer, "/TASKS=")
        self._absent(self._icon)
        self._equal("kinds of file", self._wine.values(rf"{CLASSES}\CascadeDesk.gguf"), {})
        self._equal("offers for .gguf", self._wine.values(rf"{CLASSES}\.gguf\OpenWithProgids"), {})
        self._equal("default for .gguf", self._wine.values(rf"{CLASSES}\.gguf").get(""), OTHERS)
        self._say("an upgrade keeps what was asked for, and takes back what is not asked for any more")
        self._install(self._setups.newer, "/TASKS=desktopicon,gguf")

    def _uninstall_keeps_data(self) -> None:
        running = self._start(self._app / "cascade-desk.exe")
        self._uninstall()
        running.wait(timeout=_GONE_S)
        self._absent(self._app / "cascade-desk.exe", self._app / "_internal", self._menu, self._icon)
        self._there(self._data / "conversations/one.sqlite", self._app / "gpu/llama.dll")
        self._equal("entries in Add/Remove", self._wine.keys(KEY), [])
        self._equal("kinds of file", self._wine.values(rf"{CLASSES}\CascadeDesk.gguf"), {})
        self._equal("offers for .gguf", self._wine.values(rf"{CLASSES}\.gguf\OpenWithProgids"), {})
        self._equal("default for .gguf", self._wine.values(rf"{CLASSES}\.gguf").get(""), OTHERS)
        self._say("uninstalled: the window was closed, all that was installed is gone, data is kept")

    def _german(self) -> None:
        self._install(self._setups.newer, "/TASKS=gguf", "/LANG=de")
        named = self._wine.values(rf"{CLASSES}\CascadeDesk.gguf").get("")
        self._equal("kind of file in German", named, "GGUF-Modell")
        self._say("installed in German")

    def _uninstall_removes_data(self) -> None:
        self._uninstall("/REMOVEDATA=1")
        self._absent(self._data, self._app / "cascade-desk.exe")
        self._say("uninstalled with /REMOVEDATA=1: the person's data is gone, too")

    # ---- what they are made of ------------------------------------------------------------

    def _setup(self, setup: Path, *more: str) -> int:
        self.log.unlink(missing_ok=True)
        command = [windows_path(setup), *SILENT, r"/LOG=C:\setup.log", *more]
        return self._wine.run(*command).returncode

    def _install(self, setup: Path, *more: str) -> None:
        status = self._setup(setup, *more)
        if status:
            raise CheckError(f"{setup.name} ended with {status}:\n{self._log()}")

    def _uninstall(self, *more: str) -> None:
        program = self._app / "unins000.exe"
        status = self._wine.run(windows_path(program), *SILENT, *more).returncode
        if status:
            raise CheckError(f"{program.name} ended with {status}")
        # It goes on in a copy of itself, which removes the program last.
        end = time.monotonic() + _GONE_S
        while program.exists():
            if time.monotonic() > end:
                raise CheckError(f"{program.name} is still there")
            time.sleep(0.2)

    def _log(self) -> str:
        return self.log.read_text(encoding="utf-8-sig", errors="replace") if self.log.exists() else ""

    def _there(self, *paths: Path) -> None:
        for path in paths:
            if not path.exists():
                raise CheckError(f"missing: {path}\n{self._log()}")

    def _absent(self, *paths: Path) -> None:
        for path in paths:
            if path.exists():
                raise CheckError(f"still there: {path}\n{self._log()}")

    def _equal(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            raise CheckError(f"{what}: {found!r}, and it must be {wanted!r}\n{self._log()}")
