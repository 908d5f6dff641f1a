from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.errors import DiskFullError, LicenceError, NetworkError, UserError
from app.models.downloads import DownloadRemoved, DownloadStatus, State
from app.models.licence import Licence
from app.models.listing import Choice, HubFile, Listing
from ui.control.afterwards import Afterwards
from ui.control.downloads import DownloadControl, row, summary

GIGA = 10**9
CHOICE = Choice("Small-Q4_0", "Q4_0", (HubFile("Small-Q4_0.gguf", 4 * GIGA, "0" * 64),))
LISTING = Listing("someone/Small-GGUF", "c" * 40, Licence("mit", "MIT", "", "LICENSE"), False, (CHOICE,), ())
RUNNING = DownloadStatus("1", "Small-Q4_0", LISTING.repo, State.RUNNING, GIGA, 4 * GIGA, 31.2e6, 90.0)


class Stage:
    """The controller, and all that it says."""

    def __init__(self) -> None:
        self.free = True
        self.afterwards = Afterwards()
        self.control = DownloadControl(itertools.count(1), lambda: self.free, self.afterwards)
        self.said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for name in (
            *("add_wanted", "licence_wanted", "accept_wanted", "command_wanted", "rows_changed"),
            *("summary_changed", "licence_shown", "fetching_changed", "load_wanted", "notice"),
        ):
            said = self.said[name]
            getattr(self.control, name).connect(lambda *values, said=said: said.append(values))

    def last(self, name: str) -> Any:
        values = self.said[name][-1]
        return values[0] if len(values) == 1 else values

    def ask(self) -> int:
        """Ask for a download; the request's id."""
        self.control.download(LISTING, CHOICE)
        return self.last("add_wanted")[0]

    def refuse(self, request: int, error: UserError) -> None:
        self.control.on_failed(request, error)


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage()


def test_the_licence_is_read_shown_and_accepted_before_the_download(stage: Stage) -> None:
    stage.refuse(stage.ask(), LicenceError("Not accepted."))
    assert stage.last("licence_shown").state == "reading"
    stage.control.on_licence(stage.last("licence_wanted")[0], "Do what is right.")
    ask = stage.last("licence_shown")
    assert (ask.name, ask.model, ask.text, ask.state) == ("MIT", CHOICE.name, "Do what is right.", "there")
    stage.control.accept()
    request, licence, repo = stage.last("accept_wanted")
    assert (licence, repo) == (LISTING.licence, LISTING.repo)
    stage.control.on_accepted(request)
    assert stage.last("licence_shown") is None
    assert len(stage.said["add_wanted"]) == 2


def test_without_a_text_there_is_an_address(stage: Stage) -> None:
    listing = replace(LISTING, licence=Licence("repository:someone/Small-GGUF"))
    stage.control.download(listing, CHOICE)
    stage.refuse(stage.last("add_wanted")[0], LicenceError("Not accepted."))
    ask = stage.last("licence_shown")
    assert ask.state == "there"
    assert ask.link.endswith("/someone/Small-GGUF")
    assert not stage.said["licence_wanted"]


def test_a_text_that_cannot_be_read_can_be_tried_again(stage: Stage) -> None:
    stage.refuse(stage.ask(), LicenceError("Not accepted."))
    stage.refuse(stage.last("licence_wanted")[0], NetworkError("No connection."))
    assert stage.last("licence_shown").problem == "text"
    assert "No connection" in stage.last("licence_shown").state
    stage.control.read_again()
    assert stage.last("licence_shown").state == "reading"
    stage.control.decline()
    stage.control.on_licence(stage.last("licence_wanted")[0], "Too late")
    assert stage.last("licence_shown") is None


def test_what_cannot_begin_is_said(stage: Stage) -> None:
    stage.refuse(stage.ask(), UserError("Another version is being downloaded.", "Cancel that one first."))
    assert "Cancel that one" in stage.last("notice").text
    stage.refuse(99, UserError("Of somebody else."))
    assert len(stage.said["notice"]) == 1


