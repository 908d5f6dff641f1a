"""The tarball and the .deb: fields, menu entry, AppStream data, and an installation that can be undone."""

import configparser
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux' own packages")


@pytest.fixture
def packages(linux_packages, tmp_path, monkeypatch):
    """With icons of its own and nothing of the machine's build folder."""
    icons = tmp_path / "icons"
    icons.mkdir()
    for size in (16, 256):
        (icons / f"cascade-desk-{size}.png").write_bytes(b"png")
    (tmp_path / "resources").mkdir()
    for name in ("LICENSE", "pyproject.toml", "resources/app-icon.svg"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(linux_packages, "ICONS", icons)
    monkeypatch.setattr(linux_packages, "ROOT", tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    return linux_packages


@pytest.fixture
def program(tmp_path):
    """Something that was built."""
    folder = tmp_path / "dist" / "cascade-desk"
    (folder / "_internal").mkdir(parents=True)
    (folder / "cascade-desk").write_text("#!/bin/sh\necho started $*\n")
    (folder / "cascade-desk").chmod(0o755)
    (folder / "_internal" / "lib.so.0").write_bytes(b"x" * 5000)
    (folder / "_internal" / "lib.so").symlink_to("lib.so.0")
    return folder


def test_the_version_is_the_projects(packages):
    assert packages.version() == VERSION


def test_the_menu_entry_is_sound(packages, tmp_path):
    packages.share(tmp_path / "share")
    path = tmp_path / "share" / "applications" / f"{packages.ID}.desktop"
    if shutil.which("desktop-file-validate"):
        done = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
    read = configparser.RawConfigParser(strict=True)
    read.optionxform = str
    read.read_string(path.read_text(encoding="utf-8"))
    entry = read["Desktop Entry"]
    assert (entry["Type"], entry["Icon"], entry["Exec"]) == ("Application", packages.ID, "cascade-desk %F")
    for key in ("Categories", "Keywords", "MimeType"):
        assert entry[key].endswith(";")
    assert entry["StartupWMClass"] == "cascade-desk"
    assert (tmp_path / "share/icons/hicolor/256x256/apps" / f"{packages.ID}.png").is_file()
    assert (tmp_path / "share/icons/hicolor/scalable/apps" / f"{packages.ID}.svg").is_file()


def test_the_data_for_software_centres_is_sound(packages, tmp_path):
    packages.share(tmp_path / "share")
    path = tmp_path / "share" / "metainfo" / f"{packages.ID}.metainfo.xml"
    root = ET.parse(path).getroot()
    release = root.find("releases/release")
    assert release.attrib == {"version": VERSION, "date": "2001-09-09"}
    assert root.findtext("id") == packages.ID
    assert root.findtext("launchable") == f"{packages.ID}.desktop"
    kinds = ET.parse(tmp_path / "share" / "mime" / "packages" / f"{packages.ID}.xml").getroot()
    kind = kinds.find("{*}mime-type")
    assert kind.attrib["type"] == root.findtext("provides/mediatype") == "application/x-gguf"
    assert kind.find("{*}glob").attrib["pattern"] == "*.gguf"
    if shutil.which("appstreamcli"):
        command = ["appstreamcli", "validate", "--no-net", str(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        assert not re.search(r"^E:", said, re.MULTILINE), said


def test_dpkg_is_told_what_it_asks_for(packages):
    fields = dict(line.split(": ", 1) for line in packages.control(1234).splitlines() if ": " in line)
    assert (fields["Package"], fields["Version"]) == ("cascade-desk", VERSION)
    assert fields["Installed-Size"] == "1234"
    assert re.fullmatch(r"amd64|arm64|\w+", fields["Architecture"])
    assert re.fullmatch(r"[^<>]+ <[^<> ]+@[^<> ]+>", fields["Maintainer"])
    depends = fields["Depends"].split(", ")
    assert re.fullmatch(r"libc6 \(>= \d+\.\d+\)", depends[0])
    assert len(depends) == len(set(depends)) > 10
    assert packages.control(1).endswith("\n")


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="no dpkg here")
def test_the_deb_puts_everything_where_debian_wants_it(packages, program, tmp_path):
    path = packages.deb(program, tmp_path)
    assert path.name.startswith(f"cascade-desk_{VERSION}_")
    listed = subprocess.run(["dpkg-deb", "-c", path], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=5) for line in listed.splitlines()]
    assert {row[1] for row in rows} == {"root/root"}
    names = {row[5] for row in rows}
    assert {
        "./opt/cascade-desk/cascade-desk",
        "./opt/cascade-desk/_internal/lib.so -> lib.so.0",
        "./usr/bin/cascade-desk -> /opt/cascade-desk/cascade-desk",
        "./usr/share/doc/cascade-desk/copyright",
        f"./usr/share/applications/{packages.ID}.desktop",
    } <= names
    assert not [row[5] for row in rows if row[0][8] == "w" and "->" not in row[5]], "anybody may write there"
    about = subprocess.run(["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=True)
    assert about.stdout.strip() == VERSION


@pytest.mark.skipif(not shutil.which("xz"), reason="no xz here")
def test_a_long_name_is_written_as_dpkg_reads_it(packages, tmp_path):
    name = f"_internal/{'long/' * 30}file"
    with packages.packed(tmp_path / "a.tar.xz") as archive:
        archive.addfile(packages.nobodys(tarfile.TarInfo(name)))
    bare = lzma.decompress((tmp_path / "a.tar.xz").read_bytes())
    assert bare[156:157] == tarfile.GNUTYPE_LONGNAME  # dpkg: "unsupported PAX tar header type"
    with tarfile.open(tmp_path / "a.tar.xz") as archive:
        assert archive.getnames() == [name]


@pytest.mark.skipif(not shutil.which("xz"), reason="no xz here")
def test_the_tarball_installs_into_a_menu_and_leaves_it_again(packages, program, tmp_path):
    path = packages.tarball(program, tmp_path)
    with tarfile.open(path) as archive:
        assert {(entry.uname, entry.uid) for entry in archive} == {("root", 0)}
        archive.extractall(tmp_path / "with space", filter="data")
    (place,) = (tmp_path / "with space").iterdir()
    home = tmp_path / "home"
    home.mkdir()
    around = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", place / "install.sh"], env=around, check=True, capture_output=True)
    entry = home / ".local/share/applications" / f"{packages.ID}.desktop"
    assert f'Exec="{place}/cascade-desk" %F\n' in entry.read_text(encoding="utf-8")
    run = [home / ".local/bin/cascade-desk", "now"]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "started now\n"
    assert list(home.rglob("*.png"))
    subprocess.run(["sh", place / "install.sh", "--remove"], env=around, check=True, capture_output=True)
    left = [one for one in home.rglob("*") if not one.is_dir()]
    assert not [one for one in left if "ascade" in one.name], left
    assert (place / "cascade-desk").is_file()


@pytest.mark.skipif(not shutil.which("xz"), reason="no xz here")
def test_the_menu_finds_it_in_a_folder_of_any_name(packages, program, tmp_path):
    with tarfile.open(packages.tarball(program, tmp_path)) as archive:
        archive.extractall(tmp_path / 'Q&A | "1" 50% $HOME \\1', filter="data")
    (place,) = (tmp_path / 'Q&A | "1" 50% $HOME \\1').iterdir()
    home, tools = tmp_path / "a home", tmp_path / "tools"
    home.mkdir(), tools.mkdir()
    for name in ("update-desktop-database", "update-mime-database"):
        (tools / name).write_text(f'#!/bin/sh\necho "$@" >"{home}/{name}"\n')
        (tools / name).chmod(0o755)
    around = {"HOME": str(home), "PATH": f"{tools}:{os.environ['PATH']}"}
    subprocess.run(["sh", place / "install.sh"], env=around, check=True, capture_output=True)
    entry = home / ".local/share/applications" / f"{packages.ID}.desktop"
    (line,) = (one for one in entry.read_text(encoding="utf-8").splitlines() if one.startswith("Exec="))
    # an entry's own escapes, then those of the command line in it, then its fields
    words = re.sub(r"\\(.)", r"\1", line.removeprefix("Exec=")).removeprefix('"').removesuffix('" %F')
    assert re.sub(r"\\(.)", r"\1", words).replace("%%", "%") == f"{place}/cascade-desk"
    assert (home / "update-mime-database").read_text() == f"{home}/.local/share/mime\n"


@pytest.mark.skipif(not shutil.which("xz"), reason="no xz here")
def test_a_packer_that_fails_is_told(packages, tmp_path, monkeypatch):
    tool = tmp_path / "xz"
    tool.write_text("#!/bin/sh\ncat >/dev/null\nexit 3\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(subprocess.CalledProcessError), packages.packed(tmp_path / "a.tar.xz"):
        pass
