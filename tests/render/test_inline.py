import pytest

from app.render.inline import Span, is_safe_link, parse_inline, plain_text, settle


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a", (Span("a"),)),
        ("**a**", (Span("a", bold=True),)),
        ("*a **b***", (Span("a ", italic=True), Span("b", bold=True, italic=True))),
        ("~~a~~", (Span("a", strike=True),)),
        ("`a*b`", (Span("a*b", code=True),)),
        ("[a](https://x.y)", (Span("a", href="https://x.y"),)),
        ("[a](mailto:a@b.c)", (Span("a", href="mailto:a@b.c"),)),
        ("https://x.y", (Span("https://x.y", href="https://x.y"),)),
        ("main.py", (Span("main.py"),)),
        ("a\nb", (Span("a"), Span("\n"), Span("b"))),
        ("![alt](https://x.y/i.png)", (Span("alt (https://x.y/i.png)"),)),
        ("![](https://x.y/i.png)", (Span("https://x.y/i.png"),)),
        ("<b>a</b>", (Span("<b>a</b>"),)),
    ],
)
def test_spans(text: str, spans: tuple[Span, ...]) -> None:
    assert parse_inline(text) == spans


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x", "data:text/html,x", "/x"]
)
def test_other_addresses_are_no_links(address: str) -> None:
    assert not is_safe_link(address)
    assert all(not span.href for span in parse_inline(f"[a]({address})"))


@pytest.mark.parametrize(
    ("open_text", "shown"),
    [
        ("a **b", "a b"),
        ("a `b", "a b"),
        ("a **", "a "),
        ("a **b*", "a b"),
        ("a **b** c", "a b c"),
        ("a", "a"),
    ],
)
def test_open_marks_do_not_flicker(open_text: str, shown: str) -> None:
    assert plain_text(settle(open_text)).strip() == shown.strip()
