"""An export as Markdown means in another renderer what it means here."""

from __future__ import annotations

import io
from typing import Any

import mistune
import pytest

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.export.markdown import faithful, typed, write_markdown
from app.export.values import Options, head_of, nodes_of
from tests.export.samples import CODE, told

PLUGINS = ["table", "strikethrough", "task_lists", "math", "footnotes", "url"]


def written(conversation: Conversation, options: Options = Options()) -> str:  # noqa: B008
    file = io.StringIO()
    nodes = nodes_of(conversation, whole=False)
    write_markdown(file, head_of(conversation), nodes, options, lambda _: None)
    return file.getvalue()


def tree(markdown: str) -> list[dict[str, Any]]:
    found = mistune.create_markdown(renderer="ast", plugins=PLUGINS)(markdown)
    assert isinstance(found, list)
    return found


def walk(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for node in nodes:
        found += [node, *walk(node.get("children", []))]
    return found


def text_of(nodes: list[dict[str, Any]]) -> str:
    parts = []
    for node in walk(nodes):
        if node["type"] in ("linebreak", "softbreak"):
            parts.append("\n")
        elif "children" not in node:
            parts.append(node.get("raw", ""))
    return "".join(parts)


def test_another_renderer_finds_messages_code_formulas_and_tables() -> None:
    found = tree(written(told(), Options(thoughts=True, documents=True)))
    every = walk(found)
    heads = [
        text_of(node["children"])
        for node in found
        if node["type"] == "heading" and node["attrs"]["level"] == 2
    ]
    assert heads == ["You", "Some-Model", "You", "Assistant", "You"]
    codes = [node["raw"] for node in every if node["type"] == "block_code"]
    assert f"{CODE}\n" in codes
    assert "Text of\n```\nthe document\n" in codes
    assert "int a[3];\n" in codes
    assert "print(1)\n" in codes
    maths = [node["raw"] for node in every if node["type"] in ("inline_math", "block_math")]
    assert {"x^2 + \\frac{1}{2}", "\\sqrt{2}", "x^2", "y_1"} <= set(maths)
    assert any("\\int_0^\\infty" in one for one in maths)
    assert [node["type"] for node in every].count("table") == 1
    assert {node["attrs"]["checked"] for node in every if node["type"] == "task_list_item"} == {True, False}


def test_nothing_is_html_or_a_hidden_definition_in_another_renderer() -> None:
    found = tree(written(told()))
    assert not [node for node in walk(found) if node["type"] in ("block_html", "inline_html")]
    said = text_of(found)
    assert "<script>alert(1)</script>" in said
    assert "[ref]: http://example.org/hidden" in said
    assert "#include <stdio.h>" in said
    assert "Let me" not in said
    assert "the document" not in said
    assert "Secret" not in said


def test_a_fence_that_is_open_holds_nothing_behind_it() -> None:
    said = [node for node in tree(written(told())) if node["type"] == "paragraph"]
    assert [text_of([node]) for node in said[-2:]] == ["Stopped", "Behind it"]


@pytest.mark.parametrize(
    "text",
    [
        "plain", "two\nlines\n\nand a paragraph", "*a* _b_ `c` [d](e) <f> &amp; ~~g~~ #h", "# no heading",
        "- no list\n+ none\n1. none\n2) none", "> no quote", "a\n===", "a | b\n--|--\n1 | 2", "---", "\\*",
        "~~~ is nothing", "a\\", "![x](http://example.org/y)", "x  \ny", "* * *",
        "$5 and $10", "[a]: b", "\ta tab", "+", "100.", "a & b &lt; c", "`",
    ],
)  # fmt: skip
def test_what_a_person_typed_reads_as_it_was_typed(text: str) -> None:
    found = tree(typed(text))
    assert {node["type"] for node in found} <= {"paragraph", "blank_line", "block_code"}
    fenced = text.startswith("~~~")
    said = "\n\n".join(text_of([node]) for node in found if node["type"] != "blank_line")
    plain = "\n".join(line.strip().replace("\u00a0", "") for line in said.replace("\u00a0", "").split("\n"))
    assert fenced or plain == "\n".join(line.strip() for line in text.split("\n"))


def test_footnotes_of_two_answers_keep_apart() -> None:
    made = Conversation()
    for word in ("first", "second"):
        made.append("assistant", TextPart(f"A[^1] `[^1]` [^x].\n\n[^1]: The {word} note."))
    found = tree(written(made))
    notes = [text_of(node["children"]) for node in walk(found) if node["type"] == "footnote_item"]
    assert notes == ["The first note.", "The second note."]
    assert [node["raw"] for node in walk(found) if node["type"] == "codespan"] == ["[^1]", "[^1]"]
    assert "[^x]" in text_of(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n\n- b\n- c\n", "a\n\n\n- b\n- c\n"),  # what is sound stays to the letter
        ("x <y> `<z>` $a<b$ <http://e.org>", "x \\<y> `<z>` $a<b$ <http://e.org>\n"),
        ("```\n<div>\n```", "```\n<div>\n```\n"),
        ("````\n```\nx", "````\n```\nx\n````\n"),
        ("~~~\nx\n~~~", "~~~\nx\n~~~\n"),
        ("- a\n\n  ```\n  x", "- a\n\n  ```\n  x\n"),  # the item's end closes it
        ("", "\n"),
    ],
)
def test_an_answer_stays_as_the_model_wrote_it_where_that_is_safe(text: str, expected: str) -> None:
    assert "".join(faithful(TextPart(text))) == expected
