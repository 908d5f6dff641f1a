import re
from dataclasses import fields
from importlib.resources import files

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.render.highlight import STYLES
from ui.theme import (
    COLUMN_WIDTH,
    CONTRAST_DARK,
    CONTRAST_LIGHT,
    DARK,
    LIGHT,
    MODES,
    SPACE,
    SPACINGS,
    Reading,
    ThemeManager,
    Tokens,
    contrast,
    palette,
    stylesheet,
)

ICONS = sorted(path.name.removesuffix(".svg") for path in files("resources").joinpath("icons").iterdir())
WANTED = {
    *(
        "send",
        "stop",
        "chevron-right",
        "chevron-down",
        "copy",
        "check",
        "plus",
        "folder-open",
        "close",
        "warning",
    ),
    *("info", "arrow-down", "sun", "moon", "model", "refresh", "paperclip", "menu", "more"),
}
ALL = {"light": LIGHT, "dark": DARK, "contrast_light": CONTRAST_LIGHT, "contrast_dark": CONTRAST_DARK}
PALETTES = pytest.mark.parametrize("tokens", ALL.values(), ids=ALL)
STRONG = pytest.mark.parametrize("tokens", [CONTRAST_LIGHT, CONTRAST_DARK], ids=["light", "dark"])
GROUNDS = ("window", "surface", "sunken", "hover", "bubble", "inline_code")


def test_contrast_is_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@PALETTES
@pytest.mark.parametrize("front", ["text", "muted", "accent", "danger", "warning"])
@pytest.mark.parametrize("back", ["window", "surface", "sunken"])
def test_text_passes_aa(tokens: Tokens, front: str, back: str) -> None:
    assert contrast(getattr(tokens, front), getattr(tokens, back)) >= 4.5


@PALETTES
@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("text", "bubble"),
        ("text", "selection"),
        ("text", "found"),
        ("text", "hover"),
        ("text", "pressed"),
        ("text", "inline_code"),
        ("muted", "inline_code"),
        ("muted", "hover"),
        ("muted", "bubble"),
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
    ],
)
def test_other_pairs_pass_aa(tokens: Tokens, front: str, back: str) -> None:
    assert contrast(getattr(tokens, front), getattr(tokens, back)) >= 4.5


@PALETTES
@pytest.mark.parametrize("style", STYLES)
def test_code_passes_aa_on_its_background(tokens: Tokens, style: str) -> None:
    assert contrast(getattr(tokens, f"code_{style}"), tokens.sunken) >= 4.5


@STRONG
@pytest.mark.parametrize(
    "front", ["text", "muted", "accent", "danger", "warning", *(f"code_{style}" for style in STYLES)]
)
def test_high_contrast_text_passes_aaa(tokens: Tokens, front: str) -> None:
    assert min(contrast(getattr(tokens, front), getattr(tokens, back)) for back in GROUNDS) >= 7


@STRONG
def test_high_contrast_shows_what_a_control_is(tokens: Tokens) -> None:
    for mark in ("border", "scroll", "bubble_border", "accent"):
        assert min(contrast(getattr(tokens, mark), getattr(tokens, back)) for back in GROUNDS) >= 3, mark
    for back in ("selection", "found", "pressed"):
        assert contrast(tokens.text, getattr(tokens, back)) >= 7, back
    for front in ("accent", "accent_hover"):
        assert contrast(tokens.on_accent, getattr(tokens, front)) >= 7, front


def test_high_contrast_doubles_the_mark_of_the_keyboard(qapp: QApplication) -> None:
    plain, strong = ThemeManager("light"), ThemeManager("contrast")
    assert strong.ring == 2 * plain.ring
    assert "2px solid" in stylesheet(strong.tokens)
    assert "2px solid" not in stylesheet(plain.tokens)


def test_high_contrast_is_light_or_dark_as_the_system_is(qapp: QApplication) -> None:
    theme = ThemeManager("contrast")
    dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert theme.contrast
    assert theme.tokens is (CONTRAST_DARK if dark else CONTRAST_LIGHT)


@pytest.mark.parametrize("dark", [False, True])
def test_a_system_that_wants_contrast_gets_it(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, dark: bool
) -> None:
    theme = ThemeManager("auto")
    assert not theme.contrast
    monkeypatch.setattr(ThemeManager, "_system_contrast", lambda _self: True)
    monkeypatch.setattr(ThemeManager, "_system_dark", lambda _self: dark)
    seen: list[str] = []
    theme.changed.connect(lambda: seen.append(theme.tokens.window))
    hints = qapp.styleHints().accessibility()
    hints.contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)
    assert seen == ["#000000" if dark else "#FFFFFF"]
    theme.set_mode("light")
    assert theme.tokens is LIGHT


def test_reading_says_how_wide_and_how_far_apart(qapp: QApplication) -> None:
    assert Reading().column(2000) == COLUMN_WIDTH
    assert Reading().column(500) == 500 - 2 * SPACE[4]
    assert Reading(zoom=2.0).column(2000) == 2 * COLUMN_WIDTH
    assert Reading(zoom=0.8).column(2000) == COLUMN_WIDTH
    assert Reading(width="narrow").column(2000) < COLUMN_WIDTH < Reading(width="wide").column(2000)
    assert Reading(width="full").column(2000) == 2000 - 2 * SPACE[4]
    lines = [Reading(spacing=name).line_height for name in SPACINGS]
    assert lines == sorted(lines)
    assert len(set(lines)) == 3


