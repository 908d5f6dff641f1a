"""The document window's part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import SPACE, Tokens

_SHEET: Final = Template("""
QDialog#document_viewer { background: $window; }
QFrame#document_head { background: $window; border: none; border-bottom: 1px solid $border; }
QFrame#document_head QLabel { background: transparent; border: none; }
QLabel#document_name { font-weight: 600; }
QToolButton#document_find { padding: ${s0}px; }
""")


def documents_stylesheet(tokens: Tokens) -> str:
    """The rules for the window that shows a document."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    return _SHEET.substitute(values, **{f"s{n}": size for n, size in enumerate(SPACE)})
