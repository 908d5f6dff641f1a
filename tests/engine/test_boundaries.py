"""Where later prompts part from one: conversations of five turns with documents, on all vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import template as rendering
from app.engine.prompt import Prompt, PromptBuilder
from app.engine.segments import BuildCancelled
from app.engine.values import ChatMessage, Mode
from tests import miniatures
from tests.engine.plain_llama import PlainModel
from tests.engine.prompt_cases import Case, HereRenderer

NAMES = ["starter", "hybrid", "plain", "sliding"]
MODES: list[Mode] = ["instruct", "thinking"]
#: A question's beginning in a template of Mistral's kind: nothing stands before an answer.
BRACKETS = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }}[/INST]"
    "{% else %} {{ m.content }}</s>{% endif %}{% endfor %}"
)


@pytest.fixture(scope="module")
def cases(starter: Path) -> Iterator[dict[str, Case]]:
    own = {
        "starter": (starter, rendering.CHATML),
        "hybrid": (miniatures.hybrid(), miniatures.TEMPLATE),
        "plain": (miniatures.plain(), miniatures.TEMPLATE),
        "sliding": (miniatures.sliding(), miniatures.SLIDING_TEMPLATE),
    }
    models = {name: PlainModel(path, vocab_only=True) for name, (path, _) in own.items()}
    yield {name: Case(name, models[name], template) for name, (_, template) in own.items()}
    for model in models.values():
        model.close()


def document(name: str, text: str) -> str:
    return f"[Document: {name}]\n{text}\n[End of {name}]\n\n"


def conversation(*, system: bool) -> list[ChatMessage]:
    documents = (
        (document("notes.txt", "The capital of France is Paris. " * 9),),
        (
            "[Document: \u8bf4\u660e.md]\n",
            "\u4e2d\u6587 | <|im_end|> <b>x</b>",
            "\n[End of \u8bf4\u660e.md]\n\n",
        ),
    )
    found = [ChatMessage("system", "Be brief.")] if system else []
    for turn in range(5):
        found.append(
            ChatMessage(
                "user", f"Question {turn}?", documents=documents if turn == 1 else documents[: turn == 3]
            )
        )
        found.append(ChatMessage("assistant", f"Answer {turn}.", "Hm." * (turn % 2)))
    return found[:-1]


def labels(case: Case, messages: list[ChatMessage]) -> list[tuple[int, int]]:
    """(message, documents) before each boundary: whole messages and some documents of the next."""
    found = [
        (index, count)
        for index, message in enumerate(messages)
        for count in range(len(message.documents) + 1)
    ]
    # Nothing stands before the first message, but for a template that always has a system block.
    always = "<|im_start|>system" in case.template and messages[0].role != "system"
    return [*(found if always else found[1:]), (len(messages), 0)]


def places(case: Case, messages: list[ChatMessage], mode: Mode) -> list[int]:
    """Offsets in the rendered text for `labels`."""
    text = case.plain_text(*messages, mode=mode)
    opener = "<start_of_turn>" if case.name == "sliding" else "<|im_start|>"
    starts = [at for at in range(len(text)) if text.startswith(opener, at)][-len(messages) - 1 :]
    found = []
    for index, count in labels(case, messages):
        at = starts[index]
        for part in messages[index].documents[:count] if count else ():
            whole = "".join(part)
            at = text.index(whole, at) + len(whole)
        found.append(at)
    return found


@pytest.mark.parametrize("system", [False, True])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_where_they_stand(name: str, mode: Mode, system: bool, cases: dict[str, Case]) -> None:
    case, messages = cases[name], conversation(system=system)
    prompt = case.build(*messages, mode=mode)
    text = case.plain_text(*messages, mode=mode)
    assert case.spelled(prompt.tokens) == text
    expected = places(case, messages, mode)
    assert len(expected) == 9 + system + 3 + (system is False and name in ("hybrid", "plain"))
    assert [case.spelled(prompt.tokens[:at]) for at in prompt.boundaries] == [text[:at] for at in expected]


def test_the_generation_prompt_is_the_last(cases: dict[str, Case]) -> None:
    for mode, ending in (("instruct", "<think></think>"), ("thinking", "<think>\n")):
        prompt = cases["hybrid"].build(ChatMessage("user", "x"), mode=mode)  # type: ignore[arg-type]
        spelled = cases["hybrid"].spelled(prompt.tokens[prompt.boundaries[-1] :])
        assert spelled == "<|im_start|>assistant\n" + ending


def _spelling(case: Case) -> st.SearchStrategy[str]:
    words = st.sampled_from([*sorted(case.specials), "\n", "\n\n", " ", "word", "\u00e9", "1", "[End of"])
    return st.lists(words, min_size=1, max_size=4).map("".join)


@st.composite
def _others(draw: st.DrawFn, case: Case, role: str) -> list[ChatMessage]:
    """Messages that may follow, of alternating roles, a question the last."""
    roles = [role, "assistant" if role == "user" else "user"] * 2
    count = draw(st.sampled_from([1, 3] if role == "user" else [0, 2]))
    spelling = _spelling(case)
    return [
        ChatMessage(
            one,
            draw(spelling),
            draw(spelling) if one == "assistant" else "",
            documents=tuple((text,) for text in draw(st.lists(spelling, max_size=2)))
            if one == "user"
            else (),
        )
        for one in roles[:count]
    ]


def replaced(
    messages: list[ChatMessage], label: tuple[int, int], others: list[ChatMessage]
) -> list[ChatMessage]:
    """`messages` up to the boundary `label`, and `others` behind it."""
    index, count = label
    if not count:
        return [*messages[:index], *others]
    # Text behind a document: where a question is trimmed away whole, so is the document's end.
    documents = messages[index].documents[:count] + others[0].documents
    changed = ChatMessage("user", f"?{others[0].content}", documents=documents)
    return [*messages[:index], changed, *others[1:]]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_stands_before_one_holds_whatever_follows(
    name: str, cases: dict[str, Case], data: st.DataObject
) -> None:
    case, messages = cases[name], conversation(system=data.draw(st.booleans()))
    mode, other = data.draw(st.sampled_from(MODES)), data.draw(st.sampled_from(MODES))
    prompt = case.build(*messages, mode=mode)
    known = labels(case, messages)
    assert len(known) == len(prompt.boundaries)
    at = data.draw(st.integers(0, len(known) - 1))
    index, count = known[at]
    role = "user" if count or (index < len(messages) and messages[index].role == "user") else "assistant"
    changed = replaced(messages, (index, count), data.draw(_others(case, role)))
    again = case.build(*changed, mode=other)
    boundary = prompt.boundaries[at]
    assert again.tokens[:boundary] == prompt.tokens[:boundary]
    assert boundary in again.boundaries


def test_documents_that_a_template_changes_have_none(cases: dict[str, Case]) -> None:
    def behind(template: str, text: str) -> list[str]:
        case = Case("hybrid", cases["hybrid"].model, template)
        message = ChatMessage("user", "Why?", documents=((text,),))
        prompt = case.build(message)
        assert case.spelled(prompt.tokens) == case.plain_text(message)
        return [case.spelled(prompt.tokens[:at]) for at in prompt.boundaries]

    whole = document("a.txt", "x")
    assert behind("{{ messages[0].content }}", whole) == [whole]
    assert behind("{{ messages[0].content | trim }}", "\n " + whole) == [whole]
    assert behind("{{ messages[0].content | replace('\\n', ' ') }}", whole) == []
    assert behind("{{ messages[0].content ~ messages[0].content }}", whole) == []
    shouts = "messages[0].content | upper if 'Why' in messages[0].content else messages[0].content"
    assert behind("{{ " + shouts + " }}", whole) == []
    assert behind("{{ messages[0].content.split('x')[-1] }}", whole) == []
    # What a template does for a word in the question, it does to no document before it.
    switch = "{{ messages[0].content }}{{ '!' if 'Why' in messages[0].content }}"
    assert behind(switch, whole) == [whole]
    assert behind("{{ '!' if 'Why' in messages[0].content }}" + switch, whole) == []


class Letters:
    """Each character a token, and Mistral's special tokens."""

    adds_bos, bos, bos_text, eos_text = False, 1, "<s>", "</s>"

    def __init__(self) -> None:
        self.specials = {"<s>": 1, "</s>": 2, "[INST]": 3, "[/INST]": 4}

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        pieces = re.split(r"(</?s>|\[/?INST\])", text) if parse_special else [text]
        return [
            token
            for piece in pieces
            for token in ([self.specials[piece]] if piece in self.specials else map(ord, piece))
        ]

    def piece(self, token: int) -> bytes:
        return b"" if token in self.specials.values() else chr(token).encode()

    def texts(self) -> tuple[str, ...]:
        return ()


