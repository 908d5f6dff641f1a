"""What a text hides is seen; what other scripts need stays."""

import pytest

from app.render.inline import parse_inline
from app.render.unseen import STACKED, shown


@pytest.mark.parametrize("code", range(0x202A, 0x202F))
def test_controls_of_direction_have_a_mark(code: int) -> None:
    assert shown(f"a{chr(code)}b") == f"a‹U+{code:04X}›b"


@pytest.mark.parametrize(
    ("text", "prose", "code"),
    [
        ("\x1b[31mred", "␛[31mred", "␛[31mred"),
        ("a\x07\x7f\x9b", "a␇␡‹U+009B›", "a␇␡‹U+009B›"),
        ("\u2066x\u2069", "‹U+2066›x‹U+2069›", "‹U+2066›x‹U+2069›"),
        ("a\u200bb", "a\u200bb", "a‹U+200B›b"),
        ("a\u200db", "a\u200db", "a‹U+200D›b"),
        ("می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻", "👩\u200d💻"),
        ("שלום\u200f!", "שלום\u200f!", "שלום‹U+200F›!"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", None, None),
        ("hi\U000e0068", "hi‹U+E0068›", "hi‹U+E0068›"),
        ("tab\tand\nline", None, None),
        ("\ufffd", None, None),
    ],
)
def test_marks(text: str, prose: str | None, code: str | None) -> None:
    assert shown(text) == (text if prose is None else prose)
    assert shown(text, code=True) == (text if code is None else code)


def test_marks_on_one_letter_are_spread_and_none_is_lost() -> None:
    text = "e" + "\u0301" * 1000
    marked = shown(text)
    assert marked.replace("\u25cc", "") == text
    assert max(len(part) for part in marked[1:].split("\u25cc")) == STACKED
    assert shown("e\u0301\u0302") == "e\u0301\u0302"


def test_links_and_code_in_a_line_hide_nothing() -> None:
    spans = parse_inline("`a\u200bb` [x\u200fy](https://x.y) \u202ez")
    assert [span.text for span in spans] == ["a‹U+200B›b", " ", "x‹U+200F›y", " ‹U+202E›z"]
