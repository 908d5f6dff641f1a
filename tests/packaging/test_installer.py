"""The Windows installer's script: what it promises, and what its check makes of it. Without wine."""

import re
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from platformdirs.windows import Windows

from tests.packaging.conftest import SCRIPTS, load
from ui import open_mark

ROOT = SCRIPTS.parent
SECTIONS = {
    "Setup", "Languages", "CustomMessages", "Tasks", "InstallDelete",
    "Files", "Icons", "Registry", "Run", "Code",
}  # fmt: skip


@pytest.fixture
def installer_compile(monkeypatch):
    return load("installer_compile", monkeypatch)


@pytest.fixture
def stand_in(monkeypatch):
    return load("stand_in", monkeypatch)


@pytest.fixture
def inno_setup(monkeypatch, tmp_path):
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path / "wheels"))
    return load("inno_setup", monkeypatch)


@pytest.fixture
def script() -> str:
    return (ROOT / "installer.iss").read_text(encoding="utf-8-sig")


def section(script: str, name: str) -> list[str]:
    """The lines of a section, without comments."""
    lines = script.split(f"\n[{name}]\n")[1].split("\n[", maxsplit=1)[0].splitlines()
    return [line for line in lines if line and not line.startswith((";", "#"))]


# ---- the script -------------------------------------------------------------------------------


def test_it_has_the_sections_that_inno_setup_knows(script):
    """Its compiler leaves out a section that it does not know without a word."""
    assert set(re.findall(r"^\[(\w+)\]$", script, re.MULTILINE)) == SECTIONS


def test_every_text_is_in_both_languages_and_used(script):
    texts = [line.split("=", 1)[0].split(".") for line in section(script, "CustomMessages")]
    names = {language: {name for of, name in texts if of == language} for language in ("en", "de")}
    assert names["en"] == names["de"]
    used = set(re.findall(r"\{cm:(\w+)[},]", script)) | set(re.findall(r"CustomMessage\('(\w+)'\)", script))
    assert names["en"] == used - {"CreateDesktopIcon", "LaunchProgram"}, "the two are Inno Setup's own"


def test_texts_have_no_exclamation_marks_and_the_same_values(script):
    texts = dict(line.split("=", 1) for line in section(script, "CustomMessages"))
    for name, text in texts.items():
        assert "!" not in text
        other = texts[name.replace("en.", "de.", 1)]
        assert re.findall(r"%\d", text) == re.findall(r"%\d", other)


def test_the_mutex_is_the_one_that_the_window_holds(script, stand_in):
    assert f"WindowMutex = '{open_mark.MUTEX}';" in script
    assert stand_in.MUTEX == open_mark.MUTEX


def test_the_data_folder_is_the_one_that_the_app_has(script, monkeypatch):
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _name: "LOCAL")
    folders = Windows("cascade-desk", appauthor=False)
    wanted = str(Path("LOCAL") / "cascade-desk")
    assert folders.user_data_dir == wanted
    assert Path(folders.user_log_dir).parent == Path(wanted), "logs go with it"
    assert r'#define DataFolder "{localappdata}\cascade-desk"' in script


def test_it_asks_for_no_rights_and_takes_over_no_kind_of_file(script):
    assert "PrivilegesRequired=lowest" in section(script, "Setup")
    rows = section(script, "Registry")
    assert all(
        row.startswith("Root: HKA;") and row.endswith(("Tasks: gguf", "Tasks: not gguf")) for row in rows
    )
    own = [row for row in rows if 'Subkey: "Software\\Classes\\.gguf"' in row]
    assert len(own) == 1
    assert "Value" not in own[0], "the default program for .gguf is not touched"
    assert all("unchecked" in row for row in section(script, "Tasks"))


# ---- the check ---------------------------------------------------------------------------------


def test_each_mistake_stands_in_the_line_that_is_named(installer_compile, script):
    assert len(installer_compile.MISTAKES) >= 10
    for mistake in installer_compile.MISTAKES:
        text, number = installer_compile.broken(script, mistake)
        lines = text.splitlines()
        assert lines[number - 1] == mistake.line
        assert lines[: number - 1] + lines[number:] == script.splitlines()


def test_the_compilers_words_are_understood(installer_compile):
    log = "Parsing\nError on line 24 in Z:\\x\\installer.iss: Unrecognized directive\nCompile aborted.\n"
    assert installer_compile.Compiled(2, log).line == 24
    assert installer_compile.Compiled(0, "Successful compile (1.2 sec).").line == 0


def test_the_version_is_pyprojects(installer_compile):
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert installer_compile.version() == project["version"]


def test_a_version_is_read_out_of_a_program(installer_compile, tmp_path):
    program = tmp_path / "setup.exe"
    resource = "ProductVersion\0\0" + "1.2.3" + " " * 10 + "\0more"
    program.write_bytes(b"MZ" + bytes(64) + resource.encode("utf-16-le"))
    assert installer_compile.product_version(program) == "1.2.3"
    program.write_bytes(b"MZ")
    with pytest.raises(installer_compile.CheckError, match="no version"):
        installer_compile.product_version(program)


def test_a_compiler_that_fails_ends_the_check(installer_compile, tmp_path):
    class Failing:
        def run(self, *_command):
            return subprocess.CompletedProcess([], 2, "Error on line 3 in x: no\n", "")

    with pytest.raises(installer_compile.CheckError, match="ended with 2"):
        installer_compile.build(Failing(), tmp_path / "c", tmp_path / "i.iss", AppVersion="1.0.0")


