"""Documents that go with a question: attached, read, counted, kept, sent, given back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import errors
from app.chat.library import NEW
from app.chat.parts import AttachmentPart, TextPart
from app.documents.values import Extracted, Progress
from app.engine.protocol import CountTokens, Failed, TokenCount
from tests.ui.control.conftest import Stage, other
from tests.ui.models import PLAIN, THINKER
from ui.composer.attached import Attached
from ui.control.document_notices import MOST
from ui.notices import Notice
from ui.workers.documents import (
    DocumentProgress,
    DocumentRead,
    DocumentRefused,
    PagesChosen,
    ReadDocument,
)

Stages = Callable[[], Stage]
READING, PASSWORD = "The documents are still being read", "A document still needs its password"
EMPTY = "It is empty."


class Bench:
    """What a person sees of documents, and a reader that says what it is told to."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.control = stage, stage.documents

    @property
    def chips(self) -> list[Attached]:
        self.control._chips.flush()
        return self.stage.last("documents.changed")  # type: ignore[no-any-return]

    @property
    def names(self) -> list[str]:
        return [chip.name for chip in self.chips]

    @property
    def states(self) -> list[str]:
        return [chip.state for chip in self.chips]

    @property
    def asked(self) -> list[ReadDocument]:
        return [values[0] for values in self.stage.said["documents.extract_wanted"]]

    @property
    def counts(self) -> list[CountTokens]:
        return [values[0] for values in self.stage.said["documents.count_wanted"]]

    def id(self, name: str) -> str:
        return next(chip.id for chip in self.chips if chip.name == name)

    def ticket(self, name: str) -> int:
        return next(one.ticket for one in reversed(self.asked) if Path(one.path).name == name)

    def read(self, name: str, text: str = "", **values: Any) -> None:
        """The reader has read the file of this name."""
        found = Extracted(name, values.pop("kind", "text"), text or f"Text of {name}", **values)
        self.control.on_told(DocumentRead(self.ticket(name), found))

    def refuse(
        self, name: str, kind: str = "file_read", message: str = "It is empty.", hint: str = ""
    ) -> None:
        self.control.on_told(DocumentRefused(self.ticket(name), kind, f"{name}: {message}", hint))

    def attach(self, *names: str) -> None:
        """Attach files that can be read."""
        self.control.add_paths([f"folder/{name}" for name in names])
        for name in names:
            self.read(name)

    def kept(self, key: str | None = None) -> list[tuple[str, str]]:
        """Names and states of what the store has."""
        self.control._keeper.flush()
        where = self.stage.chat.key if key is None else key
        found = self.stage.from_store(lambda store: store.attached(where))
        return [(one.name, one.state) for one in found]

    @property
    def hold(self) -> str:
        said = self.stage.said["documents.hold_changed"]
        assert not said or said[-1][0] == self.control.hold
        return self.control.hold

    @property
    def notice(self) -> Notice:
        return self.stage.last("documents.notice")  # type: ignore[no-any-return]


@pytest.fixture
def bench(stage: Stage) -> Bench:
    return Bench(stage)


@pytest.fixture
def asking(loaded: Stage) -> Bench:
    """The same with a model."""
    return Bench(loaded)


# ---- attaching ----------------------------------------------------------------------------


def test_files_are_read_in_their_order_and_hold_the_question(bench: Bench) -> None:
    bench.control.add_paths(["folder/a.pdf", "b.txt"])
    assert [one.path for one in bench.asked] == ["folder/a.pdf", "b.txt"]
    assert (bench.names, bench.states, bench.hold) == (["a.pdf", "b.txt"], ["reading"] * 2, READING)
    bench.control.on_told(DocumentProgress(bench.ticket("a.pdf"), Progress(119, 2000)))
    assert (bench.chips[0].status, bench.chips[0].fraction) == ("Page 120 of 2,000", 119 / 2000)
    bench.read("a.pdf", kind="pdf", pages=2000, notes=("3 pages are empty.",))
    assert bench.hold == READING
    assert len(bench.control.parts()) == 1
    bench.read("b.txt")
    assert bench.hold == ""
    assert bench.states == ["ready", "ready"]
    first = bench.chips[0]
    assert (first.status, first.pages, first.notes) == (
        "2,000 pages",
        2000,
        ("3 pages are empty.",),
    )
    assert [part.text for part in bench.control.parts()] == ["Text of a.pdf", "Text of b.txt"]
    assert len(bench.stage.said["documents.parts_changed"]) == 2


