"""Rules for the texts that a person reads, so that each of them can be translated.

    python packaging/check_words.py

- tr, ntr and ctr take a text, or a name for one that was marked: no f-string, no sum, no format.
- They are not called while a module is imported, when the language is not chosen yet.
- What is given to a known place for texts (setText, QLabel, an error's message) has gone through them.

Exit status 1 and one line for each place. Standard library only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Folders in which texts for a person have to be wrapped.
WRAPPED = ("app", "ui")
FOLDERS = ("app", "ui")
#: How many of the first arguments of each are texts.
TEXTS = {"tr": 1, "ntr": 2, "ctr": 2, "mark": 1}
_PLACES = {
    "setText", "setToolTip", "setStatusTip", "setWhatsThis", "setPlaceholderText", "setAccessibleName",
    "setAccessibleDescription", "setWindowTitle", "setTitle", "addAction", "addMenu", "addTab", "QLabel",
    "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "Notice",
}  # fmt: skip
_ERRORS = {
    "NotText", "FormulaError", "MathRefused", "ColourRefused", "UnreadableError", "TemplateRenderError",
    "NotMeasured", "Skipped", "Refused", "Failed", "ArgumentTypeError",
}  # fmt: skip
#: The errors that a person can act on stand there.
_ERROR_FILE = ROOT / "app" / "errors.py"


def text_calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call of one of the functions of app.language, and which."""
    known = {
        one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "app.language"
        for one in node.names
        if one.name in TEXTS and one.asname is None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            yield node, node.func.id


def text_of(node: ast.expr) -> str | None:
    """The text that a literal is; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def complaints(source: str, *, wrapped: bool) -> Iterator[tuple[int, str]]:
    """Line and complaint for each text that cannot be translated."""
    tree = ast.parse(source)
    later = _run_later(tree)
    for call, name in text_calls(tree):
        if name != "mark" and call not in later:
            yield call.lineno, f"{name}() is called while the module is imported: take mark()"
        yield from _unclear(call, name)
    if wrapped:
        yield from _bare(tree)


def _run_later(tree: ast.AST) -> set[ast.AST]:
    """All nodes within functions, save what Python computes where they are defined."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.update(inner for part in node.body for inner in ast.walk(part))
        elif isinstance(node, ast.Lambda):
            found.update(ast.walk(node.body))
    return found


def _unclear(call: ast.Call, name: str) -> Iterator[tuple[int, str]]:
    if len(call.args) < TEXTS[name] or any(isinstance(one, ast.Starred) for one in call.args):
        yield call.lineno, f"{name}() is given its texts in a way that cannot be read here"
        return
    for number, argument in enumerate(call.args[: TEXTS[name]]):
        named = name == "tr" or (name == "ctr" and number == 1)
        if text_of(argument) is None and not (named and _names_a_text(argument)):
            yield call.lineno, f"{name}() takes a plain text, with fields for what changes"
            return


def _names_a_text(node: ast.expr) -> bool:
    """Whether it is a constant, or one out of a table: what was marked where it stands."""
    looked_up = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
    )
    return looked_up or isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def _bare(tree: ast.AST) -> Iterator[tuple[int, str]]:
    errors = _errors()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _PLACES or name in errors:
            given = [
                *node.args,
                *(one.value for one in node.keywords if one.arg in ("message", "hint", "text")),
            ]
            for argument in given:
                yield from _words_in(argument, name)


@cache
def _errors() -> set[str]:
    tree = ast.parse(_ERROR_FILE.read_text(encoding="utf-8"))
    return _ERRORS | {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _words_in(node: ast.expr, place: str) -> Iterator[tuple[int, str]]:
    """What of an argument is a text for a person that nothing translates."""
    if isinstance(node, ast.IfExp):
        yield from _words_in(node.body, place)
        yield from _words_in(node.orelse, place)
    elif isinstance(node, ast.BoolOp | ast.JoinedStr):
        for part in node.values:
            yield from _words_in(part, place)
    elif isinstance(node, ast.BinOp):
        yield from _words_in(node.left, place)
        yield from _words_in(node.right, place)
    elif (text := text_of(node)) and _is_for_a_person(text):
        yield node.lineno, f"{place}() is given “{text[:40]}”, which nothing translates"


def _is_for_a_person(text: str) -> bool:
    """Words, not the name of a kind or of an object, a key or a sign."""
    if text == "Cascade Desk":
        return False
    return any(char.isalpha() for char in text) and (" " in text.strip() or not text.islower())


def main() -> int:
    found = []
    for path in (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))):
        name = path.relative_to(ROOT).as_posix()
        wrapped = name.startswith(tuple(f"{folder}/" for folder in WRAPPED))
        source = path.read_text(encoding="utf-8")
        found += [f"{name}:{line}: {what}" for line, what in complaints(source, wrapped=wrapped)]
    print("\n".join(found) if found else "every text for a person can be translated")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
