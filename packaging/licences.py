"""Collects the licence of everything that the frozen program holds.

    python packaging/licences.py CONTENTS.json FOLDER

CONTENTS is what the spec wrote: the modules and files inside. For each library FOLDER gets its texts, and
LICENCES.md lists them all. It fails where a licence isn't known or isn't allowed, or has no text.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEXTS = HERE / "licence-texts"
#: Words of a licence's name that allow it to be in the program: one for a choice (OR), one for each of AND.
ALLOWED = re.compile(
    r"\b(MIT|MIT-0|BSD|0BSD|Apache|ISC|Zlib|PSF|Python Software|CC0|MPL|Mozilla Public|LGPL|Unlicense|OFL"
    r"|Public Domain|HPND|GCC-exception)",
    re.IGNORECASE,
)
#: What their own packages leave out, and where it is kept here.
KEPT_TEXTS = {
    "PySide6_Essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "latex2mathml": ("latex2mathml.txt",),
}
#: What is taken along of the system, and the licence of its libraries (packages name their tools', too).
SYSTEM = {
    "libbz2-1.0": "BSD-style (bzip2-1.0.6)",
    "libcrypt1": "LGPL-2.1-or-later",
    "libffi8": "MIT",
    "libgomp1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "liblzma5": "Public Domain",
    "libncursesw6": "MIT",
    "libsqlite3-0": "Public Domain",
    "libssl3": "Apache-2.0",
    "libtinfo6": "MIT",
    "libuuid1": "BSD-3-Clause",
    "libzstd1": "BSD-3-Clause",
    "zlib1g": "Zlib",
}
#: Families of packages with one licence.
SYSTEM_FAMILIES = {"libxcb-": "MIT", "libxkbcommon": "MIT"}
_TEXT_NAME = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)


@dataclass
class Part:
    """One library: its texts are (name, content)."""

    name: str
    version: str
    licence: str
    texts: list[tuple[str, bytes]] = field(default_factory=list)

    def faults(self) -> Iterable[str]:
        """Why it can't go into the program."""
        if not all(ALLOWED.search(one) for one in re.split(r"\bAND\b", self.licence)):
            yield f"{self.name}: licence {self.licence!r} is not on the list"
        if not self.texts:
            yield f"{self.name}: no text of its licence was found"


def distributions(modules: Iterable[str], files: Iterable[str]) -> list[metadata.Distribution]:
    """The installed libraries that modules and files are from."""
    tops = {module.partition(".")[0] for module in modules}
    names = {
        name for top, found in metadata.packages_distributions().items() if top in tops for name in found
    }
    wanted = {str(Path(file).resolve()) for file in files}
    for one in metadata.distributions():
        if one.name not in names and any(str(one.locate_file(path)) in wanted for path in one.files or ()):
            names.add(one.name)
    return [metadata.distribution(name) for name in sorted(names, key=str.lower)]


def licence_of(about: metadata.PackageMetadata) -> str:
    """The licence's name as the library states it."""
    classifiers = [
        one.rpartition("::")[2].strip() for one in about.get_all("Classifier") or () if "License" in one
    ]
    stated = (about.get("License") or "").strip().splitlines()
    return about.get("License-Expression") or "; ".join(classifiers) or (stated[0] if stated else "")


def library(one: metadata.Distribution) -> Part:
    """An installed library with the texts that it brings."""
    part = Part(one.name, one.version, licence_of(one.metadata))
    for path in one.files or ():
        if ".dist-info" in str(path) and (_TEXT_NAME.search(path.name) or "/licenses/" in str(path)):
            place = Path(str(one.locate_file(path)))
            part.texts.append((str(path).partition("/")[2].replace("/", "-"), place.read_bytes()))
    for name in KEPT_TEXTS.get(one.name, ()):
        part.texts.append((name, (TEXTS / name).read_bytes()))
    return part