def test_the_same_file_is_not_attached_twice(bench: Bench) -> None:
    bench.attach("a.txt")
    bench.control.add_paths(["folder/../folder/./a.txt", "folder/b.txt"])
    assert bench.names == ["a.txt", "b.txt"]
    assert bench.notice.text == "“a.txt” is attached already."
    bench.control.add_paths(["folder/a.txt", "folder/b.txt"])
    assert bench.notice.text == "2 of these are attached already."
    bench.refuse("b.txt")
    bench.control.add_paths(["folder/b.txt"])  # it failed: this is another try
    assert bench.states == ["ready", "reading"]
    assert len(bench.asked) == 3


def test_there_is_an_end_to_how_many(bench: Bench) -> None:
    bench.control.add_paths([f"{number}.txt" for number in range(MOST + 5)])
    assert len(bench.chips) == MOST
    assert "folder" in bench.notice.text


def test_removing_stops_the_reading_and_says_no_more_of_it(bench: Bench) -> None:
    bench.control.add_paths(["a.txt"])
    bench.control.remove(bench.id("a.txt"))
    assert bench.stage.cancelled == [bench.ticket("a.txt")]
    assert (bench.chips, bench.hold) == ([], "")
    bench.read("a.txt")
    assert bench.chips == []
    bench.control.remove("nonsense")


def test_what_was_removed_can_be_put_back(bench: Bench) -> None:
    bench.attach("a.txt", "b.txt")
    bench.control.remove(bench.id("a.txt"))
    assert bench.kept() == [("b.txt", "ready")]
    bench.stage.undo.undo_last()
    assert bench.names == ["a.txt", "b.txt"]
    assert bench.kept() == [("a.txt", "ready"), ("b.txt", "ready")]


def test_a_password_is_asked_for_until_it_is_right(bench: Bench) -> None:
    bench.control.add_paths(["a.pdf"])
    bench.refuse("a.pdf", "password", "It opens with a password only.", "Type its password.")
    assert (bench.chips[0].state, bench.chips[0].status) == ("password", "It opens with a password only.")
    assert bench.hold == PASSWORD
    bench.control.give_password(bench.id("a.pdf"), "wrong")
    assert bench.asked[-1].password == "wrong"
    bench.refuse("a.pdf", "password", "The password is not right.")
    assert bench.chips[0].status == "The password is not right."
    bench.control.give_password(bench.id("a.pdf"), "right")
    bench.read("a.pdf")
    assert (bench.states, bench.hold) == (["ready"], "")


def test_pages_can_be_chosen_and_chosen_anew(bench: Bench) -> None:
    bench.control.add_paths(["a.pdf"])
    bench.read("a.pdf", "whole", kind="pdf", pages=9)
    item, choices = bench.id("a.pdf"), bench.stage.choices
    bench.control.choose_pages(item, "2-1")
    assert bench.hold == READING
    bench.control.on_told(
        DocumentRefused(choices[-1].ticket, "request", "It ends before it begins.", "Write 1-2.")
    )
    assert bench.stage.last("documents.page_error") == (item, "It ends before it begins. Write 1-2.")
    assert (bench.states, bench.hold, bench.control.parts()[0].text) == (["ready"], "", "whole")
    for typed, pages, text, status in (
        ("1,2", "1-2", "some", "pages 1-2 of 9"),
        ("", "", "whole", "9 pages"),
    ):
        bench.control.choose_pages(item, typed)
        assert (choices[-1].text, choices[-1].pages) == ("whole", typed)
        bench.control.on_told(PagesChosen(choices[-1].ticket, text, pages))
        (part,) = bench.control.parts()
        assert (part.text, part.chosen, bench.chips[0].status) == (text, pages, status)


def test_a_click_shows_exactly_what_the_model_sees(asking: Bench) -> None:
    asking.control.add_paths(["a.pdf"])
    asking.control.open(asking.id("a.pdf"))
    assert not asking.stage.said["documents.document_shown"]
    asking.read("a.pdf", "All of it", kind="pdf", pages=2)
    asking.stage.event(TokenCount(asking.counts[-1].request_id, 1234))
    asking.control.open(asking.id("a.pdf"))
    shown = ("a.pdf", "PDF · 2 pages · 1,234 tokens", "All of it")
    assert asking.stage.last("documents.document_shown") == shown
    asking.stage.messages.send("Why?")
    question = asking.stage.id_of("Why?")
    for index in (-1, 1, 0):
        asking.control.open_sent(question, index)
    assert asking.stage.said["documents.document_shown"][1:] == [("a.pdf", "PDF · 2 pages", "All of it")]


