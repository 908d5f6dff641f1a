"""Rows that say what they may not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.conversation import ChatSettings
from app.chat.parts import AnswerInfo, AttachmentPart, ReasoningPart, TextPart
from app.store import Store
from app.store.rows import dump, dump_value, mend_parents, parse_value, part_of, part_row
from tests.store.support import branched, raw


@given(st.builds(AnswerInfo, tokens=st.integers(0, 2**40), tokens_per_second=st.floats(0, 1e9)))
def test_values_come_back(info: AnswerInfo) -> None:
    assert parse_value(AnswerInfo, dump_value(info)) == info


@given(
    st.recursive(st.text() | st.none() | st.binary() | st.integers(), lambda one: st.lists(one, max_size=3))
)
def test_any_value_is_a_value(found: object) -> None:
    assert isinstance(parse_value(ChatSettings, found), ChatSettings)


def test_documents_come_back() -> None:
    part = AttachmentPart("a.pdf", "[Page 2]\n\nText", "pdf", 9, "2", ("Page 3 has no text.",))
    assert part_of(*part_row(part)) == part


@given(st.recursive(st.text() | st.none() | st.integers(), lambda one: st.lists(one, max_size=7)))
def test_any_extra_of_a_document_is_taken(extra: object) -> None:
    found = part_of("attachment", dump(extra), "text")
    assert isinstance(found, AttachmentPart)
    assert found.text == "text"
    assert part_of(*part_row(found)) == found


def test_an_older_row_has_the_name_of_the_document() -> None:
    assert part_of("attachment", '"a.txt"', "text") == AttachmentPart("a.txt", "text")


@given(st.lists(st.none() | st.integers(0, 20), max_size=20))
def test_parents_always_come_before(parents: list[int | None]) -> None:
    mended = mend_parents(list(enumerate(parents)))
    assert list(mended) == list(range(len(parents)))
    for number, parent in mended.items():
        assert parent is None or parent < number
        wanted = parents[number]
        if wanted is None or wanted < number:
            assert parent == wanted


@pytest.mark.parametrize(
    ("damage", "parents", "leaf"),
    [
        ("UPDATE message SET parent = 99 WHERE id = 'a1'", {"a1": "q1"}, "q2"),
        ("UPDATE message SET parent = 99 WHERE id = 'q1'", {"q1": None}, "q2"),
        ("UPDATE message SET parent = 99 WHERE id = 'q2'", {"q2": "a2"}, "q2"),
        ("UPDATE message SET parent = 4 WHERE id = 'q1'", {"q1": None}, "q2"),
        ("UPDATE message SET parent = number", {"q1": None, "a1": "q1", "a2": "a1", "q2": "a2"}, "q2"),
        ("DELETE FROM message WHERE id = 'a1'", {"q2": "a2"}, "q2"),
        ("UPDATE conversation SET leaf = 99", {}, "q2"),
        ("UPDATE conversation SET leaf = 'x', place = 'y'", {}, "q2"),
        ("DELETE FROM message", {}, None),
    ],
)
def test_a_hostile_tree_is_mended(
    store: Store, folder: Path, damage: str, parents: dict[str, str | None], leaf: str | None
) -> None:
    store.create(branched())
    con = raw(folder)
    con.execute(damage)
    con.close()
    found = store.load("conversation").conversation
    assert found.leaf == leaf
    expected = {one: up for one, up in branched().parents.items() if one in found.messages} | parents
    assert found.parents == expected
    assert found.path() == [] if leaf is None else found.path()[-1].id == leaf
    for message in found.messages:
        assert found.path(message)[0].id == next(iter(found.messages))


def test_values_of_the_wrong_kind_are_put_right(store: Store, folder: Path) -> None:
    store.create(branched())
    con = raw(folder)
    con.execute("""UPDATE conversation SET created = 'x', settings = '{"top_k": "3", "seed": 4, "no": 1}'""")
    con.execute("UPDATE message SET role = 'emperor', created = 'soon', info = '[]' WHERE id = 'a1'")
    con.execute("UPDATE part SET kind = 'video' WHERE text = 'A **plant**.'")
    con.execute("UPDATE part SET extra = '[1, \"x\"]' WHERE kind = 'reasoning'")
    con.close()
    found = store.load("conversation").conversation
    assert found.settings == ChatSettings(seed=4)
    message = found.messages["a1"]
    assert (message.role, message.created) == ("assistant", 0.0)
    assert message.parts == (ReasoningPart("A plant, I think."), TextPart("A **plant**."))
    assert store.entries()[0].created == 0.0
