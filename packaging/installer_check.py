"""Compiles the Windows installer and tries it out, on Linux: `make installer-check`.

    python packaging/installer_check.py [--tree FOLDER] [--compile-only]

Inno Setup's compiler runs under wine, and so do the installers that it makes. What they pack is
dist/cascade-desk where that was built on Windows, and a stand-in of a few files elsewhere; the trial's
own two versions are always stand-ins. Exit status 1 with the reason where something is not as it must be.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import inno_setup
import installer_compile
import stand_in
import system_packages
from installer_compile import PROGRAMS, ROOT, SCRIPT, CheckError
from installer_trial import Setups, Trial
from wine import Wine, screen, windows_path

WORK = ROOT / "build" / "installer"
FROZEN = ROOT / "dist" / "cascade-desk"
#: Windows' own limit for a path, less the folder of a person with the longest name.
_LONGEST = 259 - len(r"C:\Users\12345678901234567890\AppData\Local\Programs\Cascade Desk") - 1
_OLDER, _STUBBORN_S = "0.0.1", "3"
NOT_SHOWN = (
    "a frozen program for Windows: only PyInstaller on Windows makes one",
    "{autopf}: wine has no such folder, so the trial's installers name the one that Windows has there",
    "the pages of the wizard, its questions, and those of the uninstaller",
    "Windows' Restart Manager, which closes what holds a file without having a window",
    "an installation for all users, which needs an administrator",
    "the token in Windows' Credential Manager, which wine has not",
    "a signature: there is none",
    "a section of another name than Inno Setup knows: its compiler leaves it out without a word",
)


def say(text: str) -> None:
    print(text, flush=True)


def provide() -> Path:
    """The compiler and what runs it; CheckError where something can't be had."""
    need_npm = not inno_setup.compiler().is_file()
    missing = system_packages.provide(lambda: system_packages.missing_for_installer(need_npm))
    if missing:
        raise CheckError(f"Missing: {', '.join(need.what for need in missing)}. To install:\n"
                         f"  {system_packages.report(missing)}")  # fmt: skip
    try:
        return inno_setup.provide()
    except subprocess.CalledProcessError as error:
        raise CheckError(f"npm could not fetch {inno_setup.RELEASE}:\n{error.stderr}") from error
    except (OSError, LookupError) as error:
        raise CheckError(f"{inno_setup.RELEASE} could not be had: {error}") from error


def choose_tree(named: Path | None) -> Path:
    """What the installer packs."""
    for folder in (named, FROZEN):
        if folder is not None and (folder / "cascade-desk.exe").is_file():
            say(f"Packs {folder}, a Windows build")
            return folder
    if named is not None:
        raise CheckError(f"{named} has no cascade-desk.exe")
    say("Packs a stand-in: a small Windows program and some files, as there is no Windows build here")
    return stand_in.write_tree(WORK / "tree", mark="stand-in")


def check_paths(tree: Path) -> None:
    """No file may have a path that Windows can't open: those of the Linux build are much the same."""
    for folder in {tree, FROZEN} if FROZEN.is_dir() else {tree}:
        longest = max(
            (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
            key=len,
            default="",
        )
        if len(longest) > _LONGEST:
            raise CheckError(f"{longest} is {len(longest)} long, and {_LONGEST} may be")
        say(f"  ok: the longest path in {folder.name} has {len(longest)} characters of {_LONGEST}")


def compile_all(wine: Wine, compiler: Path, tree: Path) -> None:
    """The installer itself, and each mistake."""
    version = installer_compile.version()
    setup, compiled = installer_compile.build(
        wine, compiler, SCRIPT, AppVersion=version, SourceTree=windows_path(tree)
    )
    say("The compiler's log:")
    say("".join(f"  | {line}\n" for line in compiled.log.splitlines() if line.strip()).rstrip())
    size = setup.stat().st_size / 1e6
    say(f"  ok: {setup.relative_to(ROOT)}, {size:.1f} MB, version {version} as in pyproject.toml")
    unversioned = installer_compile.compile_script(wine, compiler, SCRIPT)
    if not unversioned.status:
        raise CheckError("it compiles without a version")
    say(f"  ok: no version given: exit {unversioned.status}, line {unversioned.line}")
    say("With a mistake in it:")
    for told in installer_compile.refuses(wine, compiler, WORK / "broken", tree):
        say(f"  ok: {told}")


def make_setups(wine: Wine, compiler: Path) -> Setups:
    """The installers for the trial."""
    version = installer_compile.version()

    def make(name: str, number: str, **more: str) -> Path:
        tree = stand_in.write_tree(WORK / name / "tree", mark=name)
        script = installer_compile.copy_script(WORK / name, installer_compile.read())
        given = {"AppVersion": number, "SourceTree": windows_path(tree), "ProgramsFolder": PROGRAMS, **more}
        return installer_compile.build(wine, compiler, script, **given)[0]

    older, newer = make("older", _OLDER), make("newer", version)
    return Setups(older, newer, make("impatient", version, Patience=_STUBBORN_S), version)


def check(chosen: argparse.Namespace) -> None:
    """All of it; CheckError for the first thing that is not as it must be."""
    compiler = provide()
    shutil.rmtree(WORK / "tree", ignore_errors=True)
    tree = choose_tree(chosen.tree)
    check_paths(tree)
    with screen() as display:
        old, new = Wine(WORK / "wine32", 32, display), Wine(WORK / "wine64", 64, display)
        try:
            old.set_up()
            compile_all(old, compiler, tree)
            if not chosen.compile_only:
                setups = make_setups(old, compiler)
                new.set_up(afresh=True)
                say("Installed, upgraded and uninstalled silently under wine:")
                Trial(new, setups, lambda text: say(f"  ok: {text}")).run()
        finally:
            old.end()
            new.end()
    for what in NOT_SHOWN:
        say(f"  not shown: {what}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile the Windows installer and try it out.")
    parser.add_argument("--tree", type=Path, metavar="FOLDER", help="what to pack, made on Windows")
    parser.add_argument("--compile-only", action="store_true", help="do not install anything")
    try:
        check(parser.parse_args())
    except (CheckError, OSError, subprocess.SubprocessError) as error:
        print(f"installer-check: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