# ---- errors -------------------------------------------------------------------------------

_KINDS = sorted({one.kind for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "kind")})


def test_every_error_is_its_own_documents_only(asking: Bench) -> None:
    asking.attach("good.txt")
    asking.stage.messages.send("Before?")
    asking.attach("other.txt")
    kinds = [*_KINDS, "bug", "never heard of"]
    assert "password" in kinds
    asking.control.add_paths([f"{kind}.pdf" for kind in kinds])
    for kind in kinds:
        asking.refuse(f"{kind}.pdf", kind, "It went wrong.", "Do this.")
        chip = next(chip for chip in asking.chips if chip.name == f"{kind}.pdf")
        assert chip.state == ("password" if kind == "password" else "failed")
        assert chip.status == ("It went wrong." if kind == "password" else "It went wrong. Do this.")
        assert [part.name for part in asking.control.parts()] == ["other.txt"]
        asking.stage.say(".")
    asking.stage.finish()
    assert asking.stage.view.last.text == "." * len(kinds)
    for kind in kinds:
        asking.control.retry(asking.id(f"{kind}.pdf"))
        asking.read(f"{kind}.pdf")
    assert set(asking.states) == {"ready"}


def test_what_failed_neither_holds_nor_is_sent_and_stays(asking: Bench) -> None:
    asking.attach("good.txt")
    asking.control.add_paths(["bad.txt"])
    asking.refuse("bad.txt")
    assert asking.hold == ""
    asking.stage.messages.send("Why?")
    assert asking.stage.asked == ["[Document: good.txt]\nText of good.txt\n[End of good.txt]\n\nWhy?"]
    assert (asking.names, asking.states) == (["bad.txt"], ["failed"])
    assert asking.kept() == [("bad.txt", "failed")]
    assert asking.kept(NEW) == []


# ---- counting -----------------------------------------------------------------------------


def test_each_text_is_counted_once_for_each_model(asking: Bench) -> None:
    asking.attach("a.txt", "b.txt")
    assert [one.text for one in asking.counts] == ["Text of a.txt", "Text of b.txt"]
    assert asking.control.tokens() is None
    for one, tokens in zip(asking.counts, (10, 20), strict=True):
        asking.stage.event(TokenCount(one.request_id, tokens))
    assert [chip.tokens for chip in asking.chips] == [10, 20]
    assert asking.control.tokens() == 30
    asking.stage.chat.open(other(asking.stage))
    asking.stage.chat.new()
    asking.stage.load(PLAIN)
    assert len(asking.counts) == 2
    asking.stage.load(THINKER)
    assert len(asking.counts) == 4
    assert [chip.tokens for chip in asking.chips] == [None, None]
    asking.stage.load(PLAIN)
    assert asking.control.tokens() == 30
    assert asking.stage.said["documents.cancel_count_wanted"] == []


def test_a_count_that_nobody_wants_is_stopped(asking: Bench) -> None:
    asking.attach("a.txt")
    asking.control.remove(asking.id("a.txt"))
    (count,) = asking.counts
    assert asking.stage.said["documents.cancel_count_wanted"] == [(count.request_id,)]
    asking.stage.event(TokenCount(count.request_id, 5))
    assert asking.chips == []


def test_without_a_model_it_is_counted_when_one_comes(bench: Bench) -> None:
    bench.attach("a.txt")
    assert not bench.counts
    bench.stage.load(PLAIN)
    (count,) = bench.counts
    bench.stage.event(Failed(count.request_id, "request", "The model was unloaded."))
    assert (bench.chips[0].tokens, len(bench.counts)) == (None, 1)
    bench.stage.load(PLAIN)
    assert len(bench.counts) == 2


# ---- conversations ------------------------------------------------------------------------


def test_each_conversation_has_its_own_also_while_they_are_read(bench: Bench) -> None:
    first = other(bench.stage)
    bench.control.add_paths(["slow.txt"])
    bench.stage.chat.open(first)
    assert (bench.chips, bench.hold, bench.control.empty) == ([], "", True)
    bench.control.add_paths(["mine.txt"])
    bench.read("slow.txt")
    assert (bench.names, bench.states) == (["mine.txt"], ["reading"])
    bench.stage.chat.new()
    assert (bench.names, bench.states, bench.hold) == (["slow.txt"], ["ready"], "")
    assert bench.stage.cancelled == []
    bench.read("mine.txt")
    bench.stage.chat.open(first)
    assert (bench.names, bench.states) == (["mine.txt"], ["ready"])


