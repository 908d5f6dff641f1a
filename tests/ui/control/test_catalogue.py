from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.errors import NetworkError, UserError
from app.models.catalogue import KNOWN
from app.models.gguf import read_model
from app.models.licence import Licence
from app.models.listing import Choice, HubFile, Listing
from app.models.local import local_model
from tests.ui.models import PLAIN
from ui.control.afterwards import Afterwards
from ui.control.catalogue import CatalogueControl
from ui.models.fit_column import Candidate, FitText, Recommendation
from ui.models.values import Card, Row
from ui.workers.hub import LocalFound

REPO = KNOWN[0].repo
IQ4 = f"hub:{REPO}:{KNOWN[0].files[0].path.removesuffix('.gguf')}"
OTHER = "someone/Small-GGUF"


def listing(repo: str = REPO, paths: Sequence[str] = (KNOWN[0].files[0].path,), **values: Any) -> Listing:
    choices = tuple(
        Choice(path.removesuffix(".gguf"), path[-11:-5], (HubFile(path, 18_000_000_000 + number, "0" * 64),))
        for number, path in enumerate(paths)
    )
    return replace(Listing(repo, "c" * 40, Licence("mit", "MIT"), False, choices, ()), **values)


class Session(QObject):
    """Where small values are kept."""

    restored = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, object] = {}

    def keep(self, key: str, value: object) -> None:
        self.kept[key] = value


class Teller:
    """Knows a machine."""

    def tell(self, size: int, layout: Any, tensors: Any) -> FitText | None:
        return FitText(f"{size} {bool(layout)} {bool(tensors)}", "good", "128K")

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        return Recommendation(candidates[-1].key, "It is the largest.")


class Stage:
    """The controller, all that it says, and a worker that answers when it is told to."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.session, self.afterwards = Session(), Afterwards()
        self.control = CatalogueControl(itertools.count(1), folder, self.session, self.afterwards)  # type: ignore[arg-type]
        self.said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for name in (
            *("list_wanted", "header_wanted", "scan_wanted", "remove_wanted", "groups_changed"),
            *("card_changed", "chosen", "message_changed", "fits_shown", "download_wanted", "load_wanted"),
            *("show_wanted", "page_wanted", "notice"),
        ):
            said = self.said[name]
            getattr(self.control, name).connect(lambda *values, said=said: said.append(values))

    def open(self) -> None:
        self.control.open()
        self.control.choose(self.last("chosen"))

    def last(self, name: str) -> Any:
        values = self.said[name][-1]
        return values[0] if len(values) == 1 else values

    def answer(self, found: Listing, at: int = -1) -> None:
        self.control.on_listed(self.said["list_wanted"][at][0], found)

    def refuse(self, error: UserError, at: int = -1) -> None:
        self.control.on_failed(self.said["list_wanted"][at][0], error)

    def scan(self, *found: LocalFound) -> None:
        self.control.on_scanned(self.last("scan_wanted")[0], found)

    def rows(self) -> dict[str, Row]:
        return {row.key: row for group in self.control.shelf.groups() for row in group.rows}

    def card(self) -> Card:
        card = self.control.shelf.card(self.control._key)
        assert card is not None
        return card


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Stage:
    return Stage(qtbot, tmp_path / "models")


@pytest.fixture
def found(stage: Stage, plain: Path) -> LocalFound:
    """A model in the app's own folder."""
    path = stage.folder / "someone" / "Small-GGUF" / "Small-Q4_0.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(plain.read_bytes())
    return LocalFound(local_model(path), read_model(path))


def test_the_overview_asks_nothing_of_the_network(qtbot: QtBot, tmp_path: Path) -> None:
    stage = Stage(qtbot, tmp_path)
    stage.control.look()
    assert stage.said["list_wanted"] == []
    assert len(stage.said["scan_wanted"]) == 1
    assert any(row.key == IQ4 for group in stage.last("groups_changed") for row in group.rows)
    stage.control.open()
    assert [repo for _, repo in stage.said["list_wanted"]] == [known.repo for known in KNOWN]


