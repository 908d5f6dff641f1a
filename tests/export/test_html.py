"""An export as a page: text, code and formulas in semantic elements, and nothing that could act."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator

import pytest
from lxml import html

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.export.formulas import SetFormulas
from app.export.html import write_html
from app.export.html_blocks import HtmlBlocks
from app.export.html_style import COLOURS, stylesheet
from app.export.texts import blocks_of
from app.export.values import Options, head_of, nodes_of
from app.render.blocks import Block
from tests.export.samples import CODE, TYPED, told
from ui.theme import DARK, LIGHT

PALETTES = dataclasses.asdict(LIGHT), dataclasses.asdict(DARK)


@pytest.fixture(scope="module")
def formulas() -> Iterator[SetFormulas]:
    with SetFormulas() as made:
        yield made


@pytest.fixture(scope="module")
def page(formulas: SetFormulas) -> str:
    return written(told(), formulas, Options("html", thoughts=True, documents=True))


@pytest.fixture(autouse=True, scope="module")
def ended(formulas: SetFormulas) -> Iterator[None]:
    yield
    formulas._renderer.close()


def written(conversation: Conversation, formulas: SetFormulas, options: Options) -> str:
    file = io.StringIO()
    nodes = nodes_of(conversation, whole=False)
    write_html(
        file,
        head_of(conversation, 1000.0),
        nodes,
        options,
        lambda _: None,
        formulas=formulas,
        palettes=PALETTES,
    )
    return file.getvalue()


def body(text: str, formulas: SetFormulas) -> str:
    return "".join(HtmlBlocks(formulas).write(blocks_of(text)))


def test_nothing_in_it_acts_or_fetches(page: str) -> None:
    found = html.document_fromstring(page)
    assert not found.xpath("//script|//img|//iframe|//link|//object|//embed|//form|//base")
    assert not [name for one in found.iter() for name in one.attrib if name.startswith("on")]
    policy = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "url(" not in page.partition("</style>")[0]
    assert {one.get("href") for one in found.xpath("//a")} == {
        "https://example.org/?a=1&b=2",
        "http://example.org/hidden",
    }


def test_text_and_code_are_as_they_were(page: str) -> None:
    found = html.document_fromstring(page)
    assert found.xpath("string(//title)") == "Export <test> & *more*"
    codes = [one.text_content() for one in found.xpath("//pre/code")]
    assert f"{CODE}\n" in codes
    assert "<img src=x onerror=alert(1)>\n" in codes
    assert found.xpath("//code[@class='language-python']/span[@class='k']/text()")[0] == "def"
    assert found.xpath("//section[1]//div[@class='plain']")[0].text_content() == TYPED
    assert "<script>alert(1)</script>" in found.text_content()
    assert "It costs $5 or $10." in found.text_content()
    assert "Secret" not in page
    assert [one.text for one in found.xpath("//h2[@class='who']")] == [
        "You", "Some-Model", "You", "Assistant", "You",
    ]  # fmt: skip


def test_formulas_are_drawn_named_and_can_be_got_back(page: str) -> None:
    found = html.document_fromstring(page)
    drawn = found.xpath("//span[@class='math']")
    assert [one.get("data-tex") for one in drawn] == [
        "y_1", "x^2 + \\frac{1}{2}", "\\alpha_i", "\\sqrt{2}",
        "\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}",
    ]  # fmt: skip
    for one in drawn:
        (svg,) = one.xpath("./*[local-name()='svg']")
        assert svg.get("role") == "img"
        assert svg.get("aria-label") == one.get("data-tex")
        assert re.search(r"vertical-align:-?\d+\.\d+em", svg.get("style"))
        assert one.get("data-tex") in " ".join(one.text_content().split())
    assert "currentColor" in page


def test_thoughts_and_documents_only_where_they_are_wished(formulas: SetFormulas, page: str) -> None:
    plain = written(told(), formulas, Options("html"))
    assert "Thought for 12 s" in page
    assert "Text of" in page
    assert "Thought for" not in plain
    assert "Text of" not in plain
    assert "notes &amp; more.pdf (3 pages)" in plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. a\n2. b", "<ol><li><p>a</p></li><li><p>b</p></li></ol>"),
        (
            "3. a\n\ntext\n\n4. b",
            '<ol start="3"><li><p>a</p></li></ol><p>text</p><ol start="4"><li><p>b</p></li></ol>',
        ),
        ("- a\n  - b\n- c", "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li><li><p>c</p></li></ul>"),
        ("- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>"),
        ("> a\n> - b\n\nc", "<blockquote><p>a</p><ul><li><p>b</p></li></ul></blockquote><p>c</p>"),
        ("- a\n\n1. b", "<ul><li><p>a</p></li></ul><ol><li><p>b</p></li></ol>"),
        ("1. a\n\n1) b", "<ol><li><p>a</p></li></ol><ol><li><p>b</p></li></ol>"),
        ("a\\\nb\nc", "<p>a<br>b<br>c</p>"),
        ("---", "<hr>"),
        (
            "[x](javascript:alert(1)) ![y](http://e.org/z)",
            '<p>[x](javascript:alert(1)) y (<a href="http://e.org/z" rel="noopener noreferrer nofollow">'
            "http://e.org/z</a>)</p>",
        ),
        (
            "[x](javascript:alert(1)) ![y](z.png)",
            "<p>[x](javascript:alert(1)) y (z.png)</p>",
        ),
        ("\"<&>'", "<p>&quot;&lt;&amp;&gt;&#x27;</p>"),
    ],
)
def test_blocks_become_elements(text: str, expected: str, formulas: SetFormulas) -> None:
    assert re.sub(r"\n|(?<=>) +(?=<)", "", body(text, formulas)) == expected


def test_what_code_hides_has_a_mark(formulas: SetFormulas) -> None:
    made = body("```\nx\u202e = 1\n```\n\n`a\u200bb`", formulas)
    assert "\u202e" not in made
    assert "x‹U+202E› = 1" in made
    assert "a‹U+200B›b" in made


def test_a_block_in_many_pieces_is_one_element(formulas: SetFormulas) -> None:
    code = "\n".join(f'line{number} = """' for number in range(1000))
    found = html.fragment_fromstring(body(f"```python\n{code}\n```", formulas))
    assert found.tag == "pre"
    assert found.text_content() == f"{code}\n"
    rows = "\n".join(f"| {number} | x |" for number in range(200))
    table = html.fragment_fromstring(body(f"| a | b |\n|---|---|\n{rows}", formulas))
    assert len(table.xpath(".//thead/tr")) == 1
    assert len(table.xpath(".//tbody/tr")) == 200
    words = " ".join(f"word{number}" for number in range(4000))
    assert " ".join(html.fragments_fromstring(body(words, formulas))[0].text_content().split()) == words


