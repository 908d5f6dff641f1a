"""What goes into the frozen program and what stays out, for `cascade-desk.spec`.

The spec hands over PyInstaller's tables: rows of (name in the program, file, kind).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path, PureWindowsPath

Row = tuple[str, str, str]

#: Never imported by the program itself; left in, each drags much behind it.
EXCLUDED_MODULES = [
    "tkinter", "unittest", "pydoc", "doctest", "lib2to3", "idlelib", "turtledemo", "pip", "setuptools",
    "_distutils_hack", "pytest", "_pytest", "hypothesis", "mypy", "numpy", "PIL",
    "IPython", "matplotlib", "pandas", "scipy", "torch", "tensorflow", "uvicorn", "fastapi",
    "llama_cpp.llama", "llama_cpp.server", "diskcache",  # of the binding, the C interface alone is used
    "hf_xet", "lxml.html", "lxml.isoschematron", "lxml.objectify", "PySide6.QtQml", "PySide6.QtQuick",
]  # fmt: skip

#: Parts of Qt that no window of ours uses; plugins pull them in.
UNUSED_QT = re.compile(
    r"Qt6?(Qml|Quick|VirtualKeyboard|Pdf|Designer|Help|Test|Sql|Concurrent|LabsAnimation|LabsFolder|LabsPlatform"
    r"|LabsQml|LabsSettings|LabsShared|LabsSynch|LabsWave|ShaderTools|UiTools|Xml|EglFS|EglFs)\w*(\.abi3)?\.(so|dll|pyd)"
    r"|Qt6?(Qml|Quick|VirtualKeyboard|Pdf)\w*\.framework",
)
#: Plugins that are used, by folder; None for all of a folder. What isn't named stays out.
USED_PLUGINS: dict[str, tuple[str, ...] | None] = {
    "platforms": ("xcb", "wayland", "offscreen", "windows", "cocoa"),
    "platforminputcontexts": ("compose", "ibus"),
    "platformthemes": ("xdgdesktopportal",),
    "styles": None,
    "iconengines": ("svg",),
    "imageformats": ("svg", "ico"),
    "xcbglintegrations": None,
    "wayland-shell-integration": None,
    "wayland-decoration-client": None,
    "wayland-graphics-integration-client": None,
    "accessiblebridge": None,
}
#: Every Linux desktop has them, and they belong with its daemons, fonts and drivers: not ours to bring.
SYSTEM_LIBRARIES = re.compile(
    r"^lib(X\w+|X11-xcb|xcb|dbus-1|glib-2\.0|gthread-2\.0|gobject-2\.0|gio-2\.0|fontconfig|freetype|expat|systemd"
    r"|gcrypt|gpg-error|cap|lz4|gssapi_krb5|krb5|krb5support|k5crypto|com_err|keyutils|stdc\+\+|gcc_s|bsd|md"
    r"|pcre2-8|png16|brotli\w+|z|EGL|GL\w*|wayland-\w+|drm)\.so"
)
#: What Qt says itself, in each language, and the list of what a language has.
USED_TRANSLATIONS = re.compile(r"(qtbase|qt)_[a-z]{2,3}(_[A-Z]{2})?\.qm")
#: Of a library's own data that is asked for at run time; the rest tells where it was built.
USED_METADATA = ("METADATA", "entry_points.txt")
#: Their builders leave symbols for a debugger in, two thirds of the file.
WITH_SYMBOLS = ("libpython3*", "python3*/lib-dynload/*.so", "yaml/*.so", "xxhash/*.so")
_LLAMA = "llama_cpp/lib/"


#: Run at each start before the program. It diverts helpers of multiprocessing, which nobody starts here;
#: only on macOS a lock of tqdm's may bring one.
UNUSED_HOOKS = ("pyi_rth_multiprocessing",)


def without_unused_hooks(scripts: Iterable[Row]) -> list[Row]:
    """The scripts of the start without hooks that nothing here needs."""
    return [row for row in scripts if row[0] not in UNUSED_HOOKS]


def kept(rows: Iterable[Row]) -> list[Row]:
    """The rows without what is unused."""
    return [row for row in rows if _is_used(_posix(row[0]))]


def needed(rows: list[Row], imports: Callable[[str], Iterable[str]]) -> list[Row]:
    """Without libraries that only removed plugins asked for.

    Args:
        imports: the names of the libraries that a file asks the linker for.
    """
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(_last(row[0]), []).append(row)
    waiting = [row for row in rows if not _is_library(_posix(row[0]))]
    reached = set(waiting)
    while waiting:
        row = waiting.pop()
        wanted = [row[1]] if row[2] == "SYMLINK" else imports(row[1])
        for other in (found for name in wanted for found in by_name.get(_last(name), [])):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return [row for row in rows if row in reached]


def _posix(name: str) -> str:
    """The name in the program, as Linux would write it."""
    return name.replace("\\", "/")


def _last(name: str) -> str:
    """The name without its folders, as a linker looks for it: Windows' own asks in any case of letters."""
    return PureWindowsPath(name).name.lower()


def _is_library(name: str) -> bool:
    """Whether it is there for others only: at the top level, or one of Qt's own."""
    own = name.startswith("libpython") or ".cpython-" in name or name.endswith(".pyd")
    return not own and ("/" not in name or bool(re.match(r"PySide6/(Qt/lib/|Qt6|[^/]*\.dll)", name)))


def llama_rows(folder: Path) -> list[Row]:
    """llama.cpp's libraries, each once: the name that the binding loads is a link to the one that the linker
    looks for. Two files would be loaded as two libraries with a state of their own."""
    files = [path for path in folder.iterdir() if re.search(r"\.(so|dylib|dll)$|\.so\.\d+$", path.name)]
    rows: list[Row] = []
    for path in sorted(files):
        numbered = path.with_name(f"{path.name}.0")
        if path.name.endswith(".so") and numbered in files:
            rows.append((_LLAMA + path.name, numbered.name, "SYMLINK"))
        elif not path.is_symlink() or re.search(r"\.so\.\d+$", path.name):
            rows.append((_LLAMA + path.name, str(path.resolve()), "BINARY"))
    return rows


def without_llama(rows: Iterable[Row]) -> list[Row]:
    """Without what PyInstaller found of llama.cpp, wherever it put it."""
    ours = re.compile(r"(^|/)(lib)?(llama|ggml|mtmd)[\w-]*\.(so|dylib|dll)(\.[\d.]+)?$")
    return [row for row in rows if not ours.search(_posix(row[0]))]


def _is_used(name: str) -> bool:
    last = name.rpartition("/")[2]
    if "/" not in name and SYSTEM_LIBRARIES.match(name):
        return False
    if UNUSED_QT.search(last) or (".framework/" in name and UNUSED_QT.search(name)):
        return False
    plugin = re.search(r"PySide6/(?:Qt/)?plugins/([^/]+)/", name)
    if plugin:
        allowed = USED_PLUGINS.get(plugin[1], ())
        return allowed is None or any(part in last for part in allowed)
    if re.search(r"PySide6/(?:Qt/)?translations/", name):
        return bool(USED_TRANSLATIONS.fullmatch(last))
    if ".dist-info/" in name:
        return last in USED_METADATA
    return not re.search(r"PySide6/(?:Qt/)?qml/", name)