def test_another_reading_is_told_once(qapp: QApplication) -> None:
    theme = ThemeManager("light")
    seen: list[Reading] = []
    theme.reading_changed.connect(lambda: seen.append(theme.reading))
    for reading in (Reading(), Reading(zoom=1.2), Reading(zoom=1.2), Reading(spacing="roomy")):
        theme.set_reading(reading)
    assert seen == [Reading(zoom=1.2), Reading(spacing="roomy")]


def test_the_design_s_colours() -> None:
    names = ("window", "surface", "sunken", "border", "text", "muted", "accent", "danger", "warning")
    light = (
        "#FBFBFA",
        "#FFFFFF",
        "#F3F3F1",
        "#E3E3DF",
        "#1C1C1A",
        "#6B6B66",
        "#3B7A57",
        "#B3261E",
        "#8F6000",
    )
    dark = ("#161615", "#1E1E1C", "#121211", "#2E2E2B", "#ECECE8", "#9C9C95", "#7CC39B", "#F2B8B5", "#E3B341")
    assert [getattr(LIGHT, name) for name in names] == list(light)
    assert [getattr(DARK, name) for name in names] == list(dark)


@PALETTES
def test_palette_and_stylesheet_use_the_tokens(tokens: Tokens) -> None:
    assert palette(tokens).color(QPalette.ColorRole.Window).name().upper() == tokens.window
    assert "$" not in stylesheet(tokens)
    assert tokens.accent in stylesheet(tokens)


def test_changed_comes_once_for_each_change(qtbot, qapp: QApplication) -> None:
    theme = ThemeManager("light")
    seen: list[bool] = []
    theme.changed.connect(lambda: seen.append(theme.dark))
    for mode in ("dark", "dark", "light"):
        theme.set_mode(mode)
    assert seen == [True, False]
    assert theme.tokens is LIGHT
    with pytest.raises(ValueError, match="purple"):
        theme.set_mode("purple")
    assert theme.mode in MODES


def test_the_modes_follow_each_other_and_the_system_comes_back(qtbot, qapp: QApplication) -> None:
    theme = ThemeManager("auto")
    seen: list[str] = []
    theme.changed.connect(lambda: seen.append(theme.mode))
    for _ in range(4):
        theme.next_mode()
    assert seen == ["light", "dark", "contrast", "auto"]


def test_auto_follows_the_system_and_fixed_modes_do_not(qapp: QApplication) -> None:
    dark_system = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert ThemeManager("auto").dark == dark_system
    assert ThemeManager("dark").dark
    assert not ThemeManager("light").dark


def test_apply_sets_palette_and_follows_changes(qapp: QApplication) -> None:
    before = (qapp.palette(), qapp.styleSheet(), qapp.font())
    theme = ThemeManager("light")
    theme.apply(qapp)
    assert LIGHT.accent in qapp.styleSheet()
    assert qapp.font().pixelSize() == 14
    pictures = re.findall(r'url\("(.+?)"\)', qapp.styleSheet())
    assert len(set(pictures)) == 3
    assert all(not QImage(path).isNull() for path in pictures)
    theme.set_mode("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
    qapp.setPalette(before[0])
    qapp.setStyleSheet(before[1])
    qapp.setFont(before[2])


def test_all_icons_are_there_and_of_one_kind() -> None:
    assert set(ICONS) >= WANTED
    for name in ICONS:
        svg = files("resources").joinpath("icons", f"{name}.svg").read_text()
        assert 'viewBox="0 0 24 24"' in svg
        assert 'stroke-width="1.75"' in svg
        assert 'stroke="currentColor"' in svg


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_draws_something_in_its_colour(qapp: QApplication, name: str) -> None:
    theme = ThemeManager("light")
    icon = theme.icon(name, "accent", 24)
    assert theme.icon(name, "accent", 24) is icon
    for ratio in (1.0, 2.0, 3.0):
        pixmap = theme.pixmap(name, "accent", 24, ratio)
        assert pixmap.width() == 24 * ratio
        image = pixmap.toImage()
        drawn = [
            image.pixelColor(x, y)
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert drawn, "an empty icon"
        assert all(abs(color.green() - theme.color("accent").green()) < 12 for color in drawn)


def test_motion_and_type(qapp: QApplication) -> None:
    theme = ThemeManager("light")
    flash = qapp.cursorFlashTime()
    assert 120 <= theme.motion_ms <= 180
    for _ in range(2):
        theme.reduced_motion = True
        assert theme.motion_ms == qapp.cursorFlashTime() == 0
    theme.reduced_motion = False
    assert qapp.cursorFlashTime() == flash > 0
    assert theme.font("reading").pixelSize() == 15
    assert theme.font("reading", 2.0).pixelSize() == 30
    assert {f.name for f in fields(Tokens)} >= {f"code_{style}" for style in STYLES}


@PALETTES
@pytest.mark.qt_log_ignore("No file name specified")
def test_a_button_with_the_focus_has_one_ring(qtbot: QtBot, tokens: Tokens) -> None:
    window = QWidget()
    window.setStyleSheet(stylesheet(tokens))
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    wide = 2 if tokens in (CONTRAST_LIGHT, CONTRAST_DARK) else 1
    for primary, ring in ((False, tokens.accent), (True, tokens.text)):
        button = QPushButton("Apply", window)
        button.setAutoDefault(False)
        button.setProperty("primary", primary)
        row.addWidget(button)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        button.setFocus()
        qtbot.waitUntil(button.hasFocus)
        image, middle = button.grab().toImage(), button.height() // 2
        fill = image.pixelColor(4, middle)
        assert {image.pixelColor(x, middle).name() for x in range(wide)} == {QColor(ring).name()}
        assert {image.pixelColor(x, middle).name() for x in range(wide, 8)} == {fill.name()}, "a second ring"
