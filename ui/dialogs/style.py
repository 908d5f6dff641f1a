"""The small panels' part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CONTROL, SPACE, TYPE, Tokens

_SHEET: Final = Template("""
QFrame#chat_settings { background: $window; border: none; border-left: 1px solid $border; }
QLabel#chat_settings_title { font-weight: 600; }
QScrollArea#chat_settings_area, QWidget#chat_settings_inner, QScrollArea#shortcuts_area,
    QWidget#shortcuts_inner { background: transparent; }
QScrollArea#shortcuts_area { border: 1px solid transparent; border-radius: ${control}px; }
QScrollArea#shortcuts_area:focus { border-color: $accent; }
QToolButton#chat_settings_close { padding: ${s0}px; }
QWidget#chat_settings_inner QToolButton { padding: ${s0}px; }
QLabel[role="heading"] { color: $muted; font-size: ${meta}px; font-weight: 600; padding-top: ${s1}px; }
QPushButton[small="true"] { padding: ${s0}px ${s1}px; }
QWidget#chat_settings_inner QAbstractSpinBox {
    max-width: 198px; padding: 3px 0; }
QAbstractSpinBox[own="true"] { color: $muted; }
QFrame[inline="true"] { background: transparent; border: none; }
QFrame[inline="true"] QLineEdit { padding: 3px ${s1}px; }
QFrame[inline="true"] QPushButton { padding: 3px ${s2}px; }
QFrame[inline="true"] QToolButton { padding: 3px; }
QDialog#export_dialog { background: $window; }
QLabel#export_subject { font-weight: 600; }
QDialog#export_dialog QRadioButton:focus, QDialog#export_dialog QCheckBox:focus { color: $accent; }
QDialog#report_dialog { background: $window; }
QLabel#report_heading { font-size: ${title}px; font-weight: 600; }
QDialog#shortcuts_list { background: $window; }
QLabel[keycap="true"] { background: $surface; color: $text; border: 1px solid $border;
    border-bottom: 2px solid $border; border-radius: ${control}px; padding: 1px ${s0}px;
    font-size: ${meta}px; min-width: 14px; }
QFrame[notice="info"] QPushButton#notice_action { border-color: transparent; color: $accent;
    font-weight: 600; }
QFrame[notice="info"] QPushButton#notice_action:hover { background: $hover; }
QFrame[notice="info"] QPushButton#notice_action:focus { border-color: $accent; }
""")


def dialogs_stylesheet(tokens: Tokens) -> str:
    """The rules for the chat's settings, the list of keys and what notices offer."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"control": RADIUS_CONTROL, "meta": TYPE["meta"], "title": TYPE["title"]}
    return _SHEET.substitute(values, **sizes, **{f"s{n}": size for n, size in enumerate(SPACE)})
