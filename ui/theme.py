"""The one source of colour, spacing, radius and type: palette, stylesheet and icons are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from string import Template
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, QTemporaryDir, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

SPACE: Final = (4, 8, 12, 16, 24)  # px
RADIUS_CONTROL: Final = 6
RADIUS_CARD: Final = 10
COLUMN_WIDTH: Final = 760  # px, the reading column
LINE_HEIGHT: Final = 1.55
CODE_LINE_HEIGHT: Final = 1.45
TYPE: Final = {"meta": 12, "ui": 14, "reading": 15, "code": 13, "title": 20}  # px
HEADINGS: Final = (20, 18, 16, 15, 15, 15)  # px, levels 1-6 in an answer
MOTION_MS: Final = 150
MODES: Final = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one palette as #RRGGBB."""

    window: str
    surface: str
    sunken: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_hover: str
    danger: str
    warning: str
    hover: str
    pressed: str
    bubble: str
    inline_code: str
    selection: str
    found: str
    code_keyword: str
    code_type: str
    code_function: str
    code_string: str
    code_number: str
    code_comment: str
    code_operator: str
    code_tag: str
    code_meta: str


LIGHT: Final = Tokens(
    window="#FBFBFA",
    surface="#FFFFFF",
    sunken="#F3F3F1",
    border="#E3E3DF",
    text="#1C1C1A",
    muted="#6B6B66",
    accent="#3B7A57",
    on_accent="#FFFFFF",
    accent_hover="#326A4B",
    danger="#B3261E",
    warning="#8F6000",
    hover="#ECECE9",
    pressed="#E3E3DF",
    bubble="#EAF1ED",
    inline_code="#EFEFEC",
    selection="#C5DECF",
    found="#F6E7B4",
    code_keyword="#8A3FA0",
    code_type="#7A5A00",
    code_function="#245FA8",
    code_string="#2E6E48",
    code_number="#A8431C",
    code_comment="#6B6B66",
    code_operator="#4A4A46",
    code_tag="#9B2C3F",
    code_meta="#1F6B75",
)

DARK: Final = Tokens(
    window="#161615",
    surface="#1E1E1C",
    sunken="#121211",
    border="#2E2E2B",
    text="#ECECE8",
    muted="#9C9C95",
    accent="#7CC39B",
    on_accent="#10231A",
    accent_hover="#93D0AE",
    danger="#F2B8B5",
    warning="#E3B341",
    hover="#262624",
    pressed="#2E2E2B",
    bubble="#202B25",
    inline_code="#2A2A28",
    selection="#2F5241",
    found="#4D421D",
    code_keyword="#CF9BE0",
    code_type="#DDBB6A",
    code_function="#86B6EE",
    code_string="#8FCBA6",
    code_number="#EFA07C",
    code_comment="#8F8F88",
    code_operator="#C4C4BD",
    code_tag="#F0949F",
    code_meta="#79C4CE",
)

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
QProgressBar { background: $border; border: none; border-radius: 3px; max-height: 6px; text-align: center; }
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


