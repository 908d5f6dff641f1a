"""Searching titles and messages."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.chat.conversation import Conversation
from app.chat.library import Hit
from app.chat.parts import AttachmentPart, Message, ReasoningPart, TextPart
from app.store import Store
from app.store.folding import fold, words
from app.store.snippets import cut
from tests.store.fill import RARE, _words, fill
from tests.store.support import told


def marked(hit: Hit) -> str:
    """The snippet with its matches in brackets."""
    text = hit.snippet
    for start, end in reversed(hit.matches):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


def fill_small(store: Store) -> None:
    one = Conversation(id="1", title="Garden plans")
    one.add(told("1a", "When do I plant tomatoes?"), None)
    answer = (
        ReasoningPart("secret thought"),
        TextPart("Plant **tomatoes** in May.\nWater them, plant-wise, well."),
    )
    one.add(Message("1b", "assistant", answer, created=5.0), "1a")
    two = Conversation(id="2", title="Café à la carte")
    two.add(Message("2a", "user", (AttachmentPart("menu", "lobster"), TextPart("Wie heißt das Kafé?"))), None)
    two.add(Message("2b", "assistant", (TextPart("東京の喫茶店 has plans"),)), "2a")
    for conversation in (one, two):
        store.create(conversation)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tomatoes", [("1", "1b"), ("1", "1a")]),
        ("tomat", [("1", "1b"), ("1", "1a")]),
        ("TOMATOES plan", [("1", "1b"), ("1", "1a")]),
        ("plan", [("1", ""), ("2", "2b"), ("1", "1b"), ("1", "1a")]),
        ("plan tomatoes", []),
        ('"plant tomatoes"', [("1", "1b"), ("1", "1a")]),
        ('"tomatoes plant"', []),
        ('"tomat"', []),
        ('tomatoes "in may', [("1", "1b")]),
        ('"in may" tom', [("1", "1b")]),
        ("cafe", [("2", "")]),
        ("KAFE heisst", [("2", "2a")]),
        ("喫茶", [("2", "2b")]),
        ("茶喫", []),
        ("京の喫茶店 has", [("2", "2b")]),
        ("secret", []),
        ("lobster", []),
        ("", []),
        ('"" * - "', []),
        ("plan*", [("1", ""), ("2", "2b"), ("1", "1b"), ("1", "1a")]),
        ("text:plan NOT NEAR(", []),
        ("may OR carte", []),
    ],
)
def test_what_is_found(store: Store, query: str, found: list[tuple[str, str]]) -> None:
    fill_small(store)
    assert [(hit.conversation_id, hit.message_id) for hit in store.search(query)] == found


def test_what_a_hit_says(store: Store) -> None:
    fill_small(store)
    store.set_archived(["1"], True)
    title, _, answer, question = store.search("plan")
    assert marked(title) == "Garden [plan]s"
    assert title.archived
    assert abs(title.when - time.time()) < 60
    assert marked(answer) == "[Plan]t **tomatoes** in May."
    assert (answer.title, answer.role, answer.when, answer.archived) == (
        "Garden plans",
        "assistant",
        5.0,
        True,
    )
    assert marked(question) == "When do I [plan]t tomatoes?"
    assert [marked(hit) for hit in store.search("喫茶")] == ["東京の[喫茶]店 has plans"]
    assert marked(store.search("water plant")[0]) == "[Plant] **tomatoes** in May."


def test_changes_are_found_and_what_is_gone_is_not(store: Store) -> None:
    fill_small(store)
    store.rename("1", "Orchard", True)
    assert [hit.message_id for hit in store.search("garden")] == []
    assert [hit.title for hit in store.search("orch")] == ["Orchard"]
    store.finish(told("1a", "When do I sow carrots?"))
    assert [hit.message_id for hit in store.search("carrots")] == ["1a"]
    assert [hit.message_id for hit in store.search("tomatoes")] == ["1b"]
    store.set_message_deleted("1b", True)
    assert store.search("tomatoes") == []
    store.set_message_deleted("1b", False)
    store.delete(["1"])
    assert store.search("tomatoes") == store.search("orchard") == []
    store.restore(["1"])
    assert [hit.message_id for hit in store.search("tomatoes")] == ["1b"]


def test_the_limit_holds_for_titles_and_messages_together(store: Store) -> None:
    fill_small(store)
    assert [hit.message_id for hit in store.search("plan", 2)] == ["", "2b"]
    assert [hit.message_id for hit in store.search("plan", 1)] == [""]
    assert store.search("plan", 0) == []


def test_a_snippet_is_a_piece_of_a_long_line() -> None:
    from app.store.search import terms_of

    text = "first line\n" + "x " * 300 + "näedle and needle" + " y" * 300
    snippet, matches = cut(text, terms_of("NEEDLE"))
    assert [snippet[a:b] for a, b in matches] == ["needle"]
    snippet, matches = cut(text, terms_of("naedle"))
    assert [snippet[a:b] for a, b in matches] == ["näedle"]
    assert snippet.startswith("…x x")
    assert snippet.endswith("y…")
    assert 100 < len(snippet) < 130
    assert cut("a\r\n\nbc\td", terms_of("d")) == ("bc d", ((3, 4),))
    assert cut("\n \nno\nmatch", terms_of("zebra")) == ("no", ())
    assert cut("over the\nline break", terms_of('"the line"')) == ("over the", ((5, 8),))
    assert cut("ﬁne", terms_of("fi")) == ("ﬁne", ((0, 1),))
    long, matches = cut("a" * 5000, terms_of("aaa"))
    assert (len(long), matches) == (121, ((0, 3),))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.text('ab"*:^+-(){}NOTORADEARtex \t\0\ud800漢e\u0301')))
@example('"')
@example("\0")
@example("a" * 5000)
@example("{a b}: ^c + d * NEAR(e f, 2) -g")
def test_no_query_is_an_error(store: Store, query: str) -> None:
    if not store.entries():
        fill_small(store)
    for hit in store.search(query):
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.matches)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1), st.data())
def test_a_word_of_any_text_is_found(store: Store, text: str, data: st.DataObject) -> None:
    conversation = Conversation(title=text)
    conversation.append("user", TextPart(text))
    entry = store.create(conversation)
    found = [word.text for word in words(fold(text))]
    if found:
        query = data.draw(st.sampled_from(found))
        hits = [hit for hit in store.search(query, 1000) if hit.conversation_id == entry.id]
        assert [bool(hit.message_id) for hit in hits] == [False, True]
        assert all(hit.matches for hit in hits)


# ---- a large store ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "data"
    fill(folder, 200, 100)
    return folder


def test_common_and_rare_words_are_found_fast(large: Path) -> None:
    common = _words(random.Random(0))[:3]
    store = Store.open(large)
    try:
        assert [hit.message_id for hit in store.search(RARE)] == ["m20000", "m10000"]
        for query in (
            RARE,
            *common,
            " ".join(common),
            common[0][0],
            common[0][:2],
            f'"{common[0]} {common[1]}"',
        ):
            took = []
            for _ in range(5):
                start = time.perf_counter()
                assert store.search(query), query
                took.append(time.perf_counter() - start)
            assert min(took) < 0.05, query
    finally:
        store.close()


def test_an_interrupted_search_ends_and_writes_go_on(large: Path) -> None:
    store = Store.open(large)
    common = _words(random.Random(0))[0]
    whole = len(store.search(common, 3000))
    assert whole == 3000
    stop = threading.Event()

    def disturb() -> None:
        while not stop.is_set():
            store.interrupt()

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        found = [len(store.search(common, 3000)) for _ in range(3)]
        for number in range(20):
            store.set_state("number", number)
            assert store.state("number") == number
    finally:
        stop.set()
        thread.join()
    assert max(found) < whole
    assert len(store.search(common, 3000)) == whole
    store.close()


def test_the_same_seed_fills_alike(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        fill(tmp_path / name, 2, 3)
        store = Store.open(tmp_path / name)
        texts.append([message.text for message in store.load("c2").conversation.path()])
        store.close()
    assert texts[0] == texts[1]
    assert [len(text.split()) for text in texts[0]] == [60, 60, 60]
