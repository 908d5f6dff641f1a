"""Packs the frozen program for Linux: a tarball, and a .deb with menu entry, icons and AppStream data.

The tarball runs where it is unpacked, and `install.sh` in it puts it into a person's own menu.
"""

from __future__ import annotations

import calendar
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import system_packages

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
ICONS = ROOT / "build" / "icons"
NAME = "cascade-desk"
ID = "org.cascade-desk.CascadeDesk"
#: Where Debian's policy puts programs that bring their own libraries.
PLACE = Path("opt") / NAME
#: Of xz: a third of the time of its usual 6 for 7 % more bytes: most are the model's, which gives nothing.
#: dpkg reads no other for long names.
_FORMAT = tarfile.GNU_FORMAT
_LEVEL = 1
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def version() -> str:
    """The project's version."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


def share(folder: Path) -> None:
    """Menu entry, kind of file, AppStream data and icons, below a `share` folder."""
    for source, target in (
        (f"{ID}.desktop", "applications"),
        (f"{ID}.mime.xml", "mime/packages"),
        (f"{ID}.metainfo.xml", "metainfo"),
    ):
        (folder / target).mkdir(parents=True, exist_ok=True)
        text = (LINUX / source).read_text(encoding="utf-8")
        text = text.replace("@VERSION@", version()).replace("@DATE@", time.strftime("%Y-%m-%d", built()))
        (folder / target / source.replace(".mime.xml", ".xml")).write_text(text, encoding="utf-8")
    for icon in ICONS.glob(f"{NAME}-*.png"):
        size = icon.stem.rpartition("-")[2]
        place = folder / "icons" / "hicolor" / f"{size}x{size}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(icon, place / f"{ID}.png")
    scalable = folder / "icons" / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "resources" / "app-icon.svg", scalable / f"{ID}.svg")


def built() -> time.struct_time:
    """When it was built; SOURCE_DATE_EPOCH makes a build repeatable."""
    return time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))


def tarball(program: Path, target: Path) -> Path:
    """The folder, with `install.sh` and what a menu wants, as .tar.xz."""
    extra = ROOT / "build" / "tarball"
    shutil.rmtree(extra, ignore_errors=True)
    share(extra / "share")
    name = f"{NAME}-{version()}-linux-{os.uname().machine}"
    path = target / f"{name}.tar.xz"
    with packed(path) as archive:
        archive.add(program, name, filter=nobodys)
        archive.add(extra / "share", f"{name}/share", filter=nobodys)
        archive.add(LINUX / "install.sh", f"{name}/install.sh", filter=nobodys)
    return path


@contextlib.contextmanager
def packed(path: Path) -> Iterator[tarfile.TarFile]:
    """A new .tar.xz, packed on all processors."""
    with path.open("wb") as file:
        command = ["xz", "-T0", f"-{_LEVEL}", "-c"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file) as packer:
            with tarfile.open(fileobj=packer.stdin, mode="w|", format=_FORMAT) as archive:
                yield archive
            packer.communicate()
    if packer.returncode:
        raise subprocess.CalledProcessError(packer.returncode, command)


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of who built it, and written to by nobody else; of the time of the build."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode &= 0o755
    entry.mtime = calendar.timegm(built())
    return entry


def control(installed_kb: int) -> str:
    """What dpkg wants to know. The libraries are those that Qt asks every Linux desktop for."""
    left = {"libgomp1", "libzstd1", "libgssapi-krb5-2"}
    wanted = sorted({package for package in system_packages.LIBRARIES.values() if package not in left})
    return "\n".join(
        [
            f"Package: {NAME}",
            f"Version: {version()}",
            f"Architecture: {_ARCHITECTURES.get(os.uname().machine, os.uname().machine)}",
            "Maintainer: The Cascade Desk authors <cascade-desk@localhost>",
            f"Installed-Size: {installed_kb}",
            f"Depends: libc6 (>= {libc()}), libstdc++6, {', '.join(wanted)}",
            "Section: utils",
            "Priority: optional",
            "Description: Chat with language models on your own machine",
            " Runs Nemotron-Cascade-2 and any other GGUF chat model with llama.cpp.",
            " Nothing leaves the machine.",
            "",
        ]
    )


def libc() -> str:
    """The version of glibc that it was built with: it needs no newer one."""
    return os.confstr("CS_GNU_LIBC_VERSION").split()[-1] if os.confstr("CS_GNU_LIBC_VERSION") else "2.31"


def deb(program: Path, target: Path) -> Path:
    """A Debian package, as deb(5) describes it; dpkg-deb itself would pack on one processor."""
    work = ROOT / "build" / "deb"
    shutil.rmtree(work, ignore_errors=True)
    share(work / "share")
    with packed(work / "data.tar.xz") as archive:
        for folder in (".", "./opt", "./usr", "./usr/bin"):
            archive.addfile(_folder(folder))
        archive.add(program, f"./{PLACE}", filter=nobodys)
        archive.add(work / "share", "./usr/share", filter=nobodys)
        for folder in ("./usr/share/doc", f"./usr/share/doc/{NAME}"):
            archive.addfile(_folder(folder))
        archive.add(ROOT / "LICENSE", f"./usr/share/doc/{NAME}/copyright", filter=nobodys)
        starter = tarfile.TarInfo(f"./usr/bin/{NAME}")
        starter.type, starter.linkname, starter.mode = tarfile.SYMTYPE, f"/{PLACE}/{NAME}", 0o777
        archive.addfile(nobodys(starter))
    kb = (
        sum(one.stat().st_size for one in program.rglob("*") if one.is_file() and not one.is_symlink())
        // 1024
    )
    about = control(kb).encode()
    with packed(work / "control.tar.xz") as archive:
        archive.addfile(_folder("."))
        entry = tarfile.TarInfo("./control")
        entry.size = len(about)
        archive.addfile(nobodys(entry), io.BytesIO(about))
    (work / "debian-binary").write_bytes(b"2.0\n")
    path = target / f"{NAME}_{version()}_{_ARCHITECTURES.get(os.uname().machine, os.uname().machine)}.deb"
    ar(path, [work / "debian-binary", work / "control.tar.xz", work / "data.tar.xz"])
    return path


def _folder(name: str) -> tarfile.TarInfo:
    """An entry for a folder that the machine need not have."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    return nobodys(entry)


def ar(path: Path, members: list[Path]) -> None:
    """Put files into an `ar` archive: each has a header of 60 characters and starts at an even byte."""
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        for member in members:
            size, when = member.stat().st_size, calendar.timegm(built())
            file.write(f"{member.name:<16}{when:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode())
            with member.open("rb") as source:
                shutil.copyfileobj(source, file)
            file.write(b"\n" * (size % 2))


def main(program: Path) -> int:
    for pack in (tarball, deb):
        path = pack(program, program.parent)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve()))
