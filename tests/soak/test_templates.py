"""Every chat template that the sources of llama-cpp-python carry: our prompt is plain Jinja's."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from app.engine import template as rendering
from app.engine.prompt import PromptBuilder
from app.engine.values import ChatMessage, Mode
from app.engine.vocab import Vocabulary
from app.errors import TemplateError
from tests.engine.plain_llama import PlainModel, render
from tests.miniatures import ROOT

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

#: What the families' special tokens look like.
_SPECIAL = re.compile(
    r"<\|[^<>|\s'\"]{1,40}\|>|<\uff5c[^<>'\"\n]{1,60}\uff5c>|\[/?[A-Z][A-Z_]{2,30}\]|</?[a-z][\w:]{0,30}>"
    r"|<\|[a-z_]{1,30}>|<[a-z_]{1,30}\|>|\u25c1/?think\u25b7|<\|[a-z_]+\b(?=\|)|\]<\][^'\"\s]{1,20}\[>\["
)
_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Looks for things & more",
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for"},
                "limit": {"type": "integer", "enum": [1, 2]},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["query"],
        },
    },
}


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """The templates of the pinned version, from its sdist; by name."""
    pinned = version("llama-cpp-python")
    folder = ROOT / "build" / "sdist" / pinned
    if not list(folder.glob("*.tar.gz")):
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-python"]
        environment = dict(os.environ, CMAKE_ARGS="-DLLAVA_BUILD=OFF")
        subprocess.run([*pip, f"llama-cpp-python=={pinned}", "-d", str(folder)], check=True, env=environment)
    found: dict[str, str] = {}
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        for member in archive:
            path = Path(member.name)
            if path.suffix == ".jinja" and path.parent.name == "templates":
                file = archive.extractfile(member)
                assert file is not None
                found[path.stem] = file.read().decode()
    return found


@pytest.fixture(scope="session")
def model(starter: Path) -> Iterator[PlainModel]:
    made = PlainModel(starter, vocab_only=True)
    yield made
    made.close()


class FamilyVocabulary:
    """The starter's vocabulary with the special tokens of a family, matched as llama.cpp does it."""

    adds_bos = False
    bos = -1

    def __init__(self, model: PlainModel, template: str) -> None:
        self._real, self._model = Vocabulary(model.vocab), model
        words = sorted(set(_SPECIAL.findall(template)) | {"<|im_end|>", "<s>", "<think>", "</think>"})
        self.specials = {word: self._real.size + index for index, word in enumerate(words)}
        self._texts = {token: word for word, token in self.specials.items()}
        self.bos_text = next((w for w in words if "begin" in w or "startoftext" in w or w == "<s>"), "")
        self.eos_text = next((w for w in words if "end" in w), "")

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        """Longest special token first, each over the whole text: llama.cpp's tokenizer_st_partition."""
        parts: list[str | int] = [text]
        for word in sorted(self.specials, key=len, reverse=True) if parse_special else ():
            parts = [piece for part in parts for piece in self._partition(part, word)]
        tokens: list[int] = []
        for part in parts:
            tokens += [part] if isinstance(part, int) else self._model.tokenize(part, special=False)
        return tokens

    def _partition(self, part: str | int, word: str) -> list[str | int]:
        if isinstance(part, int):
            return [part]
        pieces: list[str | int] = []
        for text in part.split(word):
            pieces += [self.specials[word], text] if pieces else [text]
        return [piece for piece in pieces if piece != ""]

    def piece(self, token: int) -> bytes:
        return self._texts[token].encode() if token in self._texts else self._model.piece(token)

    def texts(self) -> tuple[str, ...]:
        return ()

    def control(self, tokens: list[int]) -> Counter[str]:
        return Counter(self._texts[token] for token in tokens if token in self._texts)

    def spelled(self, tokens: list[int]) -> str:
        return b"".join(self.piece(token) for token in tokens).decode("utf-8", "replace")


class HereRenderer:
    def render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]:
        try:
            return tuple(rendering.render(template, item) for item in variables)
        except rendering.TemplateRenderError as error:
            raise TemplateError(str(error)) from error


def conversations(text: str) -> dict[str, tuple[tuple[ChatMessage, ...], tuple[dict[str, Any], ...]]]:
    """Conversations with `text` in all their contents."""
    user = ChatMessage("user", f"Q {text} q")
    answer = ChatMessage("assistant", f"A {text} a")
    thought = ChatMessage("assistant", f"A {text} a", f"T {text} t")
    system = ChatMessage("system", f"S {text} s")
    call: dict[str, Any] = {
        "id": "call00001",
        "type": "function",
        "function": {"name": "search", "arguments": {"query": f"C {text} c", "limit": 2}},
    }
    calls = ChatMessage("assistant", f"A {text} a", f"T {text} t", (call,))
    result = ChatMessage("tool", f"R {text} r")
    described = {**_TOOL, "function": {**_TOOL["function"], "description": f"D {text} d"}}
    return {
        "one question": ((user,), ()),
        "a system prompt": ((system, user), ()),
        "two turns": ((user, answer, user), ()),
        "all of it": ((system, user, thought, user), ()),
        "tools": ((system, user), (described,)),
        "a tool call": ((user, calls, result), (described,)),
        "a whole tool turn": ((system, user, calls, result, answer, user), (described, described)),
    }