def test_they_are_there_again_when_the_app_is(stages: Stages) -> None:
    before = stages()
    before.chat.new()
    bench, key = Bench(before), other(before)
    bench.attach("new.txt")
    bench.control.add_text("pasted " * 10)
    before.chat.open(key)
    bench.control.add_paths(["folder/a.pdf", "bad.txt", "slow.txt"])
    bench.read("a.pdf", "[Page 1]\nx\n[Page 2]\ny", kind="pdf", pages=2, notes=("A note.",))
    bench.control.choose_pages(bench.id("a.pdf"), "2")
    bench.control.on_told(PagesChosen(before.choices[-1].ticket, "[Page 2]\ny", "2"))
    bench.refuse("bad.txt", hint="Fill it.")
    before.chat.leaving.emit()  # the app closes

    after = stages()
    after.chat.new()
    again = Bench(after)
    assert (again.names, again.states) == (["new.txt", "Pasted text"], ["ready", "ready"])
    assert [part.kind for part in again.control.parts()] == ["text", "paste"]
    after.chat.open(key)
    assert [one.path for one in again.asked] == ["slow.txt"]
    assert again.states == ["reading", "failed", "reading"]
    assert again.chips[1].status == "It is empty. Fill it."
    (choice,) = after.choices
    assert (choice.text, choice.pages) == ("[Page 1]\nx\n[Page 2]\ny", "2")
    again.control.on_told(PagesChosen(choice.ticket, "[Page 2]\ny", "2"))
    again.refuse("slow.txt", message="There is no such file.", hint="Check the path.")
    assert again.states == ["ready", "failed", "failed"]
    assert again.control.parts() == (AttachmentPart("a.pdf", "[Page 2]\ny", "pdf", 2, "2", ("A note.",)),)
    assert again.chips[2].status == "There is no such file. Check the path."


def test_only_changes_are_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.attach("a.txt")
    bench.kept()
    sent: list[object] = []
    bench.stage.store.wanted.connect(lambda *job: sent.append(job))
    bench.control.on_told(DocumentProgress(999, Progress(1, 2)))
    bench.control.open(bench.id("a.txt"))
    bench.control.choose_pages("nonsense", "1")
    bench.control._keeper.flush()
    assert sent == []


def test_what_a_repair_lost_is_kept_again(bench: Bench) -> None:
    bench.attach("a.txt")
    assert bench.kept() == [("a.txt", "ready")]
    bench.stage.store.write(lambda store: store.keep_attached(NEW, ()))
    assert bench.kept() == []
    bench.control.save_again()
    assert bench.kept() == [("a.txt", "ready")]


def test_a_temporary_chat_keeps_nothing(bench: Bench) -> None:
    bench.stage.chat.new_temporary()
    bench.attach("secret.txt")
    assert [one.keep for one in bench.asked] == [False]
    assert bench.kept(NEW) == []
    assert bench.stage.rows()["state"] == 0
    bench.stage.chat.new()
    assert bench.chips == []
    bench.stage.undo.undo_last()  # it had no message, but documents
    assert bench.names == ["secret.txt"]
    assert bench.stage.rows()["state"] == 0


# ---- sending ------------------------------------------------------------------------------


def test_documents_stand_before_the_question_and_the_title_is_the_questions(asking: Bench) -> None:
    asking.attach("a.txt", "b.txt")
    asking.stage.messages.send("What is in them?")
    message = next(iter(asking.stage.conversation.messages.values()))
    assert [type(part) for part in message.parts] == [AttachmentPart, AttachmentPart, TextPart]
    assert asking.stage.conversation.title == "What is in them?"
    assert (asking.chips, asking.kept(), asking.kept(NEW)) == ([], [], [])
    asking.stage.say("Text.")
    asking.stage.finish()
    assert asking.stage.saved().conversation.messages[message.id].attachments == message.attachments
    asking.stage.messages.send("And?")
    assert asking.stage.asked[-1] == "And?"


