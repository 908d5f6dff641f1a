"""ChatGPT's export: its tree as ours, every kind of content, and what a stranger may put there."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import ReasoningPart, TextPart
from app.export.chatgpt import is_chatgpt, read_chatgpt
from app.export.checking import UnreadableError


def node(key: str, parent: str | None, children: list[str], message: Any = None) -> dict[str, Any]:
    return {"id": key, "parent": parent, "children": children, "message": message}


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    return {
        "author": {"role": role, "metadata": {}},
        "content": content,
        "weight": 1.0,
        "metadata": {},
        **more,
    }


def conversation(mapping: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": "A title", "create_time": 10.5, "update_time": 20.5, "mapping": mapping, **more}


def chain(*messages: Any) -> dict[str, Any]:
    """Nodes one behind the other, below a root without a message."""
    keys = ["root", *(f"n{number}" for number in range(len(messages)))]
    made = {}
    for at, key in enumerate(keys):
        above, below = keys[at - 1] if at else None, keys[at + 1 : at + 2]
        made[key] = node(key, above, below, messages[at - 1] if at else None)
    return made


def branch(taken: Conversation) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in taken.branch()]


def test_a_plain_conversation() -> None:
    answer = said("assistant", "Hi", create_time=12.0, metadata={"model_slug": "gpt-4o"})
    value = conversation(
        chain(said("system", ""), said("user", "Hello", create_time=11.0), answer), conversation_id="abc"
    )
    assert is_chatgpt(value)
    taken = read_chatgpt(value)
    made = taken.conversation
    assert branch(made) == [("user", "Hello"), ("assistant", "Hi")]
    assert (taken.created, taken.updated, taken.archived) == (10.5, 20.5, False)
    assert (made.title, made.titled) == ("A title", True)
    first, last = made.branch()
    assert (first.created, last.created) == (11.0, 12.0)
    assert last.info is not None
    assert last.info.model == "gpt-4o"
    again = read_chatgpt(value).conversation
    assert again.messages == made.messages
    assert again.id == made.id
    assert len(made.id) == 32


def test_branches_stay_and_the_one_that_was_shown_is_shown() -> None:
    mapping = {
        "r": node("r", None, ["q1", "q2"]),
        "q1": node("q1", "r", ["a1", "a2"], said("user", "first")),
        "a1": node("a1", "q1", [], said("assistant", "one")),
        "a2": node("a2", "q1", [], said("assistant", "two")),
        "q2": node("q2", "r", [], said("user", "edited")),
    }
    made = read_chatgpt(conversation(mapping, current_node="a1")).conversation
    assert branch(made) == [("user", "first"), ("assistant", "one")]
    versions = [made.messages[key].text for key in made.versions(made.branch()[1].id)]
    assert versions == ["one", "two"]
    assert [made.messages[key].text for key in made.versions(made.branch()[0].id)] == ["first", "edited"]


def test_what_the_model_and_its_tools_said_is_one_answer() -> None:
    thoughts = {
        "content_type": "thoughts",
        "thoughts": [{"summary": "Plan", "content": "Count."}, {"content": "Again"}],
    }
    messages = (
        said("user", "How many?"),
        said("assistant", thoughts, metadata={"finished_duration_sec": 7}),
        said("assistant", {"content_type": "reasoning_recap", "content": "Thought for 7s"}),
        said(
            "assistant",
            {"content_type": "code", "language": "python", "text": "print(3)"},
            recipient="python",
        ),
        said("tool", {"content_type": "execution_output", "text": "3"}),
        said("assistant", "Three.", metadata={"finish_details": {"type": "max_tokens"}}),
    )
    made = read_chatgpt(conversation(chain(*messages))).conversation
    assert len(made.messages) == 2
    answer = made.branch()[1]
    assert answer.parts == (
        ReasoningPart("**Plan**\n\nCount.\n\nAgain", 7.0),
        TextPart("```python\nprint(3)\n```\n\nOutput:\n\n```text\n3\n```\n\nThree."),
    )
    assert answer.mark == "length"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"content_type": "text", "parts": ["a", "", "b"]}, "a\n\nb"),
        (
            {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "see"]},
            "[image]\n\nsee",
        ),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "audio_transcription", "text": "spoken"},
                    {"content_type": "audio_asset_pointer"},
                ],
            },
            "spoken",
        ),
        (
            {"content_type": "multimodal_text", "parts": [{"content_type": "new"}, {}]},
            "[attachment]\n\n[attachment]",
        ),
        ({"content_type": "code", "language": "unknown", "text": "a ``` b"}, "````\na ``` b\n````"),
        (
            {"content_type": "tether_quote", "title": "T", "url": "http://e.org", "text": "x\ny"},
            "> T:\n>\n> x\n> y",
        ),
        ({"content_type": "tether_browsing_display", "result": "r"}, "Found on the web:\n\n```text\nr\n```"),
        ({"content_type": "system_error", "name": "E", "text": "broke"}, "[Error: E broke]"),
        ({"content_type": "hologram", "text": "t"}, "[Content of the kind “hologram”]\n\nt"),
        ({"content_type": 5}, "[Content of the kind “unknown”]"),
        ({"content_type": "text", "parts": ["a \ue200cite\ue202turn0search1\ue201b"]}, "a b"),
    ],
)
def test_every_kind_of_content(content: dict[str, Any], expected: str) -> None:
    made = read_chatgpt(conversation(chain(said("user", "q"), said("assistant", content)))).conversation
    assert branch(made)[1] == ("assistant", expected)


@pytest.mark.parametrize(
    "message",
    [
        None,
        5,
        said("user", ""),
        said("user", "  "),
        said("assistant", "x", weight=0),
        said("system", "x"),
        said("assistant", "x", metadata={"is_visually_hidden_from_conversation": True}),
        said("user", {"content_type": "user_editable_context", "user_profile": "x"}),
        said("robot", "x"),
        said("assistant", {"content_type": "model_editable_context"}),
        {"author": None, "content": []},
    ],
)
def test_what_is_hidden_or_empty_is_passed_over(message: Any) -> None:
    made = read_chatgpt(conversation(chain(said("user", "q"), message, said("assistant", "a")))).conversation
    assert branch(made) == [("user", "q"), ("assistant", "a")]


def test_files_are_named() -> None:
    message = said(
        "user", "See", metadata={"attachments": [{"name": "a.pdf"}, {"name": 5}, "x", {"name": "b\nc"}]}
    )
    made = read_chatgpt(conversation(chain(message))).conversation
    assert branch(made) == [("user", "[Attached: a.pdf]\n[Attached: b c]\n\nSee")]


def test_a_title_that_is_missing_is_the_first_words() -> None:
    made = read_chatgpt(conversation(chain(said("user", "Why is\nthe sky blue?")), title=None)).conversation
    assert (made.title, made.titled) == ("Why is the sky blue?", False)


def test_rings_and_missing_parents_end() -> None:
    mapping = {
        "a": node("a", "c", ["b"], said("user", "a")),
        "b": node("b", "a", ["c"], said("assistant", "b")),
        "c": node("c", "b", ["a"], said("user", "c")),
        "d": node("d", "gone", ["d", "e"], said("user", "d")),
        "e": node("e", None, [], said("assistant", "e")),
        "f": node("f", "f", ["a"], said("user", "f")),
    }
    made = read_chatgpt(conversation(mapping, current_node="e")).conversation
    assert sorted(one.text for one in made.messages.values()) == ["a", "b", "c", "d", "e", "f"]
    assert branch(made) == [("user", "d"), ("assistant", "e")]


def test_a_chain_of_any_depth() -> None:
    messages = [said("user" if number % 2 == 0 else "assistant", str(number)) for number in range(20_000)]
    made = read_chatgpt(conversation(chain(*messages))).conversation
    assert len(made.branch()) == 20_000


@pytest.mark.parametrize("mapping", [{}, {"a": None}, {"a": node("a", None, [])}, {"a": 5, "b": []}])
def test_nothing_to_show_is_said(mapping: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="nothing in it"):
        read_chatgpt(conversation(mapping))


def test_any_value_anywhere_does_no_harm() -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    values: list[Any] = [None, 0, -1, 1e308, float("nan"), True, "", "x", [], {}, [None], {"parts": 5}, [[]]]

    def spoil(value: Any) -> Any:
        if dice.random() < 0.08:
            return dice.choice(values)
        if isinstance(value, dict):
            return {key: spoil(one) for key, one in value.items()}
        return [spoil(one) for one in value] if isinstance(value, list) else value

    whole = conversation(
        chain(
            said("user", "q"),
            said("assistant", {"content_type": "thoughts", "thoughts": [{"content": "t"}]}),
            said("assistant", "a", create_time=1.0),
            said("user", "r", metadata={"attachments": [{"name": "n"}]}),
        ),
        current_node="n2",
        conversation_id="k",
    )
    for _ in range(500):
        value = spoil(whole)
        if not is_chatgpt(value):
            continue
        try:
            made = read_chatgpt(value).conversation
        except UnreadableError:
            continue
        assert all(isinstance(part.text, str) for one in made.messages.values() for part in one.parts)
        assert made.leaf in made.messages
        assert made.branch()