def reference(
    template: str, vocab: FamilyVocabulary, messages: tuple[ChatMessage, ...], tools: Any, mode: Mode
) -> str:
    """Plain Jinja's text, with what transformers passes."""
    plain: list[dict[str, Any]] = []
    for message in messages:
        plain.append({"role": message.role, "content": message.content})
        if message.reasoning:
            plain[-1]["reasoning_content"] = message.reasoning
        if message.tool_calls:
            plain[-1]["tool_calls"] = list(message.tool_calls)
    source = re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", template)
    variables = {
        "messages": plain,
        "add_generation_prompt": True,
        "enable_thinking": mode == "thinking",
        "bos_token": vocab.bos_text,
        "eos_token": vocab.eos_text,
    }
    try:
        return render(source, tools=list(tools) or None, documents=None, **variables)
    except TypeError:
        # Templates for tools alone go through them unasked.
        return render(source, **variables, **({"tools": list(tools)} if tools else {}))


def builder_for(vocab: FamilyVocabulary, template: str) -> PromptBuilder:
    builder = PromptBuilder(vocab, HereRenderer(), template)
    # A template may refuse so short a conversation: its prompts can be compared all the same.
    with contextlib.suppress(TemplateError):
        builder.probe()
    return builder


def test_there_are_templates(templates: dict[str, str]) -> None:
    assert len(templates) > 40


def test_our_prompt_is_plain_jinjas(templates: dict[str, str], model: PlainModel) -> None:
    compared, refused, wrong = 0, [], []
    for name, template in templates.items():
        vocab = FamilyVocabulary(model, template)
        builder = builder_for(vocab, template)
        for kind, (messages, tools) in conversations("plain & <b>simple</b> \u00e9\u4e2d\n").items():
            if any(word in message.content for word in vocab.specials for message in messages):
                continue
            for mode in ("instruct", "thinking"):
                try:
                    whole = reference(template, vocab, messages, tools, mode)  # type: ignore[arg-type]
                except Exception as error:
                    # What Jinja refuses we refuse, in words.
                    with pytest.raises(TemplateError):
                        builder.build(messages, mode, tools)  # type: ignore[arg-type]
                    refused.append(f"{name}, {kind}: {error}")
                    continue
                compared += 1
                try:
                    tokens = builder.build(messages, mode, tools).tokens  # type: ignore[arg-type]
                except TemplateError as error:
                    wrong.append((name, kind, mode, error.message))
                    continue
                if tokens != vocab.tokenize(whole, parse_special=True):
                    wrong.append((name, kind, mode, "differs"))
    print(f"{compared} prompts compared; refused by the templates:\n" + "\n".join(refused))
    for item in wrong[:40]:
        print(item)
    assert not wrong
    assert compared > 10 * len(templates)


def test_no_content_yields_a_control_token(templates: dict[str, str], model: PlainModel) -> None:
    checked, wrong = 0, []
    for name, template in templates.items():
        vocab = FamilyVocabulary(model, template)
        builder = builder_for(vocab, template)
        words = list(vocab.specials)
        # "/think" in a text is a switch that some templates offer to the person.
        halves = [word[:-1] for word in words if "/think" not in word][:5]
        texts = [*words, "".join(words), *halves]
        for kind, (messages, tools) in conversations("zzz").items():
            try:
                neutral = builder.build(messages, "instruct", tools).tokens
            except TemplateError:
                continue  # it refuses this conversation, whatever it says
            for text in texts:
                forged, forged_tools = conversations(text)[kind]
                prompt = builder.build(forged, "instruct", forged_tools).tokens
                checked += 1
                if vocab.control(prompt) != vocab.control(neutral):
                    extra = vocab.control(prompt) - vocab.control(neutral)
                    wrong.append(
                        (name, kind, text[:60], extra, vocab.control(neutral) - vocab.control(prompt))
                    )
                elif f"Q {text} q" not in vocab.spelled(prompt):
                    wrong.append((name, kind, text[:60], "the question is not in the prompt"))
    print(f"{checked} prompts checked")
    for item in wrong[:40]:
        print(item)
    assert not wrong
    assert checked > 1000