def test_a_kind_of_block_that_is_not_known_is_its_text(formulas: SetFormulas) -> None:
    made = "".join(HtmlBlocks(formulas).write([Block("footnote", "[^1]: <a>", text="")]))
    assert "&lt;a&gt;" in made


def test_what_a_text_hides_is_seen(formulas: SetFormulas) -> None:
    made = body("`a\u202eb` c\u2066d\n\n```\ne\u202ef\n```", formulas)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", made)
    assert made.count("U+202E") == 2
    conversation = Conversation()
    conversation.append("user", TextPart("a\r\nb\u202ec"))
    page = written(conversation, formulas, Options("html"))
    assert "a\nb" in page
    assert "\u202e" not in page


def test_footnotes_are_beside_the_text(formulas: SetFormulas) -> None:
    made = body("A[^1].\n\n[^1]: Note.\n\n    More\n\nEnd", formulas)
    assert re.sub(r"\n", "", made) == (
        '<p>A<sup>1</sup>.</p><aside class="footnote"><sup>1</sup><p>Note.</p><p>More</p></aside><p>End</p>'
    )


def test_deep_nesting_ends(formulas: SetFormulas) -> None:
    made = body("> " * 300 + "x", formulas)
    assert made.count("<blockquote>") == made.count("</blockquote>")


def test_every_colour_comes_from_the_palettes() -> None:
    sheet = stylesheet(*PALETTES)
    for name in COLOURS:
        assert sheet.count(f"--{name}: {PALETTES[0][name]};") == 2  # on the screen and on paper
        assert f"--{name}: {PALETTES[1][name]};" in sheet
    assert not re.search(r"#[0-9A-Fa-f]{6}", re.sub(r"--\w+: #[0-9A-F]{6};", "", sheet))
