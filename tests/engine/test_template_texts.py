"""Long contents are sent once, and what is rendered is as if they were sent each time."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.engine.template import render
from app.engine.template_client import TemplateRenderer
from app.engine.template_texts import LEAST_CHARS, KeptTexts, Part, SentTexts, Text

TEMPLATES = {
    "as it is": "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}",
    "trimmed": "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}",
    "twice": "{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
    "in reverse": "{% for m in messages[::-1] %}{{ m.content }};{% endfor %}",
    "upper case": "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
    "the end of it": "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}",
    "none of it": "{{ messages | length }}",
}


def conversation(*contents: str, **others: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content} for content in contents], **others}


class Both:
    """Both sides, without the process between them."""

    def __init__(self) -> None:
        self.sent, self.kept = SentTexts(), KeptTexts()
        self.texts: list[str] = []

    def render(self, template: str, *variables: dict[str, Any]) -> tuple[str, ...]:
        reduced, contents = self.sent.take(variables)
        self.texts = [content.text for content in contents if content.text is not None]
        numbers = self.kept.fill(reduced, contents)
        rendered = [render(template, item) for item in reduced]
        found = [self.kept.parts(text, own) for text, own in zip(rendered, numbers, strict=True)]
        return tuple(map(self.sent.whole, found))


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_as_if_all_were_sent_each_time(template: str) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draw, both = random.Random(seed), Both()
    pool = [draw.choice(("ab", "a", " \n<é>", "</think>x")) * draw.choice((1, 300, 700)) for _ in range(8)]
    for _turn in range(30):
        contents = [draw.choice(pool) for _ in range(draw.randrange(6))]
        variables = [conversation(*contents, n=1), conversation(*contents[::-1], n=2)]
        assert both.render(template, *variables) == tuple(render(template, item) for item in variables)


def test_what_was_sent_is_not_sent_again() -> None:
    both, long = Both(), "long " * LEAST_CHARS
    both.render("", conversation(long, "short"), conversation(long + "covered", "short"))
    assert both.texts == [long, long + "covered"]
    both.render("", conversation(long, "short", "new"), conversation(long + "covered", "short", "new"))
    assert both.texts == []
    both.render("", conversation("short"))
    both.render("", conversation(long))
    assert both.texts == [long]  # the process holds those of one request, no more


def test_a_content_comes_back_as_its_number() -> None:
    kept, text = KeptTexts(), "x" * LEAST_CHARS + "\n"
    reduced, contents = SentTexts().take([conversation(text, "y")])
    assert reduced[0]["messages"][0]["content"] == ""
    numbers = kept.fill(reduced, contents)
    assert kept.parts(f"<{text}>", *numbers) == Text((Part("<", 1), Part("\n>")))


def test_the_variables_of_the_caller_stay_as_they_are() -> None:
    given = conversation("z" * LEAST_CHARS)
    SentTexts().take([given])
    assert given == conversation("z" * LEAST_CHARS)


def test_the_real_process_keeps_them_and_a_new_one_gets_them_again() -> None:
    renderer, template = TemplateRenderer(), TEMPLATES["trimmed"]
    variables = conversation(" one " * LEAST_CHARS, "two", "three" * LEAST_CHARS)
    expected = (render(template, variables),)
    try:
        for _turn in range(3):
            assert renderer.render(template, variables) == expected
        renderer.close()
        assert renderer.render(template, variables) == expected
    finally:
        renderer.close()
