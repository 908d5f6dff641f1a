"""The settings' part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CONTROL, SPACE, TYPE, Tokens

_SHEET: Final = Template("""
QDialog#settings { background: $window; }
QListWidget#settings_pages { background: transparent; border: none; }
QListWidget#settings_pages::item { padding: 0 ${s2}px; border-radius: ${control}px; color: $text;
    border: 1px solid transparent; }
QListWidget#settings_pages::item:hover { background: $hover; }
QListWidget#settings_pages::item:selected { background: $pressed; color: $text; }
QListWidget#settings_pages::item:selected:focus { border-color: $accent; }
QScrollArea#settings_area, QWidget#settings_inner { background: transparent; }
QLabel#settings_title { font-size: ${title}px; font-weight: 600; padding: 0 ${s4}px ${s1}px ${s4}px; }
QFrame#settings_foot { background: transparent; border: none; border-top: 1px solid $border; }
QWidget#settings_inner QLabel[role="heading"] { padding-top: ${s3}px; }
QWidget#settings_inner QCheckBox { spacing: 0; }
QWidget#settings_inner QToolButton { padding: ${s0}px; }
QWidget#settings_inner QAbstractSpinBox { max-width: 198px; padding: 3px 0; }
QWidget#settings_inner QComboBox { max-width: 318px; padding: 3px ${s1}px; }
QWidget#settings_inner QLineEdit { padding: 3px ${s1}px; }
QWidget#settings_inner QAbstractSpinBox QLineEdit { padding: 0; }
""")


def settings_stylesheet(tokens: Tokens) -> str:
    """The rules for the settings."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"control": RADIUS_CONTROL, "title": TYPE["title"]}
    return _SHEET.substitute(values, **sizes, **{f"s{n}": size for n, size in enumerate(SPACE)})
