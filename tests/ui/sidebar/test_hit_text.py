from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from ui.sidebar.hit_text import Fitted, found_in, units, until
from ui.theme import ThemeManager


@pytest.fixture
def fitted(qapp: object) -> Fitted:
    return Fitted(ThemeManager("light").font("meta"))


@pytest.mark.parametrize(
    ("text", "query", "spans"),
    [
        ("Cache lines", "cache", ((0, 5),)),
        ("the cache, the CACHE", "cache", ((4, 9), (15, 20))),
        ("a.b", ".", ((1, 2),)),
        ("caches", "cache caches", ((0, 6),)),
        ("Öl und öl", "öl", ((0, 2), (7, 9))),
        ("anything", "", ()),
        ("anything", "x", ()),
    ],
)
def test_words_are_found(text: str, query: str, spans: object) -> None:
    assert found_in(text, query) == spans


def test_positions_as_qt_counts_them() -> None:
    text = "a🌿b"
    assert [units(text, position) for position in range(4)] == [0, 1, 3, 4]
    assert until(text, 3) == "a🌿"
    assert until(text, 2) == "a"


def test_one_line_two_lines_and_cut(fitted: Fitted) -> None:
    assert fitted.lines("short", (), 200) == 1
    assert fitted.shown("short", (), 200) == "short"
    long = "a few words that go on " * 2
    assert fitted.lines(long.strip(), (), 200) == 2
    endless = "a few words that go on 🌿 " * 20
    assert fitted.lines(endless, (), 200) == 2
    shown = fitted.shown(endless, (), 200)
    assert shown.endswith("…")
    assert endless.startswith(shown[:-1])
    assert fitted.shown(shown, (), 200) == shown, "what is shown fits"


def test_strong_text_needs_more_room(fitted: Fitted) -> None:
    text = "a few words that go on " * 20
    whole = ((0, len(text)),)
    plain = ThemeManager("light").font("meta")
    strong = QFont(plain)
    strong.setWeight(QFont.Weight.DemiBold)
    wider = QFontMetricsF(strong).horizontalAdvance(text) / QFontMetricsF(plain).horizontalAdvance(text)
    shown, strongly = (len(fitted.shown(text, spans, 200)) for spans in ((), whole))
    assert strongly <= shown
    if wider > 1.03:  # a font without a bold cut is as wide
        assert strongly < shown


def test_no_room_at_all(fitted: Fitted) -> None:
    assert fitted.shown("anything at all", ((0, 8),), 0) == "a…"


def test_only_what_was_found_has_the_strong_colour(fitted: Fitted) -> None:
    def reds(matches: tuple[tuple[int, int], ...]) -> set[int]:
        image = QImage(200, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        colours = (QColor("#000000"), QColor("#FF0000"))
        fitted.draw(painter, QRect(0, 0, 200, 40), "🌿 one two", matches, colours)
        painter.end()
        pixels = ((x, image.pixelColor(x, y)) for x in range(200) for y in range(40))
        return {x for x, colour in pixels if colour.red() > 200 and colour.green() < 60}

    assert not reds(())
    one, two = reds(((2, 5),)), reds(((6, 9),))
    assert one
    assert two
    assert max(one) < min(two)
