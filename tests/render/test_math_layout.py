import re

import pytest
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.render.math_boxes import Box
from app.render.math_layout import Setter, set_formula
from app.render.math_process import draw_formula
from app.render.math_source import read_formula
from app.render.math_values import MathDrawn, MathRefused, MathRequest, coloured, is_sound
from tests.render.formulas import DISPLAY, INLINE


def box(source: str, display: bool = True) -> Box:
    return Setter().row(read_formula(source, display), 0 if display else 1)


def ink(drawn: MathDrawn) -> QImage:
    image = QImage(max(1, int(drawn.width)), max(1, int(drawn.height)), QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    svg = QSvgRenderer(QByteArray(coloured(drawn.svg, "#ff0000").encode()))
    assert svg.isValid()
    svg.render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    return image


@pytest.mark.parametrize("display", [True, False])
def test_every_formula_of_the_sheet_is_drawn(qapp: object, display: bool) -> None:
    for source in DISPLAY if display else INLINE:
        drawn = draw_formula(MathRequest(source, display, 16))
        assert isinstance(drawn, MathDrawn), (source, drawn)
        assert is_sound(drawn), source
        image = ink(drawn)
        spots = range(0, image.width() * image.height(), 3)
        reds = sum(image.pixelColor(i % image.width(), i // image.width()).green() < 128 for i in spots)
        assert reds > 2, source
        assert 0 < drawn.baseline < drawn.height or source.startswith(r"\begin"), source


def test_a_size_scales_everything() -> None:
    row = read_formula(r"\frac{a}{b} + \sqrt{x}", True)
    small, large = set_formula(row, True, 10)[1:], set_formula(row, True, 30)[1:]
    assert large == pytest.approx([3 * value for value in small], rel=1e-3)


def test_a_minus_joins_or_stands_for_itself() -> None:
    minus = box("-").width
    assert box("a-b").width - box("ab").width == pytest.approx(minus + 8 / 18)
    assert box("-b").width - box("b").width == pytest.approx(minus)
    assert box("a=-b").width - box("a=b").width == pytest.approx(minus)
    assert box("x^{a-b}").width < box("x^{ab}").width + minus, "no space in scripts"


def test_limits_go_below_in_display_only() -> None:
    assert box(r"\sum_{i=1}^n").height > box(r"\sum_{i=1}^n", display=False).height + 0.3
    assert box(r"\int_0^1").width > box(r"\int\limits_0^1").width
    assert box(r"\lim_{x\to0}").depth > box(r"\lim_{x\to0}", display=False).depth + 0.2


def test_brackets_grow_around_the_axis() -> None:
    for source in (r"\left(\frac{a}{\frac{b}{c}}\right)", r"\begin{pmatrix}1\\2\\3\\4\\5\end{pmatrix}"):
        body = box(source)
        assert body.height - 0.258 == pytest.approx(body.depth + 0.258, rel=0.25)
    heights = [box(rf"{big}\{{").height for big in (r"\big", r"\Big", r"\bigg", r"\Bigg")]
    assert heights == sorted(heights)
    assert heights[0] > box(r"\{").height
    assert box(r"\left. x \right|").width < box(r"\left| x \right|").width


def test_rows_do_not_touch() -> None:
    lines = box(r"\begin{aligned} \frac{a}{b} \\ \frac{c}{d} \\ \frac{e}{f} \end{aligned}")
    one = box(r"\frac{a}{b}")
    assert lines.height + lines.depth > 3 * (one.height + one.depth) + 0.4


def test_a_tag_stands_apart() -> None:
    assert box(r"x \tag{1}").width > box(r"x").width + box(r"(1)").width + 1.5


def test_lines_of_an_array_are_drawn() -> None:
    plain = set_formula(read_formula(r"\begin{array}{cc} a & b \\ c & d \end{array}", True), True, 20)[0]
    ruled = set_formula(
        read_formula(r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}", True), True, 20
    )[0]
    assert ruled.count("<path") == plain.count("<path") + 2


def test_a_phantom_has_room_and_no_ink() -> None:
    assert box(r"\phantom{abc}").width == pytest.approx(box("abc").width)
    svg = set_formula(read_formula(r"x\phantom{abc}", True), True, 20)[0]
    assert svg.count("<path") == 1


def test_ink_without_room_is_inside_of_the_picture() -> None:
    for source in (r"\smash{\frac{1}{2}}", r"\mathllap{abc}x", r"x\mathrlap{abc}", r"\cancel{x}"):
        result = draw_formula(MathRequest(source, True, 60))
        assert isinstance(result, MathDrawn)
        image = ink(result)
        width, height = image.width(), image.height()
        edge = [(x, y) for x in range(width) for y in (0, height - 1)]
        edge += [(x, y) for x in (0, width - 1) for y in range(height)]
        assert all(image.pixelColor(x, y).green() > 200 for x, y in edge), source


def test_what_has_no_ink_is_refused() -> None:
    for source in (r"\!", r"\quad", r"\phantom{x}", "{}"):
        assert draw_formula(MathRequest(source, True, 20)) == MathRefused("It is empty.")


def test_no_number_is_wild() -> None:
    for source in DISPLAY:
        svg = set_formula(read_formula(source, True), True, 20)[0]
        assert not re.search(r"nan|inf|e\+", svg.replace("infty", ""))


@pytest.mark.parametrize("size", [0.0, 1e9, float("nan"), -3.0])
def test_a_wild_size_is_refused(size: float) -> None:
    assert isinstance(draw_formula(MathRequest("x", True, size)), MathRefused)


def test_what_the_font_lacks_is_refused() -> None:
    for text in ("中", r"\text{あ}", "😀", "\x07", "\u202e", "\ud800"):
        result = draw_formula(MathRequest(text, True, 20))
        assert isinstance(result, MathRefused)
        assert "font" in result.reason
