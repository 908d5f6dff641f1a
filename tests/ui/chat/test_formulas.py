from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.render.math_values import MathDrawn, MathRefused, MathRequest
from ui.chat.formulas import EM, Formulas, Sized


def square(side: float = 16.0, baseline: float = 12.0, wide: float | None = None) -> MathDrawn:
    """A formula that is one black box, as the process would send it."""
    wide = wide or side
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{side}" '
        f'viewBox="0 0 {wide} {side}"><g fill="currentColor">'
        f'<path d="M0 0L{wide} 0L{wide} {side}L0 {side}Z"/></g></svg>'
    )
    return MathDrawn(svg, wide, side, baseline)


@pytest.fixture
def formulas(qapp: object) -> Iterator[Formulas]:
    made = Formulas()
    yield made
    made.deleteLater()


def give(formulas: Formulas, source: str, result: MathDrawn | MathRefused, display: bool = False) -> None:
    formulas.on_drawn(MathRequest(source, display, EM), result)


def test_only_what_is_lacking_is_wanted_and_only_once(formulas: Formulas) -> None:
    asked: list[list[str]] = []
    formulas.wanted.connect(lambda wanted: asked.append([one.source for one in wanted]))
    formulas.want([("a", False), ("b", False), ("a", False)])
    formulas.want([("a", False), ("b", False)])
    assert asked == [["a", "b"]]
    give(formulas, "a", square())
    formulas.want([("b", False)])
    assert asked == [["a", "b"]], "it is on its way"
    formulas.want([("c", True), ("b", False)])
    assert asked[1:] == [["c", "b"]], "the next first"
    formulas.want([("c", True)])
    assert len(asked) == 2, "it comes first anyway"
    formulas.want([("c", True)], [("d", False)])
    assert asked[2:] == [["c", "d"]]
    formulas.want([], [])
    assert asked[3:] == [[]], "nobody looks at them any more"
    formulas.want([], [])
    assert len(asked) == 4


def test_the_least_recently_used_go_when_there_are_too_many(formulas: Formulas) -> None:
    small = Formulas(most=5 * 1024)
    give(small, "first", square())
    kept = small.bytes[0]
    for number in range(40):
        give(small, f"x_{number}", square())
        assert small.get("first", False), "it is looked at all the time"
        assert small.bytes[0] <= 5 * 1024
    assert small.get("x_0", False) is None
    assert small.get("x_39", False) == square()
    assert small.bytes[0] % kept or small.bytes[0] > kept
    small.deleteLater()


def test_display_and_inline_are_two(formulas: Formulas) -> None:
    give(formulas, "x", square(), display=True)
    assert formulas.get("x", False) is None
    assert formulas.get("x", True) == square()


def test_what_comes_again_is_counted_once(formulas: Formulas) -> None:
    give(formulas, "x", square())
    once = formulas.bytes
    give(formulas, "x", square())
    assert formulas.bytes == once


def test_one_that_would_fill_screens_is_shown_as_written(formulas: Formulas) -> None:
    give(formulas, "x", square(5000, wide=5000))
    assert isinstance(formulas.get("x", False), MathRefused)


def painted(formulas: Formulas, one: Sized, color: str, ratio: float = 1.0, at: float = 3.3) -> QImage:
    image = QImage(int(40 * ratio), int(40 * ratio), QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    formulas.begin_frame()
    formulas.paint(painter, one, QPointF(at, at), QColor(color))
    painter.end()
    return image


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_a_picture_is_sharp_at_every_ratio(formulas: Formulas, ratio: float) -> None:
    image = painted(formulas, Sized(("x", False), square(), 1.0), "#ff0000", ratio)
    left = round(3.3 * ratio)
    right = left + round(16 * ratio)
    assert image.pixelColor(left, left) == QColor("#ff0000"), "the box begins on a whole pixel"
    assert image.pixelColor(left - 1, left) == QColor("white")
    assert image.pixelColor(right - 1, right - 1) == QColor("#ff0000")
    assert image.pixelColor(right, right) == QColor("white")


def test_the_baseline_is_on_a_whole_pixel_wherever_the_top_is(formulas: Formulas) -> None:
    for tenths in range(100, 110):
        image = painted(formulas, Sized(("x", False), square(baseline=16), tenths / 100), "#ff0000")
        column = [image.pixelColor(8, y) for y in range(40)]
        last = max(y for y, color in enumerate(column) if color != QColor("white"))
        assert last == round(3.3 + 16 * tenths / 100) - 1
        assert column[last] == QColor("#ff0000"), "not blurred"


def test_another_colour_needs_no_drawing(formulas: Formulas, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Sized(("x", False), square(), 1.0)
    assert painted(formulas, one, "#ff0000").pixelColor(10, 10) == QColor("#ff0000")
    monkeypatch.setattr("ui.chat.formulas._picture", None)
    assert painted(formulas, one, "#0000ff").pixelColor(10, 10) == QColor("#0000ff")


def test_pictures_are_bounded(formulas: Formulas) -> None:
    small = Formulas(most_pictures=40_000)
    for number in range(60):
        painted(small, Sized((f"x_{number}", False), square(), 1.0), "#000000")
        assert small.bytes[1] <= 40_000
    assert small.bytes[1] > 20_000
    small.deleteLater()


def test_many_pictures_are_spread_over_frames(qtbot, formulas: Formulas, monkeypatch) -> None:
    monkeypatch.setattr("ui.chat.formulas._PAINT_S", -1.0)
    image = QImage(40, 40, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    formulas.begin_frame()
    with qtbot.waitSignal(formulas.due):
        formulas.paint(painter, Sized(("x", False), square(), 1.0), QPointF(), QColor("black"))
    painter.end()
    assert formulas.bytes[1] == 0