def test_progress_is_told_in_rows_and_in_one_line(stage: Stage) -> None:
    stage.control.on_told(RUNNING)
    (shown,) = stage.last("rows_changed")
    assert shown.words == "1.0 GB of 4.0 GB · 31 MB/s · about 90 s left".replace("90 s", "2 min")
    assert (shown.percent, shown.buttons) == (25, ("pause", "cancel"))
    assert stage.last("summary_changed") == "Downloading Small-Q4_0 25 %"
    assert stage.last("fetching_changed") == {(LISTING.repo, "Small-Q4_0")}
    stage.control.on_told(DownloadRemoved("1"))
    assert stage.last("rows_changed") == ()
    assert stage.last("summary_changed") == ""
    assert stage.last("fetching_changed") == frozenset()


@pytest.mark.parametrize(
    ("status", "words", "buttons"),
    [
        ({"state": State.QUEUED}, "Waits for its turn", ("pause", "cancel")),
        ({"state": State.VERIFYING}, "Checking what is here: 1.0 GB of 4.0 GB", ("pause", "cancel")),
        ({"state": State.PAUSED}, "Paused at 1.0 GB of 4.0 GB", ("resume", "cancel")),
        ({"speed": None, "eta_s": None}, "1.0 GB of 4.0 GB", ("pause", "cancel")),
        (
            {"state": State.WAITING, "error": NetworkError("It was cut."), "retry_in_s": 3.6},
            "It was cut. Trying again in 4 s · 1.0 GB of 4.0 GB",
            ("pause", "cancel"),
        ),
        (
            {"state": State.FAILED, "error": DiskFullError("No room.", "Make some.")},
            "No room. Make some.",
            ("retry", "cancel"),
        ),
    ],
)
def test_each_state_in_words(status: dict[str, Any], words: str, buttons: tuple[str, ...]) -> None:
    shown = row(replace(RUNNING, **status))
    assert (shown.words, shown.buttons) == (words, buttons)


def test_several_in_one_line() -> None:
    whole = replace(RUNNING, id="2", done=4 * GIGA - 1)
    assert summary([RUNNING, whole]) == "Downloading 2 models 62 %"
    assert summary([whole]) == "Downloading Small-Q4_0 99 %"
    assert summary([replace(RUNNING, state=State.PAUSED)]) == "Download paused"
    assert summary([replace(RUNNING, state=State.FAILED)]) == "A download has stopped"
    assert summary([]) == ""


def test_a_cancelled_one_is_discarded_when_it_is_too_late_to_undo(stage: Stage) -> None:
    stage.control.on_told(RUNNING)
    stage.control.act("1", "pause")
    stage.control.act("1", "retry")
    stage.control.act("1", "cancel")
    stage.control.on_told(replace(RUNNING, state=State.CANCELLED))
    assert stage.last("rows_changed") == ()
    stage.afterwards.act("after:1")
    stage.control.act("1", "cancel")
    stage.afterwards.settle_all()
    commands = [command for _, command in stage.said["command_wanted"]]
    assert commands == ["pause", "resume", "cancel", "resume", "cancel", "discard"]


@pytest.mark.parametrize(("own", "free"), [(True, True), (True, False), (False, True)])
def test_what_has_arrived_is_loaded_only_where_it_takes_nobody_s_place(
    stage: Stage, own: bool, free: bool
) -> None:
    stage.free = free
    if own:
        stage.ask()
    stage.control.on_told(replace(RUNNING, state=State.DONE, path=Path("models") / "small.gguf"))
    assert stage.last("command_wanted") == ("1", "discard")
    if own and free:
        assert stage.last("load_wanted") == str(Path("models") / "small.gguf")
        assert not stage.said["notice"]
    else:
        assert not stage.said["load_wanted"]
        stage.control.on_acted(stage.last("notice").action)
        assert stage.last("load_wanted") == str(Path("models") / "small.gguf")
