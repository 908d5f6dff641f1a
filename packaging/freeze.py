"""Builds the frozen program: `make package`.

python packaging/freeze.py            dist/cascade-desk, tried out, and on Linux a tarball and a .deb
python packaging/freeze.py --no-try   without trying it out
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import frozen
import licences
import linux_packages
import smoke
import system_packages

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
WORK = ROOT / "build" / "freeze"
FOLDER = DIST / "cascade-desk"
CONTENTS = ROOT / "build" / "contents.json"
#: Two files of this size or more with the same bytes are a mistake.
_LEAST_DOUBLE = 64 * 1024


def draw_icons() -> None:
    """The app's icon as Windows and macOS want it, and in the sizes of Linux' icon theme."""
    subprocess.run([sys.executable, str(ROOT / "packaging" / "icons.py")], check=True)


def freeze() -> None:
    """Run PyInstaller."""
    WORK.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += [
        "--distpath",
        str(DIST),
        "--workpath",
        str(WORK),
        str(ROOT / "packaging" / "cascade-desk.spec"),
    ]
    subprocess.run(command, check=True, cwd=ROOT)


def strip(folder: Path) -> None:
    """Take symbols for a debugger out of Python and of what leaves them in; nothing where there is no tool.

    Only out of these: libraries that a wheel's builder has moved together don't survive it.
    """
    tool = shutil.which("strip") if sys.platform == "linux" else None
    for pattern in frozen.WITH_SYMBOLS if tool else ():
        for path in (folder / "_internal").glob(pattern):
            if path.is_file() and not path.is_symlink():
                subprocess.run([str(tool), "--strip-debug", str(path)], check=True)


def faults(folder: Path) -> list[str]:
    """Links that lead nowhere, files that are there twice, and what must be there and is not."""
    found = [
        f"leads nowhere: {path}" for path in folder.rglob("*") if path.is_symlink() and not path.exists()
    ]
    same: dict[str, list[Path]] = defaultdict(list)
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size >= _LEAST_DOUBLE:
            same[hashlib.sha256(path.read_bytes()).hexdigest()].append(path.relative_to(folder))
    found += [
        f"there more than once: {', '.join(map(str, paths))}" for paths in same.values() if len(paths) > 1
    ]
    return found + [f"missing: {pattern}" for pattern in wanted() if not any(folder.rglob(pattern))]


def wanted() -> list[str]:
    """What must be there, as patterns of names: each catalogue of the program's own words, too."""
    library = "libllama.so" if sys.platform == "linux" else "*llama*.d*l*"
    translations = ROOT / "resources" / "translations"
    own = [path.relative_to(translations.parent).as_posix() for path in translations.rglob("*.mo")]
    return [library, "*.gguf", "STIXTwoMath-Regular.ttf", "app-icon.svg", "qtbase_de.qm", *own]


def size(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def try_out() -> bool:
    """Drive the frozen program through all that it does; whether all of it worked."""
    missing = system_packages.provide(system_packages.missing_for_trying)
    if missing:
        print(f"To try it out: {system_packages.report(missing)}", file=sys.stderr)
        return False
    if smoke.main(str(FOLDER)):
        return False
    command = [sys.executable, "-m", "pytest", "-q", "tests/frozen"]
    around = {**os.environ, "CASCADE_PROGRAM": str(FOLDER / "cascade-desk")}
    return subprocess.run(command, check=False, cwd=ROOT, env=around).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the frozen program.")
    parser.add_argument("--no-try", action="store_true", help="do not try it out")
    chosen = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    draw_icons()
    freeze()
    strip(FOLDER)
    if licences.main(str(CONTENTS), str(FOLDER / "licences")):
        return 1
    shutil.copy2(ROOT / "LICENSE", FOLDER / "LICENSE")
    wrong = faults(FOLDER)
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        return 1
    print(f"{FOLDER.relative_to(ROOT)}: {size(FOLDER) / 1e6:.0f} MB")
    if not chosen.no_try and not try_out():
        return 1
    return linux_packages.main(FOLDER) if sys.platform == "linux" else 0


if __name__ == "__main__":
    raise SystemExit(main())
