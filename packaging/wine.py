"""Wine, for `make installer-check`: a Windows of its own in a folder, and a screen that nobody sees.

Nothing of the person's own wine is touched, and none of their folders is linked into this one's.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: Wine 8 plays Windows 7 unless it is told; the installer wants 10.
WINDOWS = "win10"
_BOOT_S, _RUN_S = 300.0, 180.0
_VALUE = re.compile(r"^ {4}(.*?) {4}REG_(\w+) {4}(.*)$")


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A display of its own: its name, as DISPLAY has it."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise OSError("Xvfb does not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class Wine:
    """One Windows in a folder.

    Args:
        prefix: its folder; made by `set_up`.
        bits: 32 or 64; a Windows of 64 bits runs programs of both.
        display: the screen for what needs one.
    """

    def __init__(self, prefix: Path, bits: int, display: str = "") -> None:
        self.prefix, self._bits, self._display = prefix, bits, display

    @property
    def drive(self) -> Path:
        """Drive C."""
        return self.prefix / "drive_c"

    @property
    def user(self) -> Path:
        """The folder of its only user."""
        users = sorted(path for path in (self.drive / "users").iterdir() if path.name != "Public")
        return users[0]

    def environment(self) -> dict[str, str]:
        """What wine is started with."""
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
        }
        home = self.prefix.with_name(f"{self.prefix.name}-home")
        home.mkdir(parents=True, exist_ok=True)
        kept |= {
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": f"win{self._bits}",
            "WINEDEBUG": "-all",
            # Else it asks whether it may fetch Mono and Gecko; nothing here needs them.
            "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=d",
            "HOME": str(home),
        }
        return kept | ({"DISPLAY": self._display} if self._display else {})

    def set_up(self, *, afresh: bool = False) -> None:
        """Make the Windows, where it isn't made. CalledProcessError or TimeoutExpired where that fails."""
        if afresh:
            shutil.rmtree(self.prefix, ignore_errors=True)
        if not (self.prefix / "user.reg").is_file():
            self.prefix.mkdir(parents=True, exist_ok=True)
            self._run("wineboot", "--init", seconds=_BOOT_S).check_returncode()
            key = ("HKCU\\Software\\Wine", "/v", "Version", "/d", WINDOWS, "/f")
            self.run("reg", "add", *key).check_returncode()

    def run(self, *command: str, seconds: float = _RUN_S) -> subprocess.CompletedProcess[str]:
        """Run a Windows program and wait for it; TimeoutExpired if it takes longer."""
        return self._run("wine", *command, seconds=seconds)

    def _run(self, *command: str, seconds: float) -> subprocess.CompletedProcess[str]:
        # A file, not a pipe: what wine leaves running would hold the pipe open.
        output = self.prefix.with_name(f"{self.prefix.name}-output.txt")
        with output.open("wb") as file:
            done = subprocess.run(
                command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                timeout=seconds, check=False,
            )  # fmt: skip
        text = output.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        return subprocess.CompletedProcess(command, done.returncode, text, "")

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a Windows program and leave it running."""
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(
            ["wine", *command], env=self.environment(), stdin=nowhere, stdout=nowhere, stderr=nowhere
        )

    def values(self, key: str) -> dict[str, str]:
        """The values of one key of the registry, the default one as ""; empty where there is no key."""
        found = {}
        for line in self.run("reg", "query", key).stdout.splitlines():
            if value := _VALUE.match(line):
                found["" if value[1] == "(Default)" else value[1]] = value[3]
        return found

    def keys(self, key: str) -> list[str]:
        """The keys right below one of the registry."""
        lines = self.run("reg", "query", key).stdout.splitlines()
        return sorted(
            line.rpartition("\\")[2]
            for line in lines
            if line.lower().startswith("hkey") and line.count("\\") == full(key).count("\\") + 1
        )

    def set_default(self, key: str, value: str) -> None:
        """Give a key its default value."""
        self.run("reg", "add", key, "/ve", "/d", value, "/f").check_returncode()

    def end(self) -> None:
        """End what runs in it."""
        if self.prefix.is_dir():
            subprocess.run(["wineserver", "-k"], env=self.environment(), check=False, capture_output=True)


def full(key: str) -> str:
    """A key as the registry's own tools print it."""
    return key.replace("HKCU", "HKEY_CURRENT_USER", 1)


def windows_path(path: Path) -> str:
    """A path of this machine as wine's programs know it."""
    return "Z:" + str(path.resolve()).replace("/", "\\")