def python_itself() -> Part:
    """The interpreter."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    places = [
        folder / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE",
    ]
    texts = [("LICENSE.txt", place.read_bytes()) for place in places if place.is_file()]
    return Part("Python", sys.version.split()[0], "PSF-2.0", texts[:1])


def system_libraries(files: Iterable[str]) -> list[Part]:
    """Debian's own libraries that were taken along, one part for each package."""
    if shutil.which("dpkg-query") is None:
        return []
    packages: dict[str, Part] = {}
    for file in files:
        for place in {file, file.removeprefix("/usr"), str(Path(file).resolve())}:
            asked = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True, check=False)
            if asked.returncode == 0:
                name = asked.stdout.split(":")[0].split(",")[0]
                packages.setdefault(name, debian_package(name))
                break
    return [packages[name] for name in sorted(packages)]


def debian_package(name: str) -> Part:
    """A package with its copyright file."""
    asked = ["dpkg-query", "-W", "-f=${Version}", name]
    version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    place = Path("/usr/share/doc") / name / "copyright"
    texts = [("copyright", place.read_bytes())] if place.is_file() else []
    family = next((licence for start, licence in SYSTEM_FAMILIES.items() if name.startswith(start)), "")
    licence = SYSTEM.get(name, family)
    return Part(name, version, licence, texts)


def font(path: Path) -> Part:
    """A font with the copyright and licence that stand in its name table (OpenType, `name`)."""
    names = name_table(path.read_bytes())
    text = "\n\n".join(names[key] for key in (0, 13, 14) if key in names)
    licence = "OFL-1.1" if "Open Font License" in text else text[:80]
    return Part(
        f"Font {names.get(4, path.stem)}", names.get(5, ""), licence, [("LICENSE.txt", text.encode())]
    )


def name_table(data: bytes) -> dict[int, str]:
    """Windows' Unicode names of a font by their number."""
    tables = struct.unpack_from(">H", data, 4)[0]
    for number in range(tables):
        tag, _sum, start, _length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if tag == b"name":
            count, strings = struct.unpack_from(">HH", data, start + 2)
            rows = (struct.unpack_from(">6H", data, start + 6 + 12 * row) for row in range(count))
            return {
                key: data[start + strings + at : start + strings + at + size].decode("utf-16-be", "replace")
                for platform, _encoding, language, key, size, at in rows
                if platform == 3 and language == 0x409
            }
    return {}


def collect(contents: dict[str, list[str]]) -> list[Part]:
    """Everything that is inside."""
    libraries = distributions(contents["modules"], contents["files"])
    parts = [python_itself(), *(library(one) for one in libraries if one.name != "cascade-desk")]
    site = Path(sysconfig.get_paths()["purelib"])
    outside = [file for file in contents["files"] if not Path(file).is_relative_to(site)]
    parts += system_libraries(file for file in outside if not Path(file).is_relative_to(sys.base_prefix))
    fonts = sorted({file for file in contents["files"] if Path(file).suffix.lower() in (".ttf", ".otf")})
    return parts + [font(Path(file)) for file in fonts]


def write(parts: list[Part], folder: Path) -> None:
    """A folder for each part, and the list of them."""
    shutil.rmtree(folder, ignore_errors=True)
    lines = [
        "# Licences",
        "",
        "What is inside, and the licence of each; its text is in the folder of its name.",
        "",
    ]
    lines += ["| part | version | licence |", "|---|---|---|"]
    for part in parts:
        place = folder / re.sub(r"[^\w.+-]+", "-", part.name)
        place.mkdir(parents=True, exist_ok=True)
        for name, text in part.texts:
            (place / name).write_bytes(text)
        lines.append(f"| {part.name} | {part.version} | {part.licence.replace('|', '/')} |")
    (folder / "LICENCES.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(contents: str, folder: str) -> int:
    parts = collect(json.loads(Path(contents).read_text(encoding="utf-8")))
    faults = [fault for part in parts for fault in part.faults()]
    for fault in faults:
        print(fault, file=sys.stderr)
    write(parts, Path(folder))
    print(f"{len(parts)} parts with their licences in {Path(folder).name}/")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
