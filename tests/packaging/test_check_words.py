"""The rules for texts that are to be translated."""

from types import ModuleType

import pytest

HEAD = "from app.language import ctr, mark, ntr, tr\n"

FINE = [
    'def f():\n    return tr("Reading {name}", name=title)',
    'A = mark("Stopped")\ndef f():\n    return tr(A) + tr(module.A) + tr(TABLE["a"])',
    'def f():\n    return tr(TABLE.get(kind, ""))',
    'def f():\n    return ntr("{count} file", "{count} files", len(found)), ctr("menu", "Open")',
    'f = lambda: tr("Later")',
    'class A:\n    def f(self):\n        self.setText(tr("Words"))',
    "def f():\n    label.setText(title)\n    label.setText('·')\n    button.setText('…')\n    QLabel(self)",
    'def f():\n    raise UserError(tr("It failed."), hint)',
    'def f():\n    events.emit(Failed(1, "cancelled", tr("Stopped.")))',
    'def f():\n    window.setWindowTitle("Cascade Desk")',
]
WRONG = [
    'A = tr("Stopped")',
    'class A:\n    text = tr("Stopped")',
    'def f(text=tr("Stopped")):\n    pass',
    'def f():\n    return tr(f"Reading {title}")',
    'def f():\n    return tr("Reading " + title)',
    'def f():\n    return tr("Reading {}".format(title))',
    "def f():\n    return tr()",
    "def f():\n    return tr(*texts)",
    "def f():\n    return ntr(one, many, 2)",
    'def f():\n    return ntr("{count} file", f"{count} files", 2)',
    'def f():\n    return ctr(context, "Open")',
    "A = mark(text)",
    'def f():\n    label.setText("Some words")',
    'def f():\n    label.setText("Some words" if a else tr("Others"))',
    'def f():\n    label.setText(tr("Title") if a else f"Title {a}")',
    'def f():\n    label.setText(title or "Untitled")',
    'def f():\n    return QLabel("Name:", self)',
    'def f():\n    raise UserError("It failed.")',
    'def f():\n    raise errors.DiskFullError(tr("It failed."), "Make some room.")',
    'def f():\n    raise UserError(message, hint="Make some room.")',
    'def f():\n    events.emit(Failed(1, "cancelled", "It was stopped."))',
]


@pytest.mark.parametrize("source", FINE)
def test_what_can_be_translated(source: str, check_words: ModuleType) -> None:
    assert list(check_words.complaints(HEAD + source, wrapped=True)) == []


@pytest.mark.parametrize("source", WRONG)
def test_what_cannot(source: str, check_words: ModuleType) -> None:
    ((line, what),) = check_words.complaints(HEAD + source, wrapped=True)
    assert 2 <= line <= 4
    assert what


def test_bare_texts_are_let_through_in_other_folders(check_words: ModuleType) -> None:
    source = f'{HEAD}def f():\n    label.setText("Some words")\n    tr(f"{{a}}")'
    assert [line for line, _ in check_words.complaints(source, wrapped=False)] == [4]


def test_functions_of_the_same_name_are_others(check_words: ModuleType) -> None:
    source = 'from elsewhere import mark\nmark(button)\nkeeper.tr(f"{a}")'
    assert list(check_words.complaints(source, wrapped=True)) == []
