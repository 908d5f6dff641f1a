"""What the machine must have besides Python: libraries for Qt, a font, a compiler; for the tests what they
start and what reads their exports.

Everything is looked for first. What is missing is installed with apt-get where that is
allowed without asking (root, or sudo that wants no password) and otherwise named in one line.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

#: What the libraries of PySide6-Essentials 6.11 and its xcb plugin ask the system for
#: (`readelf -d`), and OpenMP for llama.cpp; with the Debian package that brings each. Wayland's
#: own are left out: a Wayland desktop has them, and without them Qt takes xcb.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libzstd.so.1": "libzstd1",
    "libbrotlidec.so.1": "libbrotli1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgomp.so.1": "libgomp1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-glx.so.0": "libxcb-glx0",
}

#: What the tests start, with the Debian package that brings each; and what starts the accessibility bus.
TEST_PROGRAMS = {"Xvfb": "xvfb", "dbus-daemon": "dbus", "pdftotext": "poppler-utils"}
LAUNCHERS = (
    "/usr/libexec/at-spi-bus-launcher",
    "/usr/lib/at-spi2-core/at-spi-bus-launcher",
    "/usr/lib/at-spi-bus-launcher",
)

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_KINDS = (".ttf", ".otf", ".ttc")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Debian packs wine apart for each kind of program; the second is another architecture's.
WINE = {64: "wine64", 32: "wine32:i386"}
WINE_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/opt")
WINE_PLACES = ("wine", "*/wine", "*/lib/wine", "*/lib64/wine")
WINE_PARTS = {64: "x86_64-unix", 32: "i386-unix"}
APT_OPTIONS = ("-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0")


class Need(NamedTuple):
    """Something the machine lacks: its plain name, and the Debian package that has it."""

    what: str
    package: str


def loads(soname: str) -> bool:
    """Whether the dynamic linker finds `soname`: Qt will ask it in the same way."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_libraries(found: Callable[[str], bool] = loads) -> list[Need]:
    """The libraries of the table that `found` does not find; none to look for off Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [Need(soname, package) for soname, package in LIBRARIES.items() if not found(soname)]


def has_font() -> bool:
    """Whether any scalable font is installed (always True off Linux)."""
    if not sys.platform.startswith("linux"):
        return True
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":scalable=true"], capture_output=True, check=False)
        if listed.stdout.strip():
            return True
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return any(path.suffix.lower() in FONT_KINDS for folder in folders for path in folder.rglob("*"))


def has_compiler() -> bool:
    """Whether CMake will find a C++ compiler. On Windows it looks Visual Studio up by itself."""
    if os.name == "nt" or os.environ.get("CXX"):
        return True
    return any(shutil.which(name) for name in ("c++", "g++", "clang++"))


def missing_for_window() -> list[Need]:
    """What the window lacks on this machine."""
    fonts = [] if has_font() else [Need("a font", "fonts-dejavu-core")]
    return missing_libraries() + fonts


def missing_for_build(compile_needed: bool) -> list[Need]:
    """What setting up lacks: ensurepip, which Debian packs apart, and a compiler if one is needed."""
    needs = []
    if importlib.util.find_spec("ensurepip") is None:
        needs.append(Need("Python's venv module", "python{}.{}-venv".format(*sys.version_info)))
    if compile_needed and not has_compiler():
        needs.append(Need("a C++ compiler", "g++"))
    return needs


def missing_for_tests() -> list[Need]:
    """What the tests lack: a display of their own, the buses of screen readers, a reader of PDFs."""
    if not sys.platform.startswith("linux"):
        return []
    needs = [Need(name, package) for name, package in TEST_PROGRAMS.items() if shutil.which(name) is None]
    if not any(Path(place).exists() for place in LAUNCHERS):
        needs.append(Need("the accessibility bus", "at-spi2-core"))
    return needs


def missing_for_soak() -> list[Need]:
    """What the long tests lack: a browser that opens an exported page."""
    if not sys.platform.startswith("linux") or any(shutil.which(name) for name in BROWSERS):
        return []
    return [Need("Chromium", "chromium")]


def missing_for_trying() -> list[Need]:
    """What trying the frozen program out lacks: what its tests do, and what presses keys."""
    needs = missing_for_tests()
    if sys.platform.startswith("linux") and shutil.which("xdotool") is None:
        needs.append(Need("xdotool", "xdotool"))
    return needs


def missing_for_installer(need_npm: bool) -> list[Need]:
    """What the check of the Windows installer lacks: wine, for its compiler (32 bits) and its work."""
    needs = [Need(f"wine for {bits} bits", package) for bits, package in WINE.items() if not has_wine(bits)]
    programs = {"wine": "wine", "Xvfb": "xvfb"} | ({"npm": "npm"} if need_npm else {})
    return needs + [Need(name, package) for name, package in programs.items() if shutil.which(name) is None]


def has_wine(bits: int) -> bool:
    """Whether wine runs Windows programs of so many bits."""
    patterns = [f"{place}/{WINE_PARTS[bits]}" for place in WINE_PLACES]
    return any(any(Path(root).glob(pattern)) for root in WINE_FOLDERS for pattern in patterns)


def apt_prefix() -> list[str] | None:
    """What to put before apt-get so that it runs without asking; None where it may not run."""
    if os.environ.get("CASCADE_NO_APT") or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def packages(needs: list[Need]) -> list[str]:
    """The Debian packages for `needs`, each once, sorted."""
    return sorted({need.package for need in needs})


def apt_install(needs: list[Need], prefix: list[str]) -> bool:
    """Install the packages for `needs`; whether apt-get says that it did."""
    names = packages(needs)
    print(f"Installing system packages: {' '.join(names)}", flush=True)
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "DEBCONF_NOWARNINGS=yes"]
    quiet += ["apt-get", "-qq", *APT_OPTIONS]
    for name in sorted({name.partition(":")[2] for name in names if ":" in name}):
        subprocess.run([*prefix, "dpkg", "--add-architecture", name], check=False, stdin=subprocess.DEVNULL)
    # The lists of a fresh machine are empty or old. One broken source must not end it here.
    subprocess.run([*prefix, *quiet, "update"], check=False, stdin=subprocess.DEVNULL)
    command = [*prefix, *quiet, "install", "--yes", "--no-install-recommends", *names]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return done.returncode == 0


def report(needs: list[Need]) -> str:
    """One line that a person can type, or, off Debian, one that names what is missing."""
    if shutil.which("apt-get"):
        return "sudo apt-get install --no-install-recommends " + " ".join(packages(needs))
    return "with this system's package manager: " + ", ".join(need.what for need in needs)


def provide(look: Callable[[], list[Need]]) -> list[Need]:
    """Look for what is missing, install it where that is allowed; what is missing after that."""
    needs = look()
    if not needs:
        return []
    prefix = apt_prefix()
    if prefix is None:
        return needs
    apt_install(needs, prefix)
    # apt-get's word is not enough: what counts is whether the thing is found now.
    importlib.invalidate_caches()
    return look()
