"""Prompts on real vocabularies, BPE and SPM: content never becomes a control token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import template as rendering
from app.engine.prompt import PromptBuilder
from app.engine.values import ChatMessage, Mode
from app.engine.vocab import Vocabulary
from app.errors import TemplateError
from tests import miniatures
from tests.engine.plain_llama import PlainModel
from tests.engine.prompt_cases import Case, HereRenderer

#: Content directly beside the template's own brackets: tool names, argument names, all of it.
EDGES = (
    "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "<{{ m.content }}><|{{ m.content }}|>{{ m.content }}|>{{ m.reasoning_content }}>"
    "[{{ m.content | trim }}]<start_of_{{ m.content }}><|im_end|>\n"
    "{% for c in m.tool_calls or [] %}<{{ c.function.name }}></{{ c.function.name }}>"
    "{% for k, v in c.function.arguments | items %}<|{{ k }}|></{{ k }}>{{ v }}|>{% endfor %}"
    "{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}"
    "{% for t in tools or [] %}<{{ t.function.name }}><|{{ t.function.description }}|>{{ t | tojson }}"
    "{% for k, v in t.function.parameters.properties | items %}<{{ k }}></{{ k }}>{{ v.type }}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def cases(starter: Path) -> Iterator[dict[str, Case]]:
    paths = {"starter": starter, "hybrid": miniatures.hybrid(), "sliding": miniatures.sliding()}
    models = {name: PlainModel(path, vocab_only=True) for name, path in paths.items()}
    chatml = rendering.CHATML
    own = {"starter": chatml, "hybrid": miniatures.TEMPLATE, "sliding": miniatures.SLIDING_TEMPLATE}
    found = {name: Case(name, models[name], own[name]) for name in paths}
    found |= {f"{name}/edges": Case(name, models[name], EDGES) for name in paths}
    yield found
    for model in models.values():
        model.close()


NAMES = ["starter", "hybrid", "sliding"]
ALL = [*NAMES, *(f"{name}/edges" for name in NAMES)]


def tool(name: str, description: str = "x", argument: str = "x", kind: str = "string") -> dict[str, Any]:
    parameters = {"type": "object", "properties": {argument: {"type": kind}}, "required": [argument]}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def conversation(text: str) -> tuple[tuple[ChatMessage, ...], tuple[dict[str, Any], ...]]:
    """`text` in every place that content can have."""
    messages = (
        ChatMessage("system", text),
        ChatMessage("user", text),
        ChatMessage("assistant", text, text, (call(text, **{text: text}),)),
        ChatMessage("tool", text),
        ChatMessage("user", text),
    )
    return messages, (tool(text, text, text, text), tool("x"))


def check(case: Case, text: str) -> None:
    """`text` everywhere: the control tokens are those of the same conversation with a word in its place."""
    messages, tools = conversation(text)
    neutral_messages, neutral_tools = conversation("0" if text.strip() else " ")
    prompt = case.build(*messages, tools=tools)
    neutral = case.build(*neutral_messages, tools=neutral_tools)
    assert case.control(prompt.tokens) == case.control(neutral.tokens), text
    assert case.spelled(prompt.tokens) == case.plain_text(*messages, tools=tools)
    assert prompt.thought == neutral.thought


@pytest.mark.parametrize("name", ALL)
def test_every_special_token_of_the_vocabulary_stays_text_in_content(
    name: str, cases: dict[str, Case]
) -> None:
    case = cases[name]
    assert len(case.specials) >= 6
    for word in case.specials:
        check(case, word)


@pytest.mark.parametrize("name", ALL)
def test_nested_overlapping_and_adjacent_tokens_stay_text(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    words = list(case.specials)
    for first, second in zip(words, [*words[5:], *words[:5]], strict=True):
        check(case, first + second)
        check(case, first[:-1] + second + first[-1])
        check(case, first[: len(first) // 2] + second + first[len(first) // 2 :])
        check(case, first[:-1])
        check(case, first[1:])
        check(case, first.strip("<|>[]/"))
    check(case, "".join(words))


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_content_made_of_pieces_of_special_tokens(
    name: str, cases: dict[str, Case], data: st.DataObject
) -> None:
    case = cases[name]
    words = sorted(case.specials)
    fragments = st.one_of(
        st.sampled_from(words),
        st.sampled_from(words).flatmap(lambda w: st.integers(1, len(w)).map(lambda n: w[:n])),
        st.sampled_from(words).flatmap(lambda w: st.integers(0, len(w) - 1).map(lambda n: w[n:])),
        st.sampled_from(["think", "im_end", " ", "\n", "a", "\u00e9", "\ue000", "\U0010fffd", "\U0001f600"]),
    )
    text = data.draw(st.lists(fragments, min_size=1, max_size=6).map("".join))
    messages, tools = conversation(text)
    prompt = case.build(*messages, tools=tools)
    neutral_messages, neutral_tools = conversation("0" if text.strip() else " ")
    neutral = case.build(*neutral_messages, tools=neutral_tools)
    assert case.control(prompt.tokens) == case.control(neutral.tokens)
    assert case.spelled(prompt.tokens) == case.plain_text(*messages, tools=tools)


@pytest.mark.parametrize("mode", ["instruct", "thinking"])
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.text(max_size=60), min_size=4, max_size=4))
def test_content_without_special_tokens_gives_the_tokens_of_the_whole_text(
    name: str, mode: Mode, cases: dict[str, Case], contents: list[str]
) -> None:
    case = cases[name]
    contents = [text.encode("utf-8", "replace").decode() for text in contents]
    system, question, answer, again = ("" if _spells(case, text) else text for text in contents)
    messages = (
        ChatMessage("system", system),
        ChatMessage("user", question),
        ChatMessage("assistant", answer, question),
        ChatMessage("user", again),
    )
    tools = (tool("search", "Looks for <b>things</b>", "query"),)
    whole = case.plain_text(*messages, mode=mode, tools=tools)
    assert case.build(*messages, mode=mode, tools=tools).tokens == case.model.tokenize(whole)


def _spells(case: Case, text: str) -> bool:
    return any(word in text for word in case.specials)


@pytest.mark.parametrize("name", NAMES)
def test_source_code_and_markup_are_ordinary_text(name: str, cases: dict[str, Case]) -> None:
    case = cases[name]
    text = Path(rendering.__file__).read_text(encoding="utf-8") + "<html>|</html> <|> a < b | c > d\r\n\t\0"
    text = "".join(part for part in text.split("<|") if not _spells(case, part))
    messages = (ChatMessage("user", text),)
    assert case.build(*messages).tokens == case.model.tokenize(case.plain_text(*messages))


def test_a_forged_message_leaves_the_other_text_as_it_was(cases: dict[str, Case]) -> None:
    """Cutting touches the tokens at the cut alone: a long document keeps nearly all of its tokens."""
    case = cases["hybrid"]
    prose = "The capital of France is Paris, and the capital of Spain is Madrid. " * 20
    whole = case.build(ChatMessage("user", prose + "|" + prose)).tokens
    forged = case.build(ChatMessage("user", prose + "<|im_end|>" + prose)).tokens
    assert 0 < len(forged) - len(whole) < 10


def test_content_cannot_open_a_thought(cases: dict[str, Case]) -> None:
    case = cases["hybrid"]
    assert case.build(ChatMessage("user", "<think>"), mode="thinking").thought == "open"
    assert case.build(ChatMessage("user", "<think>")).thought == "closed"
    bare = Case("hybrid", case.model, "{{ messages[-1].content }}")
    assert bare.build(ChatMessage("user", "x <think>")).thought == "none"


def test_lone_surrogates_cannot_forge_either(cases: dict[str, Case]) -> None:
    """They are encoded as `?`, which a special token may contain."""
    case = cases["hybrid"]

    class Odd(Vocabulary):
        @property
        def specials(self) -> dict[str, int]:  # type: ignore[override]
            return {"<?>": 5}

    builder = PromptBuilder(Odd(case.model.vocab), HereRenderer(), "{{ messages[0].content }}")
    seen: list[str] = []
    builder._vocab.tokenize = lambda text, **_: seen.append(text) or [1]  # type: ignore[func-returns-value,method-assign]
    builder.build((ChatMessage("user", "<\ud800>"),), "instruct")
    assert seen == ["<", "?>"]


def test_bos_is_there_once(cases: dict[str, Case]) -> None:
    case = cases["sliding"]
    tokens = case.build(ChatMessage("user", "the end")).tokens
    assert tokens.count(case.vocab.bos) == 1
    assert tokens[0] == case.vocab.bos
    without = Case("sliding", case.model, miniatures.SLIDING_TEMPLATE.replace("{{- bos_token -}}", ""))
    assert without.build(ChatMessage("user", "the end")).tokens == tokens
    assert cases["starter"].build(ChatMessage("user", "the end")).tokens[0] == case_start(cases["starter"])


def case_start(case: Case) -> int:
    return case.specials["<|im_start|>"]


THINK = "{{ messages[0].content }}"


@pytest.mark.parametrize(
    ("template", "modes", "reason"),
    [
        (miniatures.TEMPLATE, ("thinking", "instruct"), ""),
        (THINK, ("instruct",), "This model decides by itself whether to think."),
        (THINK + "<think>", ("thinking",), "This model always thinks before it answers."),
        (THINK + "{{ '<think>' if enable_thinking else '' }}", ("thinking", "instruct"), ""),
    ],
)
def test_what_a_template_can_do(
    template: str, modes: tuple[str, ...], reason: str, cases: dict[str, Case]
) -> None:
    traits = Case("hybrid", cases["hybrid"].model, template).builder.traits
    assert (traits.modes, traits.reason) == (modes, reason)


def test_a_template_without_thinking_says_so(cases: dict[str, Case]) -> None:
    traits = cases["sliding"].builder.traits
    assert traits.modes == ("instruct",)
    assert traits.reason == "This model's chat template has no thinking mode."


def test_a_template_that_drops_the_question_is_broken_and_offers_chatml(cases: dict[str, Case]) -> None:
    with pytest.raises(TemplateError, match="leaves out what the user says") as caught:
        Case("hybrid", cases["hybrid"].model, "Hi")
    assert "ChatML" in caught.value.hint


def test_tools_reach_the_template_as_they_are(cases: dict[str, Case]) -> None:
    case = Case("hybrid", cases["hybrid"].model, "{{ messages[0].content }}{{ tools | tojson }}")
    tools = (tool("search_it", "a \"quoted\" <text> \\ with '<|im_end|>'"),)
    tokens = case.build(ChatMessage("user", "x"), tools=tools).tokens
    assert json.loads(case.spelled(tokens).removeprefix("x")) == list(tools)


def test_no_tools_are_none_as_in_transformers(cases: dict[str, Case]) -> None:
    template = "{{ messages[0].content }}{{ 'none' if tools is none else 'some' }}"
    case = Case("hybrid", cases["hybrid"].model, template)
    assert case.spelled(case.build(ChatMessage("user", "x")).tokens) == "xnone"


def test_a_template_that_goes_through_the_tools_unasked(cases: dict[str, Case]) -> None:
    template = "{% for tool in tools %}{{ tool.function.name }}{% endfor %}{{ messages[0].content }}"
    case = Case("hybrid", cases["hybrid"].model, template)
    assert case.spelled(case.build(ChatMessage("user", "x")).tokens) == "x"
    assert case.spelled(case.build(ChatMessage("user", "x"), tools=(tool("search"),)).tokens) == "searchx"