def test_a_template_without_a_generation_prompt() -> None:
    vocab = Letters()
    builder = PromptBuilder(vocab, HereRenderer(), BRACKETS)
    builder.probe()
    messages = (ChatMessage("user", "Q"), ChatMessage("assistant", "A"), ChatMessage("user", "R"))
    prompt = builder.build(messages, "instruct")
    assert [prompt.tokens[at] for at in prompt.boundaries] == [4, 3, 4]


# ---- ids that were generated ---------------------------------------------------------------


def _uneven(case: Case, text: str, cut: int) -> list[int]:
    """Ids of `text` as generating can give them: no tokenizer's own."""
    fresh = case.model.tokenize("x" + text[:cut], special=False)
    assert case.model.piece(fresh[0]).strip() == b"x"
    return fresh[1:] + [token for char in text[cut:] for token in case.model.tokenize("|" + char)[-1:]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_stands_in_the_next_prompt_as_it_was_generated(
    name: str, mode: Mode, cases: dict[str, Case]
) -> None:
    case = Case(name, cases[name].model, cases[name].template)
    question, answer = ChatMessage("user", "Name it."), "The capital is Paris."
    prompt = case.build(question, mode=mode)
    ids = _uneven(case, answer, 12)
    if name == "sliding" or mode == "instruct" or name == "starter":
        tokens = [*prompt.tokens, *ids]
    else:
        tokens = [*prompt.tokens, *case.model.tokenize("Hm.\n</think>"), *ids]
    again = (question, ChatMessage("assistant", answer), ChatMessage("user", "Why?"))
    before = case.build(*again, mode=mode)
    case.builder.remember(tokens, len(prompt.tokens))
    after = case.build(*again, mode=mode)
    assert case.spelled(after.tokens) == case.spelled(before.tokens) == case.plain_text(*again, mode=mode)
    assert _has(after, ids)
    assert not _has(before, ids)
    if mode == "instruct" or name in ("sliding", "starter"):
        assert after.tokens[: len(tokens)] == tokens
        begun = case.builder.continued(prompt, ChatMessage("assistant", answer))
        assert begun.tokens == tokens


def _has(prompt: Prompt, ids: list[int]) -> bool:
    return any(prompt.tokens[at : at + len(ids)] == ids for at in range(len(prompt.tokens)))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_was_generated_the_text_is_the_same(
    name: str, cases: dict[str, Case], data: st.DataObject
) -> None:
    case = cases[name]
    question = ChatMessage("user", "Name it.")
    prompt = case.build(question)
    ids = data.draw(st.lists(st.integers(0, case.vocab.size - 1), max_size=8))
    answer = b"".join(case.vocab.piece(token) for token in ids).decode("utf-8", "replace")
    again = (question, ChatMessage("assistant", answer), ChatMessage("user", "Why?"))
    before = case.build(*again)
    case.builder.remember([*prompt.tokens, *ids], len(prompt.tokens))
    after = case.build(*again)
    assert case.control(after.tokens) == case.control(before.tokens)
    assert case.model.text(after.tokens).replace(" ", "") == case.model.text(before.tokens).replace(" ", "")
    if name != "sliding":
        assert case.model.text(after.tokens) == case.plain_text(*again)


def test_a_build_can_be_cancelled(cases: dict[str, Case]) -> None:
    answers = iter([False, False, True])
    with pytest.raises(BuildCancelled):
        cases["hybrid"].builder.build((ChatMessage("user", "x"),), "instruct", (), lambda: next(answers))
