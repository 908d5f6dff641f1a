import random
from dataclasses import replace

import pytest

from app.render.inline import Span, is_safe_link, parse_growing, parse_inline, plain_text, settle


def merged(spans: tuple[Span, ...]) -> list[Span]:
    """With neighbours of one style as one."""
    found: list[Span] = []
    for span in spans:
        if (
            found
            and not span.math
            and not found[-1].math
            and replace(found[-1], text="") == replace(span, text="")
        ):
            found[-1] = replace(span, text=found[-1].text + span.text)
        else:
            found.append(span)
    return found


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
        (
            "![alt](https://x.y/i.png)",
            (Span("alt"), Span(" ("), Span("https://x.y/i.png", href="https://x.y/i.png"), Span(")")),
        ),
        ("![](https://x.y/i.png)", (Span("https://x.y/i.png", href="https://x.y/i.png"),)),
        ("![a](b.png)", (Span("a (b.png)"),)),
        ("a[^1].", (Span("a"), Span("1", note="1"), Span("."))),
        ("a[^2^]", (Span("a"), Span("2", note="2"))),
        ("a[^note]", (Span("a"), Span("[^note]", note="note"))),
        (
            "[^a-z]+ [^1](https://x.y)",
            (Span("[^a-z]", note="a-z"), Span("+ "), Span("^1", href="https://x.y")),
        ),
        ("[text][a]", (Span("[text][a]"),)),
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


def test_a_growing_text_reads_as_when_parsed_in_one_go() -> None:
    parts = (
        "word ",
        "**bold $x$** ",
        "$a_b * c$ ",
        "*it ",
        "costs $5 ",
        "`code ",
        "` ",
        "[a](https://b.c) ",
        "* ",
    )
    parts += ("\\(y\\) ", "\\$ ", "a_b ", "$", "\n", "https://e.org/a_b ", "~~no~~ ", "设$z$为 ", "  ")
    for seed in range(60):
        chosen = random.Random(seed).choices(parts, k=300)
        text = ""
        for part in chosen:
            text += part
            if len(text) % 7 == 0:
                assert merged(parse_growing(text)) == merged(parse_inline(settle(text))), f"seed {seed}"


def test_a_growing_text_is_not_parsed_again_from_its_start() -> None:
    text = "some $x^2$ words " * 150
    parse_growing(text)
    parse_inline.cache_clear()
    before = parse_inline.cache_info().misses
    for end in range(2000, 2500):
        parse_growing(text[:end])
    assert parse_inline.cache_info().misses - before <= 500 + 10