def test_nothing_is_asked_before_the_page_is_seen(stage: Stage) -> None:
    stage.control.on_model(replace(PLAIN, path="elsewhere/own.gguf"))
    stage.control.refresh_fits()
    assert not stage.said["list_wanted"]
    assert not stage.said["scan_wanted"]
    stage.open()
    assert [text for _, text in stage.said["list_wanted"]] == [known.repo for known in KNOWN]
    assert stage.last("chosen") == IQ4


def test_without_an_answer_the_known_files_stand_with_their_sizes(stage: Stage) -> None:
    stage.open()
    rows = stage.rows()
    assert (rows[IQ4].size, rows[IQ4].mark) == ("18.2 GB", "Recommended")
    assert rows[IQ4].detail
    assert rows[IQ4.replace("IQ4_XS", "Q8_0")].size == "about 33.6 GB"
    assert rows[IQ4].fits == rows[IQ4].longest == ""
    assert stage.card().about is not None
    assert any(fact.label == "Runs well on" for fact in stage.card().facts)
    stage.refuse(NetworkError("No connection.", "Check the network."), 0)
    note = stage.rows()[f"note:{REPO}"]
    assert note.note
    assert "No connection. Check the network." in note.name
    assert "Sizes as known" in note.name


def test_what_is_listed_takes_the_place_of_what_was_known(stage: Stage) -> None:
    stage.open()
    stage.refuse(NetworkError("No connection."), 0)
    stage.control.refresh()
    stage.answer(listing(left_out=("b.gguf has no published SHA-256.",)), -2)
    rows = stage.rows()
    assert rows[IQ4].size == "18.0 GB"
    assert f"note:{REPO}" not in rows
    assert "Left out: b.gguf" in rows[f"note:{REPO}:0"].name


def test_fits_are_said_only_by_who_knows_the_machine(stage: Stage, hybrid: Path) -> None:
    stage.open()
    stage.answer(listing(paths=[file.path for file in KNOWN[0].files]), 0)
    stage.control.set_teller(Teller())
    assert stage.last("fits_shown") is True
    assert stage.rows()[IQ4].fits == "18000000000 True False"  # the real model is known
    stage.control._on_linger()
    request, _, choice = stage.last("header_wanted")
    assert choice.name in IQ4
    stage.control.on_header(request, read_model(hybrid))
    rows = stage.rows()
    assert (rows[IQ4].fits, rows[IQ4].tone) == ("18000000000 True True", "good")
    assert rows[IQ4.replace("IQ4_XS", "Q8_0")].fits == "18000000003 True False"
    best = stage.control.shelf.recommendation()
    assert best is not None
    assert rows[best.key].detail == "It is the largest."
    assert stage.last("chosen") == best.key  # the choice follows while the person has made none


class Clueless(Teller):
    """Knows a machine on which nothing fits."""

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        return None


def test_where_nothing_can_be_recommended_the_real_model_is_still_shown(stage: Stage) -> None:
    stage.control.set_teller(Clueless())
    stage.open()
    assert stage.last("chosen") == IQ4
    assert stage.rows()[IQ4].mark == ""
    assert stage.card().why == ""
    stage.control.set_teller(Teller())
    assert stage.last("chosen") != IQ4, "the choice follows what is known later"


def test_the_card_tells_what_the_header_says(stage: Stage, hybrid: Path) -> None:
    stage.open()
    stage.answer(listing(), 0)
    stage.qtbot.waitUntil(lambda: bool(stage.said["header_wanted"]))
    stage.control._on_linger()
    assert len(stage.said["header_wanted"]) == 1, "asked only once"
    stage.control.on_failed(stage.last("header_wanted")[0], NetworkError("No connection."))
    assert "No connection." in stage.card().problem
    stage.control._on_linger()
    assert stage.card().problem == ""
    stage.control.on_header(stage.last("header_wanted")[0], read_model(hybrid))
    facts = {fact.label: fact.value for fact in stage.card().facts}
    assert facts["Architecture"] == "nemotron_h_moe"
    assert facts["Blocks"] == "8: 3 recurrent, 2 attention, 3 experts"
    assert facts["Context it was made for"] == "1,048,576 tokens"
    assert facts["Experts"] == "8, 2 for each token"