# pictures that a stylesheet needs as files: icon, token, turned upside down
_IMAGES: Final = {
    "arrow_down": ("chevron-down", "muted", False),
    "arrow_up": ("chevron-down", "muted", True),
    "tick": ("check", "on_accent", False),
}


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two #RRGGBB colours (w3.org/TR/WCAG22, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def blend(first: str, second: str, share: float) -> str:
    """`share` of `first` over `second`, as #RRGGBB."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


def stylesheet(tokens: Tokens, images: Mapping[str, str] | None = None) -> str:
    """The one stylesheet, for the standard widgets; `images` are the files that stand for _IMAGES."""
    values = dict.fromkeys(_IMAGES, "") | {
        field.name: getattr(tokens, field.name) for field in fields(tokens)
    }
    scroll = blend(tokens.muted, tokens.window, 0.4)
    return _STYLESHEET.substitute({**values, **(images or {})}, scroll=scroll)


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


class ThemeManager(QObject):
    """Which palette is in force. `changed` comes after colours or mode have. GUI thread only."""

    changed = Signal()

    def __init__(self, mode: str = "auto", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("theme")
        self._mode = mode if mode in MODES else "auto"
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._sources: dict[str, str] = {}
        self._folder: QTemporaryDir | None = None
        self.reduced_motion = False
        self._dark = self._wants_dark()
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_scheme_changed)

    @property
    def mode(self) -> str:
        """auto | light | dark."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Follow the system (auto) or stay light or dark."""
        if mode not in MODES:
            raise ValueError(f"theme mode {mode!r} is none of {MODES}")
        before, self._mode = self._mode, mode
        self._refresh(anyway=mode != before)

    def next_mode(self) -> None:
        """From the system's to light, to dark, and back to the system's."""
        self.set_mode(MODES[(MODES.index(self._mode) + 1) % len(MODES)])

    @property
    def dark(self) -> bool:
        """True while the dark palette is in force."""
        return self._dark

    @property
    def tokens(self) -> Tokens:
        """The palette in force."""
        return DARK if self._dark else LIGHT

    @property
    def motion_ms(self) -> int:
        """How long an animation takes: 0 with reduced motion."""
        return 0 if self.reduced_motion else MOTION_MS

    def color(self, token: str) -> QColor:
        """A colour of the palette in force by its token's name."""
        return QColor(getattr(self.tokens, token))

    def font(self, kind: str, zoom: float = 1.0) -> QFont:
        """The system's UI font, or its monospace font for "code", in one of the type sizes."""
        fixed = QFontDatabase.SystemFont.FixedFont
        general = QFontDatabase.SystemFont.GeneralFont
        font = QFontDatabase.systemFont(fixed if kind == "code" else general)
        font.setPixelSize(max(6, round(TYPE[kind] * zoom)))
        if kind == "code":
            font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def icon(self, name: str, color: str = "text", size: int = 20) -> QIcon:
        """An icon of our own in a token's colour, drawn for `size` logical px at 1x, 2x and 3x; cached."""
        key = (name, getattr(self.tokens, color), size)
        if key not in self._icons:
            self._icons[key] = self._make_icon(name, key[1], size)
        return self._icons[key]

    def pixmap(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        """An icon as a pixmap of `size` logical px for a screen of that pixel ratio."""
        return self.icon(name, color, size).pixmap(QSize(size, size), ratio)

    def apply(self, app: QApplication) -> None:
        """Set style, palette, font and stylesheet of the whole application, and keep them so."""
        app.setStyle("Fusion")
        self._apply_colours(app)
        app.setFont(self.font("ui"))
        self.changed.connect(self._on_changed_apply)

    def _on_changed_apply(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._apply_colours(app)

    def _apply_colours(self, app: QApplication) -> None:
        app.setPalette(palette(self.tokens))
        app.setStyleSheet(stylesheet(self.tokens, self._image_files()))

    def _image_files(self) -> dict[str, str]:
        """Icons in the colours in force as files: a stylesheet takes pictures from nowhere else."""
        if self._folder is None:
            self._folder = QTemporaryDir()
        found = {}
        for name, (icon, token, turned) in _IMAGES.items():
            path = self._folder.filePath(f"{name}-{'dark' if self._dark else 'light'}.png")
            image = self.icon(icon, token, 16).pixmap(QSize(16, 16), 3.0).toImage()
            if image.flipped().save(path) if turned else image.save(path):
                found[name] = path
        return found

    def _make_icon(self, name: str, colour: str, size: int) -> QIcon:
        if name not in self._sources:
            path = files("resources").joinpath("icons", f"{name}.svg")
            self._sources[name] = path.read_text(encoding="utf-8")
        svg = self._sources[name].replace("currentColor", colour)
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        icon = QIcon()
        for ratio in (1, 2, 3):
            pixmap = QPixmap(size * ratio, size * ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
            painter.end()
            pixmap.setDevicePixelRatio(ratio)
            icon.addPixmap(pixmap)
        return icon

    def _wants_dark(self) -> bool:
        if self._mode != "auto":
            return self._mode == "dark"
        hints = QGuiApplication.styleHints()
        return hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark

    def _on_scheme_changed(self) -> None:
        self._refresh()

    def _refresh(self, *, anyway: bool = False) -> None:
        dark = self._wants_dark()
        if dark != self._dark or anyway:
            self._dark = dark
            self.changed.emit()