def test_a_mistake_that_passes_ends_the_check(installer_compile, tmp_path):
    class Blind:
        def run(self, *_command):
            return subprocess.CompletedProcess([], 0, "Successful compile\n", "")

    with pytest.raises(installer_compile.CheckError, match="is not found"):
        installer_compile.refuses(Blind(), tmp_path / "c", tmp_path / "w", tmp_path)


def test_the_compiler_is_taken_only_if_it_is_the_one_that_is_meant(inno_setup, tmp_path, monkeypatch):
    archive = tmp_path / "i.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(SCRIPTS / "README.md", "package/bin/ISCC.exe")
    with pytest.raises(LookupError, match="SHA-512"):
        inno_setup.unpack(archive, inno_setup.folder())
    assert not inno_setup.folder().exists()
    monkeypatch.setattr(inno_setup, "SHA512", inno_setup.sha512(archive))
    inno_setup.unpack(archive, inno_setup.folder())
    assert inno_setup.compiler().is_file()
    assert len(inno_setup.SHA512) == 128


def test_an_archive_without_the_compiler_says_so(inno_setup, tmp_path, monkeypatch):
    archive = tmp_path / "i.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(SCRIPTS / "README.md", "package/README.md")
    monkeypatch.setattr(inno_setup, "SHA512", inno_setup.sha512(archive))
    with pytest.raises(LookupError, match=r"no package/bin/ISCC\.exe"):
        inno_setup.unpack(archive, inno_setup.folder())


# ---- what stands in for the program ---------------------------------------------------------------


@pytest.mark.parametrize("stubborn", [False, True])
def test_the_stand_in_is_a_windows_program(stand_in, stubborn):
    content = stand_in.executable(stubborn=stubborn)
    start = struct.unpack_from("<I", content, 0x3C)[0]
    assert content[:2] == b"MZ"
    assert content[start : start + 4] == b"PE\0\0"
    machine, sections = struct.unpack_from("<HH", content, start + 4)
    assert (machine, sections) == (0x8664, 1)
    optional = start + 24
    assert struct.unpack_from("<H", content, optional)[0] == 0x20B
    headers, raw = struct.unpack_from("<I", content, optional + 60)[0], len(content)
    assert raw % headers == 0
    assert "CascadeDesk".encode("utf-16-le") in content
    imported = struct.unpack_from("<I", content, optional + 112 + 8)[0] - 0x1000 + headers
    names = []
    while any(row := struct.unpack_from("<5I", content, imported)):
        at = row[3] - 0x1000 + headers
        names.append(content[at : content.index(b"\0", at)].decode())
        imported += 20
    assert names == ["KERNEL32.dll", "USER32.dll"]


def test_the_stand_ins_folder_is_laid_out_as_the_frozen_one(stand_in, tmp_path):
    tree = stand_in.write_tree(tmp_path / "t", mark="newer")
    assert (tree / "cascade-desk.exe").read_bytes()[:2] == b"MZ"
    assert (tree / "_internal" / "newer.dll").is_file()
    assert (tree / "LICENSE").is_file()


# ---- wine ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="wine is asked on Linux only")
def test_wine_has_a_windows_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    wine = load("wine", monkeypatch)
    given = wine.Wine(tmp_path / "w", 64, ":7").environment()
    assert given["WINEPREFIX"] == str(tmp_path / "w")
    assert Path(given["HOME"]).parent == tmp_path
    assert given["DISPLAY"] == ":7"
    assert "WAYLAND_DISPLAY" not in given
    assert wine.windows_path(tmp_path).startswith("Z:\\")


def test_the_registrys_answers_are_read(monkeypatch, tmp_path):
    wine = load("wine", monkeypatch)
    answer = (
        "\nHKEY_CURRENT_USER\\Software\\A\n    (Default)    REG_SZ    one two\n    B c    REG_DWORD    0x1\n"
        "\nHKEY_CURRENT_USER\\Software\\A\\deeper\nHKEY_CURRENT_USER\\Software\\A\\deeper\\still\n"
    )
    done = subprocess.CompletedProcess([], 0, answer, "")
    monkeypatch.setattr(wine.Wine, "run", lambda *_a, **_k: done)
    windows = wine.Wine(tmp_path, 32)
    assert windows.values(r"HKCU\Software\A") == {"": "one two", "B c": "0x1"}
    assert windows.keys(r"HKCU\Software\A") == ["deeper"]


def test_wine_is_missing_with_its_packages(system_packages, monkeypatch, tmp_path):
    monkeypatch.setattr(system_packages, "WINE_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(system_packages.shutil, "which", lambda _: None)
    names = [need.package for need in system_packages.missing_for_installer(True)]
    assert names == ["wine64", "wine32:i386", "wine", "xvfb", "npm"]
    assert [need.package for need in system_packages.missing_for_installer(False)][-1] == "xvfb"
    (tmp_path / "x86_64-linux-gnu/wine/x86_64-unix").mkdir(parents=True)
    (tmp_path / "i386-linux-gnu/wine/i386-unix").mkdir(parents=True)
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: name)
    assert system_packages.missing_for_installer(True) == []


def test_a_package_of_another_architecture_makes_apt_know_it(system_packages, monkeypatch):
    ran = []

    def run(command, **_):
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(system_packages.subprocess, "run", run)
    system_packages.apt_install([system_packages.Need("wine", "wine32:i386")], ["sudo"])
    assert ran[0] == ["sudo", "dpkg", "--add-architecture", "i386"]
    assert [command[-1] for command in ran[1:]] == ["update", "wine32:i386"]
