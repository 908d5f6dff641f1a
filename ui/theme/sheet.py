"""What the standard widgets look like with some tokens: the one stylesheet and the Qt palette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from string import Template
from typing import Final

from PySide6.QtGui import QColor, QPalette

from ui.theme.tokens import CONTRAST_DARK, CONTRAST_LIGHT, Tokens

_STYLESHEET: Final = Template("""
QToolTip { background: $surface; color: $text; border: 1px solid $border; padding: 4px 8px; }
QPushButton { background: $surface; color: $text; border: 1px solid $border; border-radius: 6px;
    padding: 6px 12px; outline: none; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $muted; }
QPushButton:default, QPushButton[primary="true"] { background: $accent; color: $on_accent;
    border-color: $accent; }
QPushButton:default:hover, QPushButton[primary="true"]:hover { background: $accent_hover; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled { background: $pressed; color: $muted; border-color: $border; }
QPushButton[danger="true"] { color: $danger; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent; border-radius: 6px;
    padding: 4px 8px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $muted; }
QToolButton#jump_to_end { background: $surface; border: 1px solid $border; border-radius: 17px; padding: 0; }
QToolButton#jump_to_end:hover { background: $hover; }
QToolButton#jump_to_end:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; }
QMenu { background: $surface; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenuBar { background: $window; color: $text; }
QMenuBar::item { padding: 4px 8px; border-radius: 6px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: $surface; color: $text;
    border: 1px solid $border; border-radius: 6px; padding: 5px 8px; selection-background-color: $selection;
    selection-color: $text; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $muted; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus {
    border-color: $accent; }
QLineEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled { color: $muted; background: $sunken; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$arrow_down"); width: 14px; height: 14px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent;
    width: 20px; }
QAbstractSpinBox::up-arrow { image: url("$arrow_up"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$arrow_down"); width: 12px; height: 12px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px;
    background: $surface; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QRadioButton::indicator { width: 8px; height: 8px; border: 4px solid $surface; border-radius: 8px;
    background: $surface; }
QRadioButton::indicator:unchecked { width: 14px; height: 14px; border: 1px solid $muted; }
QRadioButton::indicator:checked { border-color: $accent; background: $on_accent; }
QComboBox { combobox-popup: 0; }
QComboBox QAbstractItemView { background: $surface; color: $text; border: 1px solid $border; outline: none;
    selection-background-color: $hover; selection-color: $text; }
QComboBox QAbstractItemView::item { padding: 4px 8px; }
QProgressBar { background: $pressed; border: none; border-radius: 3px; max-height: 6px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $selection; color: $text; }
QListView, QTreeView, QTableView { background: $window; color: $text; border: none; outline: none; }
QSplitter::handle { background: $border; }
""")

#: In high contrast, behind all other rules: the mark of the keyboard is twice as wide.
_STRONG: Final = Template("""
QPushButton:focus, QPushButton#sidebar_new:focus { border: 2px solid $accent; padding: 5px 11px; }
QPushButton[small="true"]:focus { padding: 3px 7px; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border: 2px solid $text; }
QToolButton:focus { border: 2px solid $accent; padding: 3px 7px; }
QToolButton[segment]:focus, QToolButton#mode_only:focus { border: 2px solid $accent; padding: 3px 9px; }
QToolButton#jump_to_end:focus { border: 2px solid $accent; padding: 0; }
QFrame#queue_bar QPushButton:focus { border: 2px solid $accent; padding: 3px; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus { border: 2px solid $accent; padding: 4px 7px; }
QCheckBox::indicator:focus { border: 2px solid $accent; width: 12px; height: 12px; }
QListView::item:selected, QTreeView::item:selected { border: 1px solid $text; }
QListWidget#settings_pages::item:selected { border: 1px solid $text; }
QTreeView#models_tree::item:selected, QListWidget#snippet_list::item:selected { border: none; }
QListView#palette_list::item:selected, QListView#conversation_list::item:selected { border: none; }
QToolButton[segment]:checked { background: $text; color: $window; }
QMenu::item:selected, QMenuBar::item:selected, QComboBox QAbstractItemView::item:selected {
    background: $selection; }
QPushButton:disabled, QToolButton:disabled, QLineEdit:disabled, QComboBox:disabled { font-style: italic; }
""")

# pictures that a stylesheet needs as files: icon, token, turned upside down
IMAGES: Final = {
    "arrow_down": ("chevron-down", "muted", False),
    "arrow_up": ("chevron-down", "muted", True),
    "tick": ("check", "on_accent", False),
}


def stylesheet(tokens: Tokens, images: Mapping[str, str] | None = None) -> str:
    """The one stylesheet, for the standard widgets; `images` are the files that stand for IMAGES."""
    values = dict.fromkeys(IMAGES, "") | {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    return _STYLESHEET.substitute({**values, **(images or {})}) + strong_stylesheet(tokens)


def strong_stylesheet(tokens: Tokens) -> str:
    """What high contrast adds behind any stylesheet; empty for the other palettes."""
    if tokens not in (CONTRAST_LIGHT, CONTRAST_DARK):
        return ""
    return _STRONG.substitute({field.name: getattr(tokens, field.name) for field in fields(tokens)})


def palette(tokens: Tokens) -> QPalette:
    """The Qt palette of some tokens."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, colour in {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.sunken,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.surface,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.danger,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.ToolTipBase: tokens.surface,
        role.ToolTipText: tokens.text,
        role.Accent: tokens.accent,
        role.Mid: tokens.border,
        role.Dark: tokens.muted,
        role.Light: tokens.surface,
    }.items():
        made.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.muted))
    return made