@pytest.mark.parametrize("state", ["reading", "password"])
def test_nothing_is_sent_before_all_are_read(asking: Bench, state: str) -> None:
    asking.attach("a.txt")
    asking.control.add_paths(["b.pdf"])
    if state == "password":
        asking.refuse("b.pdf", "password", "It opens with a password only.")
    asking.stage.messages.send("Now?")
    assert asking.stage.said["messages.text_refused"] == [("Now?",)]
    assert not asking.stage.requests
    assert asking.names == ["a.txt", "b.pdf"]


def test_a_question_that_nobody_can_answer_keeps_its_documents(bench: Bench) -> None:
    bench.attach("a.txt")
    bench.stage.messages.send("Anybody?")
    assert bench.stage.said["messages.text_refused"] == [("Anybody?",)]
    assert (bench.names, bench.states) == (["a.txt"], ["ready"])


def test_a_refused_question_comes_back_with_its_documents(asking: Bench) -> None:
    asking.control.add_paths(["a.pdf", "b.txt"])
    asking.read("a.pdf", "whole", kind="pdf", pages=9)
    asking.read("b.txt")
    asking.control.choose_pages(asking.id("a.pdf"), "2")
    asking.control.on_told(PagesChosen(asking.stage.choices[-1].ticket, "some", "2"))
    parts = asking.control.parts()
    asking.stage.event(TokenCount(asking.counts[-1].request_id, 7))
    asking.stage.messages.send("Too long?")
    asking.attach("later.txt")
    asking.stage.fail("prompt_too_long", "It is too long.")
    assert asking.stage.last("chat.text_returned") == "Too long?"
    assert asking.control.parts()[:2] == parts
    assert asking.names == ["a.pdf", "b.txt", "later.txt"]
    assert asking.chips[0].tokens == 7
    assert "and its documents" in asking.stage.last("chat.notice").text
    asking.control.choose_pages(asking.id("a.pdf"), "3")  # the other pages are still there
    assert asking.stage.choices[-1].text == "whole"
    assert [name for name, _state in asking.kept()] == ["a.pdf", "b.txt", "later.txt"]


def test_it_comes_back_to_its_own_conversation(asking: Bench) -> None:
    asking.attach("a.txt")
    asking.stage.messages.send("Too long?")
    mine, another = asking.stage.chat.key, other(asking.stage)
    asking.stage.chat.open(another)
    asking.stage.fail("prompt_too_long", "It is too long.")
    assert asking.chips == []
    assert asking.kept(mine) == [("a.txt", "ready")]
    asking.stage.chat.open(mine)
    assert asking.names == ["a.txt"]
    assert asking.stage.last("chat.draft_shown") == "Too long?"


def test_a_question_with_documents_waits_for_its_turn(asking: Bench) -> None:
    asking.stage.messages.send("First")
    asking.attach("a.txt")
    asking.stage.messages.send("Second")
    assert asking.chips == []
    assert len(asking.stage.requests) == 1
    asking.stage.say("One")
    asking.stage.finish()
    assert asking.stage.asked[-1] == "[Document: a.txt]\nText of a.txt\n[End of a.txt]\n\nSecond"


def test_an_edited_question_keeps_its_documents(asking: Bench) -> None:
    asking.attach("a.txt")
    asking.stage.talk("Why?")
    asking.attach("draft.txt")
    asking.control.add_paths(["slow.txt"])  # what is read for the next question is none of its business
    asking.stage.messages.save_edit(asking.stage.id_of("Why?"), "How?")
    assert asking.stage.asked == ["[Document: a.txt]\nText of a.txt\n[End of a.txt]\n\nHow?"]
    assert asking.names == ["draft.txt", "slow.txt"]


# ---- pasting ------------------------------------------------------------------------------


def test_a_long_text_is_attached_or_goes_into_the_message(bench: Bench) -> None:
    for text in ("one", "two"):
        bench.control.add_text(text)
    assert bench.names == ["Pasted text", "Pasted text 2"]
    assert "“Pasted text 2”" in bench.notice.text
    bench.stage.act("unpaste:nonsense")
    bench.stage.act(bench.notice.action)
    assert bench.stage.said["documents.text_wanted_back"] == [("two",)]
    assert bench.names == ["Pasted text"]
    bench.control.add_text("three")
    assert bench.names == ["Pasted text", "Pasted text 2"]


def test_what_cannot_be_attached_is_told(bench: Bench) -> None:
    bench.control.refuse_image()
    assert "text only" in bench.notice.text
    bench.control.refuse_links()
    assert "Links are not followed" in bench.notice.text
