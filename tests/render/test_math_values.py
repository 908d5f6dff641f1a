import pytest

from app.render.math_process import draw_formula
from app.render.math_values import MathDrawn, MathRequest, coloured, is_only_paths, is_sound


def drawn(source: str = "x^2") -> MathDrawn:
    result = draw_formula(MathRequest(source, True, 20))
    assert isinstance(result, MathDrawn)
    return result


def test_what_is_drawn_is_sound() -> None:
    assert is_sound(drawn(r"\sqrt{\frac{1}{2}}"))


def test_the_colour_is_put_in_once() -> None:
    svg = coloured(drawn().svg, "#AABBCC")
    assert svg.count("#AABBCC") == 1
    assert "currentColor" not in svg
    with pytest.raises(ValueError):
        coloured(svg, 'red"/><script>')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</g>", "<script>alert(1)</script></g>"),
        ("</g>", '<image href="file:///etc/passwd"/></g>'),
        ("</g>", "<text>x</text></g>"),
        ("</g>", '<use href="#a"/></g>'),
        ("</svg>", "</svg><svg/>"),
        ('fill="currentColor"', 'fill="url(https://example.com)"'),
        ("<g ", '<g onload="x" '),
        ("<path ", '<path style="fill:url(#a)" '),
        ('d="', 'd="url(x)'),
        ("<svg ", "<!DOCTYPE svg><svg "),
        ("<svg ", "<!ENTITY a 'b'><svg "),
        ('width="', 'width="9999999'),
        ('width="', 'width="-'),
        ("<g ", " <g "),
        ("</g></svg>", ""),
        ("matrix(", "matrix(1e99 "),
    ],
)
def test_anything_else_is_not(old: str, new: str) -> None:
    svg = drawn().svg
    assert old in svg
    assert not is_only_paths(svg.replace(old, new, 1))


def test_sizes_are_checked() -> None:
    good = drawn()
    for size in (float("nan"), float("inf"), 0.0, -1.0, 1e9):
        assert not is_sound(MathDrawn(good.svg, size, good.height, good.baseline))
        assert not is_sound(MathDrawn(good.svg, good.width, size, good.baseline))
    assert not is_sound(MathDrawn(good.svg, good.width, good.height, float("nan")))
