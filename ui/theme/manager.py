"""Which palette is in force, and what follows from it: colours, fonts, icons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from ui.theme.reading import Reading
from ui.theme.sheet import IMAGES, palette, stylesheet
from ui.theme.tokens import (
    CONTRAST_DARK,
    CONTRAST_LIGHT,
    DARK,
    LIGHT,
    MODES,
    MOTION_MS,
    RING,
    TYPE,
    Tokens,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QTemporaryDir
    from PySide6.QtGui import QIcon, QPixmap


#: What the stylesheet is made for. The program asks for it when it starts: to ask Qt which one it has
#: makes Python's side of all styles.
STYLE: Final = "Fusion"


class ThemeManager(QObject):
    """Which palette is in force, and how text is set for reading. GUI thread only.

    Signals:
        changed: colours or mode are others now.
        reading_changed: `reading` is another one.
    """

    changed = Signal()
    reading_changed = Signal()

    def __init__(
        self, mode: str = "auto", parent: QObject | None = None, last: tuple[bool, bool] | None = None
    ) -> None:
        """`last` is how it was the last time, dark and of high contrast: it holds until follow_system."""
        super().__init__(parent)
        self.setObjectName("theme")
        self._mode = mode if mode in MODES else "auto"
        self._icons: dict[tuple[str, str, int], QIcon] = {}
        self._folder: QTemporaryDir | None = None
        self._reduced, self._flash = False, -1
        self._reading = Reading()
        self._followed = False
        if last is not None:
            self._dark, self._contrast = last
        else:
            self._dark, self._contrast = self._wants_dark(), self._wants_contrast()
            self.follow_system()

    def follow_system(self) -> None:
        """Look what the system wants, and hear when that changes."""
        if self._followed:
            return
        self._followed = True
        self._refresh()
        hints = QGuiApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_system_changed)
            hints.accessibility().contrastPreferenceChanged.connect(self._on_system_changed)

    @property
    def mode(self) -> str:
        """auto | light | dark | contrast."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Follow the system (auto), stay light or dark, or have high contrast, light or dark as it is."""
        if mode not in MODES:
            raise ValueError(f"theme mode {mode!r} is none of {MODES}")
        before, self._mode = self._mode, mode
        self._refresh(anyway=mode != before)

    def next_mode(self) -> None:
        """From the system's to light, to dark, to high contrast, and back to the system's."""
        self.set_mode(MODES[(MODES.index(self._mode) + 1) % len(MODES)])

    @property
    def dark(self) -> bool:
        """True while a dark palette is in force."""
        return self._dark

    @property
    def contrast(self) -> bool:
        """True while a palette of high contrast is in force."""
        return self._contrast

    @property
    def ring(self) -> float:
        """How wide the mark of keyboard focus is, px."""
        return 2 * RING if self._contrast else RING

    @property
    def reading(self) -> Reading:
        """How text is set for reading."""
        return self._reading

    def set_reading(self, reading: Reading) -> None:
        """Set text for reading otherwise."""
        if reading != self._reading:
            self._reading = reading
            self.reading_changed.emit()

    @property
    def tokens(self) -> Tokens:
        """The palette in force."""
        if self._contrast:
            return CONTRAST_DARK if self._dark else CONTRAST_LIGHT
        return DARK if self._dark else LIGHT

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing moves by itself: no animation, and no blinking cursor."""
        return self._reduced

    @reduced_motion.setter
    def reduced_motion(self, reduced: bool) -> None:
        if reduced != self._reduced:
            self._reduced = reduced
            # the system's own time, which comes back
            self._flash = QApplication.cursorFlashTime() if reduced else self._flash
            QApplication.setCursorFlashTime(0 if reduced else self._flash)

    @property
    def motion_ms(self) -> int:
        """How long an animation takes: 0 with reduced motion."""
        return 0 if self._reduced else MOTION_MS

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
            from ui.theme.icons import draw_icon  # late: the first frame has no icons

            self._icons[key] = draw_icon(name, key[1], size)
        return self._icons[key]

    def pixmap(self, name: str, color: str, size: int, ratio: float) -> QPixmap:
        """An icon as a pixmap of `size` logical px for a screen of that pixel ratio."""
        return self.icon(name, color, size).pixmap(QSize(size, size), ratio)

    def apply(self, app: QApplication) -> None:
        """Set style, palette, font and stylesheet of the whole application, and keep them so."""
        self.follow_system()
        if app.style().objectName() != STYLE.lower():
            app.setStyle(STYLE)
        self.apply_plain(app)
        self._apply_colours(app)
        self.changed.connect(self._on_changed_apply)

    def apply_plain(self, app: QApplication) -> None:
        """Palette and font alone, as a first frame needs them; the stylesheet takes longer."""
        app.setPalette(palette(self.tokens))
        app.setFont(self.font("ui"))

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
            from PySide6.QtCore import QTemporaryDir

            self._folder = QTemporaryDir()
        found = {}
        for name, (icon, token, turned) in IMAGES.items():
            path = self._folder.filePath(f"{name}-{getattr(self.tokens, token)[1:]}.png")
            image = self.icon(icon, token, 16).pixmap(QSize(16, 16), 3.0).toImage()
            if image.flipped().save(path) if turned else image.save(path):
                found[name] = path
        return found

    def _wants_dark(self) -> bool:
        if self._mode in ("light", "dark"):
            return self._mode == "dark"
        return self._system_dark()

    def _wants_contrast(self) -> bool:
        if self._mode != "auto":
            return self._mode == "contrast"
        return self._system_contrast()

    def _system_dark(self) -> bool:
        hints = QGuiApplication.styleHints()
        from PySide6.QtCore import Qt  # late: it takes a tenth of the first frame's time

        return hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark

    def _system_contrast(self) -> bool:
        hints = QGuiApplication.styleHints()
        if hints is None:
            return False
        from PySide6.QtCore import Qt

        return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast

    def _on_system_changed(self) -> None:
        self._refresh()

    def _refresh(self, *, anyway: bool = False) -> None:
        wanted = self._wants_dark(), self._wants_contrast()
        if wanted != (self._dark, self._contrast) or anyway:
            self._dark, self._contrast = wanted
            self.changed.emit()
