from __future__ import annotations

import pytest
from pygments.lexers import get_all_lexers

from app.render.languages import file_name, language_name


@pytest.mark.parametrize(
    ("language", "name", "file"),
    [
        ("py", "Python", "code.py"),
        ("JavaScript", "JavaScript", "code.js"),
        ("c++", "C++", "code.cpp"),
        ("bash", "Bash", "code.sh"),
        ("latex", "LaTeX", "code.tex"),
        ("markdown", "Markdown", "code.md"),
        ("r", "R", "code.R"),
        ("", "Text", "code.txt"),
        ("plaintext", "Text", "code.txt"),
        ("console", "Terminal", "code.txt"),
        ("mermaid", "mermaid", "code.txt"),
        ("../../etc/passwd", "../../etc/passwd", "code.txt"),
        ("a\u202eb\x07c", "abc", "code.txt"),
    ],
)
def test_languages_have_names(language: str, name: str, file: str) -> None:
    assert language_name(language) == name
    assert file_name(language) == file


def test_a_long_word_is_cut() -> None:
    assert len(language_name("x" * 5000)) == 40


def test_every_language_gives_a_plain_file_name() -> None:
    for _, aliases, _, _ in get_all_lexers(plugins=False):
        for alias in aliases:
            name = file_name(alias)
            assert name.startswith("code.")
            assert name[5:].isalnum() or "_" in name[5:], name
            assert language_name(alias)