def test_the_header_is_read_also_where_the_hub_answers_late(stage: Stage) -> None:
    stage.open()
    stage.qtbot.waitUntil(lambda: not stage.control._linger.isActive())
    assert not stage.said["header_wanted"]
    stage.answer(listing(), 0)
    stage.qtbot.waitUntil(lambda: bool(stage.said["header_wanted"]))


def test_a_repository_is_looked_up_and_only_the_last_one_counts(stage: Stage) -> None:
    stage.open()
    stage.control.find(" one/first ")
    stage.control.find("two/second")
    stage.answer(listing("one/first", ["a-Q4_0.gguf"]), -2)
    assert "hub:one/first:a-Q4_0" not in stage.rows()
    stage.refuse(UserError("There is no two/second.", "Check the name."))
    assert stage.last("message_changed") == ("There is no two/second. Check the name.", "warning", True)
    stage.control.find("two/second")
    assert stage.last("message_changed") == ("Looking for two/second…", "", False)
    stage.answer(listing("Two/Second", ["b-Q4_0.gguf"]))
    assert stage.last("chosen") == "hub:Two/Second:b-Q4_0"
    assert stage.last("message_changed") == ("", "", False)
    stage.control.choose("hub:Two/Second:b-Q4_0")
    assert stage.card().about is None


def test_names_from_a_repository_are_one_clean_line(stage: Stage) -> None:
    stage.open()
    stage.control.find(OTHER)
    stage.answer(listing(OTHER, ["\u202ea\n<b>-Q4_0.gguf"], left_out=("c\n" * 500,)))
    for row in stage.rows().values():
        assert "\n" not in row.name
        assert "\u202e" not in row.name
        assert len(row.name) <= 240


def test_a_download_begins_when_its_repository_answers(stage: Stage) -> None:
    stage.open()
    stage.control.act(IQ4, "download")
    assert stage.last("list_wanted")[1] == REPO
    stage.answer(listing(KNOWN[1].repo, [KNOWN[1].files[0].path]), 1)
    assert not stage.said["download_wanted"]
    stage.answer(listing())
    found, choice = stage.last("download_wanted")
    assert (found.repo, f"hub:{REPO}:{choice.name}") == (REPO, IQ4)


def test_a_file_that_is_not_there_any_more_is_not_downloaded(stage: Stage) -> None:
    stage.open()
    stage.control.act(IQ4, "download")
    stage.answer(listing(paths=["renamed-IQ4_XS.gguf"]))
    assert "not hold this file any more" in stage.last("notice").text
    assert not stage.said["download_wanted"]


def test_a_download_that_cannot_be_listed_says_so(stage: Stage) -> None:
    stage.open()
    stage.control.act(IQ4, "download")
    stage.refuse(NetworkError("No connection."))
    assert "could not begin. No connection." in stage.last("notice").text
    stage.answer(listing(), 0)
    assert not stage.said["download_wanted"]


def test_a_model_is_removed_once_undo_is_over(stage: Stage, found: LocalFound) -> None:
    stage.open()
    stage.scan(found)
    key = f"file:{found.model.files[0]}"
    stage.control.choose(key)
    assert [action.id for action in stage.card().others] == ["folder", "remove"]
    stage.control.act(key, "remove")
    assert key not in stage.rows()
    stage.afterwards.act(f"after:{key}")
    assert key in stage.rows()
    assert not stage.said["remove_wanted"]
    stage.control.act(key, "remove")
    stage.afterwards.settle_all()
    assert stage.last("remove_wanted")[1] == [str(found.model.files[0])]
    assert key not in stage.rows()


