"""Packs the frozen program for Linux: a tarball, and a .deb with menu entry, icons and AppStream data.

The tarball runs where it is unpacked, and `install.sh` in it puts it into a person's own menu.
"""

from __future__ import annotations

import contextlib
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
            with tarfile.open(fileobj=packer.stdin, mode="w|") as archive:
                yield archive
            packer.communicate()
    if packer.returncode:
        raise subprocess.CalledProcessError(packer.returncode, command)


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of who built it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
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
    """A Debian package."""
    tree = ROOT / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(program, tree / PLACE, symlinks=True)
    share(tree / "usr" / "share")
    starter = tree / "usr" / "bin" / NAME
    starter.parent.mkdir(parents=True)
    starter.symlink_to(f"/{PLACE}/{NAME}")
    documents = tree / "usr" / "share" / "doc" / NAME
    documents.mkdir(parents=True)
    shutil.copy2(ROOT / "LICENSE", documents / "copyright")
    kb = sum(p.stat().st_size for p in tree.rglob("*") if p.is_file() and not p.is_symlink()) // 1024
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control(kb), encoding="utf-8")
    path = target / f"{NAME}_{version()}_{_ARCHITECTURES.get(os.uname().machine, os.uname().machine)}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{_LEVEL}", "--build", str(tree), str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def main(program: Path) -> int:
    made = [tarball(program, program.parent)]
    if shutil.which("dpkg-deb"):
        made.append(deb(program, program.parent))
    for path in made:
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve()))
