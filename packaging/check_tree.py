"""Rules for the files that no linter knows: how long they are, and what they must not name.

    python packaging/check_tree.py

- Python files stay within 400 lines, functions within 40.
- No text file names a folder of one person's machine or the address of a package registry.

Exit status 1 and one line for each place. Standard library only.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
MEASURED = ("app/", "ui/", "packaging/")

#: A person's folder where a path begins. The groups keep the patterns from matching themselves.
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:root(?![\w-])|(?:home|Users)/\w)|[A-Za-z]:[\\/]+Users[\\/]+\w")
REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs|anaconda|jsdelivr|unpkg)\.(?:org|com|net)"
    r"|\bdeb\.debian\.org|archive\.ubuntu\.com|abetlen\.github\.io|(?:extra-)?index-url[ =]",
    re.IGNORECASE,
)


def listed(root: Path) -> list[Path]:
    """The files that git tracks or would add; raises CalledProcessError outside a checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode()
    return [root / name for name in sorted(filter(None, names.split("\0"))) if (root / name).is_file()]


def text_of(path: Path) -> str | None:
    """The file's text; None if it is not text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def too_long(source: str) -> Iterator[tuple[int, str]]:
    """Line and complaint for a file or function over its length."""
    lines = len(source.splitlines())
    if lines > LONGEST_FILE:
        yield 1, f"{lines} lines, {LONGEST_FILE} are the limit: split the file"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name}() has {length} lines, {LONGEST_FUNCTION} are the limit"


def forbidden(text: str) -> Iterator[tuple[int, str]]:
    """Line and complaint for each path of one machine and each address of a package registry."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := MACHINE_PATH.search(line):
            yield number, f"a path of one machine: {found.group()}"
        if found := REGISTRY.search(line):
            yield number, f"the address of a package registry: {found.group()}"


def complaints(root: Path, path: Path) -> Iterator[str]:
    """Everything wrong with one file, as FILE:LINE: WHAT."""
    name = path.relative_to(root).as_posix()
    text = text_of(path)
    if text is None:
        return
    found = list(forbidden(text))
    if path.suffix == ".py" and name.startswith(MEASURED):
        found += too_long(text)
    for line, what in found:
        yield f"{name}:{line}: {what}"


def main() -> int:
    try:
        files = listed(ROOT)
    except (OSError, subprocess.CalledProcessError):
        print("check_tree: this works in a git checkout only", file=sys.stderr)
        return 1
    found = [line for path in files for line in complaints(ROOT, path)]
    print("\n".join(found) if found else f"{len(files)} files, none too long, none with a machine's path")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
