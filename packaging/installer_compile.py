"""Compiles installer.iss with Inno Setup's own compiler, and shows that mistakes in it are found.

Standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from wine import Wine, windows_path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "installer.iss"
#: Wine has no folder for a user's own programs ({autopf}); Windows has it here.
PROGRAMS = r"{localappdata}\Programs"
_LINE = re.compile(r"^Error on line (\d+) in ", re.MULTILINE)
_VERSION = "ProductVersion\0".encode("utf-16-le")


class CheckError(Exception):
    """What is not as it must be."""


@dataclass(frozen=True)
class Mistake:
    """A line that breaks the script, and the line behind which it is put."""

    what: str
    behind: str
    line: str


MISTAKES = (
    Mistake("a directive that doesn't exist", "[Setup]", "NoSuchDirective=yes"),
    Mistake("a value that means nothing", "[Setup]", "CloseApplications=perhaps"),
    Mistake("a name that isn't defined", "[Setup]", "AppComments={#NoSuchName}"),
    Mistake("a message for no language", "[CustomMessages]", "xx.Greeting=Hello"),
    Mistake("a flag that doesn't exist", "[Files]", 'Source: "*.iss"; DestDir: "{app}"; Flags: nosuchflag'),
    Mistake("a file that isn't there", "[Files]", 'Source: "no-such-file"; DestDir: "{app}"'),
    Mistake("a task that doesn't exist", "[Icons]", 'Name: "a"; Filename: "{app}\\a"; Tasks: nosuchtask'),
    Mistake("a constant that doesn't exist", "[Run]", 'Filename: "{nosuchconstant}\\a.exe"'),
    Mistake("a parameter that doesn't exist", "[Registry]", 'Root: HKA; Subkey: "a"; NoSuchParameter: "b"'),
    Mistake("a mistake in the code", "[Code]", "procedure Broken; begin if; end;"),
    Mistake("a function that doesn't exist", "[Code]", "procedure Broken; begin NoSuchFunction; end;"),
)  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """What the compiler said. `line` is where it found a mistake, 0 where it found none."""

    status: int
    log: str

    @property
    def line(self) -> int:
        found = _LINE.search(self.log)
        return int(found[1]) if found else 0


def read(script: Path = SCRIPT) -> str:
    """The script's text."""
    return script.read_text(encoding="utf-8-sig")


def version() -> str:
    """The program's version, as pyproject.toml has it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise CheckError("pyproject.toml has no version")
    return found[1]


def broken(text: str, mistake: Mistake) -> tuple[str, int]:
    """The script with a mistake in it, and the number of its line."""
    lines = text.splitlines()
    number = lines.index(mistake.behind) + 1
    return "\n".join([*lines[:number], mistake.line, *lines[number:]]) + "\n", number + 1


def compile_script(wine: Wine, compiler: Path, script: Path, **defined: str) -> Compiled:
    """Run the compiler over a script, with these names defined (/DName=value)."""
    given = [f"/D{name}={value}" for name, value in defined.items()]
    done = wine.run(windows_path(compiler), *given, windows_path(script))
    return Compiled(done.returncode, done.stdout)


def copy_script(folder: Path, text: str) -> Path:
    """A copy of the script with another text, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "installer.iss"
    script.write_text(text, encoding="utf-8-sig")
    return script


def product_version(setup: Path) -> str:
    """The version in the resources of a Windows program; CheckError without one."""
    content = setup.read_bytes()
    start = content.find(_VERSION)
    if start < 0:
        raise CheckError(f"{setup.name} has no version in its resources")
    start += len(_VERSION)
    # The value begins at the next multiple of four, with zeros before it.
    text = content[start : start + 256].decode("utf-16-le", "replace").lstrip("\0")
    return text.partition("\0")[0].strip()


def build(wine: Wine, compiler: Path, script: Path, **defined: str) -> tuple[Path, Compiled]:
    """The installer that a script makes, and the compiler's log. CheckError where it makes none."""
    output = script.parent / "dist" / f"cascade-desk-{defined['AppVersion']}-setup.exe"
    output.unlink(missing_ok=True)
    compiled = compile_script(wine, compiler, script, **defined)
    if compiled.status or not output.is_file():
        raise CheckError(f"The compiler ended with {compiled.status}:\n{compiled.log}")
    if product_version(output) != defined["AppVersion"]:
        raise CheckError(f"{output.name} says that it is {product_version(output)}")
    return output, compiled


def refuses(wine: Wine, compiler: Path, work: Path, tree: Path) -> list[str]:
    """Compile the script with each mistake. CheckError where one passes, or another line is blamed."""
    told = []
    for mistake in MISTAKES:
        text, number = broken(read(), mistake)
        script = copy_script(work, text)
        found = compile_script(wine, compiler, script, AppVersion=version(), SourceTree=windows_path(tree))
        if not found.status or found.line != number:
            raise CheckError(f"{mistake.what} in line {number} is not found:\n{found.log}")
        reason = " ".join(found.log.rpartition("installer.iss: ")[2].partition("Compile aborted")[0].split())
        told.append(f"{mistake.what}: exit {found.status}, line {number}: {reason}")
    return told
