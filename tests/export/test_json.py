"""A conversation as JSON and back: nothing is lost, and nothing of a stranger's file is trusted."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart, TextPart
from app.export.checking import UnreadableError
from app.export.json_in import read_own
from app.export.json_out import write_json
from app.export.values import Options, head_of, living, nodes_of
from tests.export.samples import told

ALL = Options("json", whole=True, thoughts=True, documents=True)


def written(conversation: Conversation, options: Options = ALL) -> str:
    file = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", newline="\n")
    nodes = nodes_of(conversation, whole=options.whole)
    write_json(file, head_of(conversation, 5.0, 6.5), nodes, options, lambda _: None)
    file.flush()
    return file.buffer.getvalue().decode()  # type: ignore[attr-defined]


def same(one: Conversation, other: Conversation) -> None:
    assert one.messages == other.messages
    assert one.parents == other.parents
    assert one.children == other.children
    for name in ("leaf", "id", "title", "titled", "settings", "persona"):
        assert getattr(one, name) == getattr(other, name), name


texts = st.text(st.characters(codec=None), max_size=40)
names = st.text("abc-ü.漢1", max_size=20)
times = st.floats(0, 4e9)
parts = st.one_of(
    st.builds(TextPart, texts),
    st.builds(ReasoningPart, texts, times, st.integers(0, 10**6)),
    st.builds(
        AttachmentPart,
        texts,
        texts,
        texts,
        st.integers(0, 9999),
        texts,
        st.lists(texts, max_size=2).map(tuple),
    ),
)
infos = st.one_of(
    st.none(),
    st.builds(AnswerInfo, names, names, names, st.integers(0, 10**6), times, times, st.integers(0, 10**6)),
)
chosen = st.builds(
    ChatSettings,
    st.none() | texts,
    st.sampled_from([None, "thinking", "instruct"]),
    st.none() | st.integers(0, 10**6),
    st.none() | st.floats(0, 5),
    st.none() | st.integers(0, 1000),
)


@st.composite
def trees(draw: st.DrawFn) -> Conversation:
    made = Conversation(
        id=draw(st.uuids()).hex,
        title=draw(st.text("abc äé漢", max_size=30)).strip(),
        titled=draw(st.booleans()),
        settings=draw(chosen),
        persona=draw(st.text("abc", max_size=5)),
    )
    made.title = " ".join(made.title.split())
    keys: list[str | None] = [None]
    for _ in range(draw(st.integers(0, 8))):
        message = Message(
            draw(st.uuids()).hex,
            draw(st.sampled_from(["user", "assistant", "system", "tool"])),
            tuple(draw(st.lists(parts, max_size=3))),
            draw(st.sampled_from(["", "cancelled", "length", "interrupted"])),
            draw(times),
            draw(infos),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        made.add(message, draw(st.sampled_from(keys)))
        keys.append(message.id)
    made.leaf = draw(st.sampled_from(keys))
    return made


@settings(max_examples=40, deadline=None)
@given(trees())
def test_what_is_exported_comes_back_as_it_was(tree: Conversation) -> None:
    taken = read_own(json.loads(written(tree)))
    expected = living(tree)
    if expected.leaf is None and expected.messages:
        expected.leaf = taken.conversation.leaf  # a conversation that shows nothing shows its last branch
    same(taken.conversation, expected)
    assert (taken.created, taken.updated) == (5.0, 6.5)


def test_what_a_person_deleted_is_not_in_the_file() -> None:
    said = written(told())
    assert "Secret" not in said
    tree = read_own(json.loads(said)).conversation
    assert tree.parents["4" * 32] == "2" * 32


def test_the_branch_alone_without_thoughts_and_documents() -> None:
    conversation = told()
    conversation.add(Message("7" * 32, "assistant", (TextPart("Other branch"),)), "1" * 32)
    conversation.leaf = "6" * 32
    said = written(conversation, Options("json"))
    assert "Other branch" not in said
    assert "Let me" not in said
    assert "the document" not in said
    document = read_own(json.loads(said)).conversation.messages["1" * 32].parts[0]
    assert document == AttachmentPart("notes & more.pdf", "", "pdf", 3)


def tampered(**changes: Any) -> dict[str, Any]:
    return {**json.loads(written(told())), **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "newer version"),
        ({"version": "1"}, "which version"),
        ({"version": None}, "which version"),
        ({"messages": None}, "messages are missing"),
        ({"messages": [1]}, "damaged"),
        ({"messages": [{"id": "", "role": "user"}]}, "damaged"),
        ({"messages": [{"id": "a", "role": "root"}]}, "damaged"),
        ({"messages": [{"id": "a", "role": "user"}, {"id": "a", "role": "user"}]}, "the same"),
    ],
)
def test_what_is_no_conversation_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read_own(tampered(**changes))


def test_a_parent_that_is_missing_or_comes_later_makes_no_ring() -> None:
    found = [
        {"id": "a", "role": "user", "parent": "b"},
        {"id": "b", "role": "assistant", "parent": "a"},
        {"id": "c", "role": "user", "parent": "nowhere"},
    ]
    tree = read_own(tampered(messages=found, leaf="zzz")).conversation
    assert len(tree.branch()) == 3
    assert tree.parents[next(iter(tree.parents))] is None


@pytest.mark.parametrize("value", [None, 5, True, [], {}, "x", 1e400, -1, [[]], {"text": {}}])
def test_any_value_anywhere_is_left_out_or_refused(value: Any) -> None:
    whole = json.loads(written(told()))
    for name in whole:
        if name not in ("format", "version", "messages"):
            assert read_own({**whole, name: value}).conversation.messages
    for name in whole["messages"][0]:
        message = {**whole["messages"][0], name: value}
        try:
            tree = read_own({**whole, "messages": [message]}).conversation
        except UnreadableError:
            assert name in ("id", "role")
        else:
            (one,) = tree.messages.values()
            assert isinstance(one.mark, str)
            assert isinstance(one.created, float)
    for name in whole["messages"][0]["parts"][0]:
        part = {**whole["messages"][0]["parts"][0], name: value}
        one = {**whole["messages"][0], "parts": [part, value]}
        made: tuple[Part, ...] = read_own({**whole, "messages": [one]}).conversation.messages["1" * 32].parts
        assert all(isinstance(each.text, str) for each in made)


def test_a_title_is_one_line_and_a_foreign_id_is_made_ours() -> None:
    taken = read_own(tampered(title="a\nb\u202e" + "c" * 500, id="../../etc"))
    assert taken.conversation.title.startswith("a b ccc")
    assert len(taken.conversation.title) <= 200
    assert len(taken.conversation.id) == 32
    assert taken.conversation.id == read_own(tampered(id="../../etc")).conversation.id


def test_settings_and_numbers_stay_within_what_the_app_takes() -> None:
    wild: dict[str, Any] = {"temperature": -1, "top_k": 2**40, "seed": 1.5, "mode": "root", "system": 5}
    wild |= {"top_p": float("inf"), "min_p": "x", "thinking_budget": True, "repeat_penalty": 1.1, "new": 1}
    assert read_own(tampered(settings=wild)).conversation.settings == ChatSettings(repeat_penalty=1.1)
    info = {
        "model": "a\nb" * 500,
        "tokens": -5,
        "tokens_per_second": 10**400,
        "context_tokens": 7,
        "mode": {},
    }
    message = {"id": "a", "role": "assistant", "info": info}
    (made,) = read_own(tampered(messages=[message])).conversation.messages.values()
    assert made.info is not None
    assert (made.info.tokens, made.info.tokens_per_second, made.info.context_tokens) == (0, 0.0, 7)
    assert made.info.model.startswith("a ba")
    assert len(made.info.model) <= 200
