"""Exporting and importing, from what a person asks for to the notice, with a real store."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.errors import ReadingStopped, UserError
from app.export.values import Options, Progress, Skipped, Written
from app.store.taking import Arrival
from tests.store.support import branched, told
from tests.ui.control.conftest import Stage
from tests.ui.control.test_library import listed, put
from ui.control.exporting import OPEN_FOLDER, ExportControl
from ui.control.importing import CANCEL, ImportControl
from ui.dialogs.export_offer import Offer
from ui.notices import Notice
from ui.workers.exporting import ExportFinished, ExportProgress, WriteConversation
from ui.workers.importing import ImportEnded, ImportFound, ImportProgress, ImportSkipped, ReadConversations


class Exports:
    """The controller, and what it says."""

    def __init__(self, stage: Stage) -> None:
        self.cancelled: list[int] = []
        self.control = ExportControl(
            stage.chat, stage.library, stage.store, self.cancelled.append, stage.root
        )
        self.offers: list[Offer] = []
        self.wanted: list[WriteConversation] = []
        self.notices: list[Notice] = []
        self.shares: list[tuple[float, int, int]] = []
        self.folders: list[str] = []
        self.control.offered.connect(self.offers.append)
        self.control.wanted.connect(self.wanted.append)
        self.control.notice.connect(self.notices.append)
        self.control.progressed.connect(lambda *args: self.shares.append(args))
        self.control.folder_wanted.connect(self.folders.append)

    def done(self, path: str, error: UserError | None = None) -> None:
        written = None if error is not None else Written(10)
        self.control.on_finished(ExportFinished(self.wanted[-1].ticket, path, written, error))


@pytest.fixture
def exports(stage: Stage) -> Exports:
    return Exports(stage)


def test_an_empty_chat_has_nothing_to_export(exports: Exports) -> None:
    exports.control.offer_open()
    assert exports.offers == []
    assert "nothing to export" in exports.notices[-1].text


def test_the_open_conversation_is_written_as_it_is_now(
    stage: Stage, exports: Exports, tmp_path: Path
) -> None:
    stage.chat.conversation.temporary = True
    stage.chat.conversation.append("user", TextPart("Hello"))
    exports.control.offer_open()
    assert exports.offers == [Offer(1, "", "Conversation")]
    target = str(tmp_path / "a.md")
    exports.control.write(target, Options())
    stage.chat.conversation.append("assistant", TextPart("later"))
    (wanted,) = exports.wanted
    assert [one.text for one in wanted.conversation.branch()] == ["Hello"]
    assert not wanted.folder
    exports.control.on_progress(ExportProgress(wanted.ticket, 5, 10))
    assert exports.shares[-1] == (0.5, 0, 1)
    exports.done(target)
    notice = exports.notices[-1]
    assert notice.text == "Exported to “a.md”."
    assert notice.details == target
    exports.control.act(notice.action)
    exports.control.act("undo:1")
    assert exports.folders == [str(tmp_path)]
    assert not exports.control.busy


def test_what_is_seen_before_it_is_read_is_written_whole(
    stage: Stage, exports: Exports, qtbot: QtBot, tmp_path: Path
) -> None:
    stage.chat.conversation.append("user", TextPart("Another one"))
    long = Conversation(title="Long", titled=True)
    for number in range(500):
        long.append("assistant", TextPart(f"Answer {number}"))
    stage.store.write(lambda store: store.create(long))
    stage.library.refresh()
    stage.chat.open(long.id)
    assert stage.chat.glimpsed == stage.chat.seen == long.id
    assert stage.messages.last_answer() is None
    exports.control.offer_open()
    assert exports.offers == [Offer(1, "Long", "Long")]
    exports.control.write(str(tmp_path / "a.md"), Options())
    (wanted,) = exports.wanted
    assert len(wanted.conversation.branch()) == 500
    exports.done(str(tmp_path / "a.md"))
    qtbot.waitUntil(lambda: stage.chat.glimpsed == "")


def test_an_answer_under_way_is_written_as_far_as_it_has_come(loaded: Stage, tmp_path: Path) -> None:
    exports = Exports(loaded)
    loaded.messages.send("Question")
    answered = loaded.conversation
    loaded.say("The beginning")
    assert "The beginning" in loaded.chat.transcript()
    for behind in (False, True):
        if behind:
            loaded.chat.new()
        exports.control.offer([answered.id])
        exports.control.write(str(tmp_path / "a.md"), Options())
        written = exports.wanted[-1].conversation.branch()
        assert [(one.text, one.mark) for one in written] == [
            ("Question", ""),
            ("The beginning", "cancelled"),
        ]
        exports.done(str(tmp_path / "a.md"))
    loaded.finish()
    assert answered.branch()[-1].mark == ""


def test_several_go_one_after_the_other_and_failures_are_told(
    stage: Stage, exports: Exports, tmp_path: Path, qtbot: QtBot
) -> None:
    ids = [put(stage, f"Chat {number}") for number in range(3)]
    stage.store.write(lambda store: store.rename(ids[2], "Other", True))
    exports.control.offer(ids)
    assert exports.offers[-1].count == 3
    exports.control.write(str(tmp_path), Options("json", whole=True))
    exports.control.write(str(tmp_path), Options())  # one at a time
    assert len(exports.wanted) == 1
    assert exports.wanted[0].folder
    assert exports.wanted[0].created > 0
    exports.done(str(tmp_path / "Chat 0.json"))
    exports.done(str(tmp_path / "Chat 1.json"), UserError("There is no room for the file."))
    exports.done(str(tmp_path / "Other.json"))
    assert [one.conversation.title for one in exports.wanted] == ["Chat 0", "Chat 1", "Other"]
    notice = exports.notices[-1]
    assert notice.level == "warning"
    assert notice.text == f"Exported 2 of 3 conversations to the folder “{tmp_path.name}”."
    assert "Chat 1.json: There is no room" in notice.details
    assert notice.action == OPEN_FOLDER + str(tmp_path)


def test_cancelling_and_what_is_gone(stage: Stage, exports: Exports, tmp_path: Path) -> None:
    ids = [put(stage, "One"), put(stage, "Two")]
    exports.control.offer(ids)
    exports.control.write(str(tmp_path), Options())
    exports.control.cancel()
    assert exports.cancelled == [exports.wanted[0].ticket]
    exports.done(str(tmp_path / "One.md"), ReadingStopped("stopped"))
    assert exports.notices[-1].text == "The export was cancelled. No file was written."
    assert len(exports.wanted) == 1
    exports.control.offer(["gone"])
    exports.control.write(str(tmp_path / "x.md"), Options())
    assert exports.notices[-1].level == "error"
    assert not exports.control.busy
    stage.relay.holding = True
    exports.control.offer([ids[0]])
    exports.control.write(str(tmp_path / "x.md"), Options())
    exports.control.cancel()  # before the store has read it
    assert not exports.control.busy
    stage.relay.let_go()
    assert len(exports.wanted) == 1


class FakeWorker:
    """Where the worker would be: what was asked of it."""

    def __init__(self) -> None:
        self.saved = 0
        self.cancelled: list[int] = []

    def taken(self) -> None:
        self.saved += 1

    def cancel(self, up_to: int) -> None:
        self.cancelled.append(up_to)


class Imports:
    def __init__(self, stage: Stage) -> None:
        self.worker = FakeWorker()
        self.control = ImportControl(stage.store, stage.library, stage.undo, self.worker)  # type: ignore[arg-type]
        self.wanted: list[ReadConversations] = []
        self.notices: list[Notice] = []
        self.gone: list[str] = []
        self.control.wanted.connect(self.wanted.append)
        self.control.notice.connect(self.notices.append)
        self.control.notice_gone.connect(self.gone.append)
        stage.undo.notice.connect(self.notices.append)

    def read(
        self, *arrivals: Arrival, skipped: tuple[Skipped, ...] = (), error: UserError | None = None
    ) -> Notice:
        self.control.read("/somewhere/conversations.json")
        ticket = self.wanted[-1].ticket
        self.control.on_told(ImportProgress(ticket, Progress(50, 100)))
        for arrival in arrivals:
            self.control.on_told(ImportFound(ticket, arrival))
        for one in skipped:
            self.control.on_told(ImportSkipped(ticket, one))
        self.control.on_told(ImportEnded(ticket, error))
        assert not self.control.busy
        assert self.gone[-1] == "import_runs"
        return self.notices[-1]


@pytest.fixture
def imports(stage: Stage) -> Imports:
    return Imports(stage)


def test_imported_conversations_are_listed_and_undone_together(
    stage: Stage, imports: Imports, qtbot: QtBot
) -> None:
    notice = imports.read(Arrival(branched("One", "a")), Arrival(branched("Two", "b")))
    assert imports.worker.saved == 2
    assert notice.text == "Imported 2 conversations."
    assert any("50 % read" in one.text for one in imports.notices)
    stage.library.refresh()
    assert sorted(listed(stage)) == ["One", "Two"]
    stage.undo.act(notice.action)
    stage.library.refresh()
    assert listed(stage) == []
    again = imports.read(Arrival(branched("One", "a")))
    assert "came back" in again.text


def test_the_open_conversation_shows_what_came_in_for_it(stage: Stage, imports: Imports) -> None:
    imports.read(Arrival(branched("One", "a")))
    stage.chat.open("aconversation")
    assert stage.chat.key == "aconversation"
    grown = branched("One", "a")
    grown.add(told("q3", "And then?"), "aq2")
    assert "got new messages" in imports.read(Arrival(grown)).text
    assert stage.chat.conversation.leaf == "q3"
    assert "q3" in stage.chat.visible
    grown.add(told("other", "Another question"), None)
    imports.read(Arrival(grown))
    assert stage.chat.conversation.leaf == "q3"
    assert "other" in stage.chat.conversation.messages


def test_what_was_there_already_is_said(stage: Stage, imports: Imports) -> None:
    imports.read(Arrival(branched("One", "a")))
    assert imports.read(Arrival(branched("One", "a"))).text == "1 conversation was there already."
    both = imports.read(Arrival(branched("One", "a")), Arrival(branched("Two", "b")))
    assert both.text == "Imported 1 conversation, 1 conversation was there already."


def test_what_could_not_be_read_is_named(imports: Imports) -> None:
    skipped = Skipped("Broken", "One of its messages is damaged.")
    notice = imports.read(Arrival(branched("One", "a")), skipped=(skipped,))
    assert (
        notice.text
        == "Imported 1 conversation, 1 could not be read: “Broken”: One of its messages is damaged."
    )
    assert notice.level == "warning"
    assert notice.action_label == "Undo"
    assert [one.key for one in imports.notices if one.key != "import_runs"] == ["undo"]
    assert notice.details == ""
    two = imports.read(skipped=(skipped, skipped))
    assert two.text == "Imported 0 conversations, 2 could not be read."
    assert two.details.count("Broken") == 2
    assert imports.read().text == "There is no conversation in conversations.json."


def test_a_file_that_is_no_export_is_an_error_and_stopping_is_none(imports: Imports) -> None:
    error = UserError("This is no export.", "Choose another file.")
    notice = imports.read(skipped=(Skipped("", "It is no conversation."),), error=error)
    assert notice.level == "error"
    assert notice.text == "conversations.json: This is no export. Choose another file."
    imports.control.read("/somewhere/else.json")
    imports.control.act(CANCEL)
    assert imports.worker.cancelled == [imports.wanted[-1].ticket]
    imports.control.read("/a/third.json")
    assert "still being imported" in imports.notices[-1].text
    imports.control.on_told(ImportEnded(imports.wanted[-1].ticket, ReadingStopped("stopped")))
    assert imports.notices[-1].text == "The import was stopped."


def test_nothing_is_imported_where_nothing_can_be_kept(stage: Stage, imports: Imports) -> None:
    stage.store.read_only = True
    imports.control.read("/somewhere/conversations.json")
    assert imports.wanted == []
    assert imports.notices[-1].level == "warning"