def test_the_loaded_model_is_marked_and_cannot_be_removed(stage: Stage, found: LocalFound) -> None:
    stage.open()
    stage.scan(found)
    path = str(found.model.files[0])
    stage.control.act(f"file:{path}", "load")
    assert stage.last("load_wanted") == path
    stage.control.on_model(replace(PLAIN, path=path))
    assert stage.rows()[f"file:{path}"].mark == "Loaded"
    card = stage.control.shelf.card(f"file:{path}")
    assert card is not None
    assert card.primary is not None
    assert not card.primary.enabled
    stage.control.act(f"file:{path}", "remove")
    stage.afterwards.settle_all()
    assert not stage.said["remove_wanted"]


def test_one_that_is_loaded_after_its_removal_stays(stage: Stage, found: LocalFound) -> None:
    stage.open()
    stage.scan(found)
    path = str(found.model.files[0])
    stage.control.act(f"file:{path}", "remove")
    stage.control.on_model(replace(PLAIN, path=path))
    stage.afterwards.settle_all()
    assert not stage.said["remove_wanted"]
    assert stage.rows()[f"file:{path}"].mark == "Loaded"


def test_files_of_the_person_are_listed_and_forgotten_never_deleted(
    stage: Stage, tmp_path: Path, plain: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(plain.read_bytes())
    stage.session.restored.emit({"model_places": [str(tmp_path / "kept"), 7]})
    stage.control.on_model(replace(PLAIN, path=str(own)))
    assert stage.session.kept["model_places"] == [str(tmp_path / "kept"), str(own)]
    stage.open()
    assert stage.last("scan_wanted")[1][:2] == [str(tmp_path / "kept"), str(own)]
    stage.scan(LocalFound(local_model(own), read_model(own)))
    key = f"file:{own}"
    card = stage.control.shelf.card(key)
    assert card is not None
    assert [action.id for action in card.others] == ["folder", "forget"]
    stage.control.act(key, "remove")
    assert key in stage.rows()
    stage.control.act(key, "forget")
    assert stage.session.kept["model_places"] == [str(tmp_path / "kept")]
    assert not stage.said["remove_wanted"]


def test_a_file_that_was_typed_comes_on_the_list_and_is_chosen(stage: Stage, plain: Path) -> None:
    stage.open()
    stage.control.find(str(plain))
    stage.control.on_file_named(stage.last("list_wanted")[0], str(plain))
    stage.scan(LocalFound(local_model(plain), read_model(plain)))
    assert stage.last("chosen") == f"file:{plain}"


def test_only_the_newest_scan_counts(stage: Stage, found: LocalFound) -> None:
    stage.open()
    old = stage.last("scan_wanted")[0]
    stage.control.on_downloaded()
    stage.control.on_scanned(old, (found,))
    assert not stage.control.shelf.local
    stage.scan(found)
    assert stage.control.shelf.local == (found,)


def test_what_is_here_or_on_its_way_is_marked_among_the_offers(stage: Stage, found: LocalFound) -> None:
    stage.open()
    stage.control.find(OTHER)
    stage.answer(listing(OTHER, ["Small-Q4_0.gguf", "Small-Q8_0.gguf"]))
    stage.scan(found)
    stage.control.on_fetching(frozenset({(OTHER, "Small-Q8_0")}))
    rows = stage.rows()
    assert rows[f"hub:{OTHER}:Small-Q4_0"].mark == "On this machine"
    assert rows[f"hub:{OTHER}:Small-Q8_0"].mark == "Downloading"
    stage.control.act(f"hub:{OTHER}:Small-Q4_0", "load")
    assert stage.last("load_wanted") == str(found.model.files[0])
    stage.control.act(f"hub:{OTHER}:Small-Q4_0", "page")
    assert stage.last("page_wanted") == OTHER
