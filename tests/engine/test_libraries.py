"""Builds of llama.cpp that a person put there: where they are looked for, and which are not touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.engine import libraries
from app.engine.libraries import BINDING_VARIABLE, MARK, VARIABLE, Libraries, file_names, found, unsafe


def build(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / file_names()[0]).write_bytes(b"a library")
    return folder


def test_what_was_named_comes_first_then_the_data_folder_by_name_then_the_program(tmp_path: Path) -> None:
    named, beside = build(tmp_path / "mine"), build(tmp_path / "program/gpu")
    second, first = build(tmp_path / "data/llama/vulkan"), build(tmp_path / "data/llama/cuda")
    (tmp_path / "data/llama/empty").mkdir()
    (tmp_path / "data/llama/libllama.so").write_bytes(b"no folder")
    listed = found(tmp_path / "data/llama", tmp_path / "program", str(named))
    assert listed == [named, first, second, beside]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert found(tmp_path / "none", tmp_path / "nowhere", str(tmp_path / "nobody")) == []
    assert found(None) == []


def test_never_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "gpu")
    monkeypatch.chdir(tmp_path)
    assert found(None, None, "gpu") == []
    assert found(None, None, ".") == []


def test_an_archive_of_builds_is_not_tried_whole(tmp_path: Path) -> None:
    for number in range(20):
        build(tmp_path / f"{number:02d}")
    assert len(found(tmp_path)) == 8


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("where", ["folder", "file"])
def test_what_everybody_can_write_to_is_not_used_and_that_is_told_once(tmp_path: Path, where: str) -> None:
    folder = build(tmp_path / "llama/cuda")
    assert not unsafe(folder)
    (folder if where == "folder" else folder / file_names()[0]).chmod(0o777)
    assert unsafe(folder)
    ours = Libraries(tmp_path / "llama")
    assert VARIABLE not in ours.environment()
    told = ours.untried()
    assert [(one.folder, one.kind, one.ended) for one in told] == [(str(folder), "unsafe", False)]
    assert "others can change" in libraries.refusal_text(told[0])
    assert ours.untried() == []


def test_a_folder_that_went_is_not_used(tmp_path: Path) -> None:
    assert unsafe(tmp_path / "gone")


def test_each_refusal_leads_to_the_next_build_and_then_to_the_one_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    monkeypatch.setenv(BINDING_VARIABLE, str(tmp_path / "nothing"))
    ours = Libraries(tmp_path)
    assert ours.environment()[VARIABLE] == str(first)
    refused = ours.refuse("signal SIGABRT", ["a line"])
    assert refused is not None
    assert (refused.folder, refused.kind, refused.lines) == (str(first), "crash", ("a line",))
    assert "signal SIGABRT" in refused.why
    environment = ours.environment()
    assert environment[VARIABLE] == str(second)
    assert BINDING_VARIABLE not in environment, "the binding would load another build"
    assert ours.refuse("exit code 3", ["noise", f"{MARK}load: no such file", "noise"]) is not None
    assert VARIABLE not in ours.environment()
    assert ours.refuse("exit code 1", []) is None, "the libraries inside are not refused"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("version: 0.1.2 llama-cpp-python-0.3", "version 0.1.2, and this app needs llama-cpp-python-0.3"),
        ("other: undefined symbol: llama_x", "another version of llama.cpp"),
        ("load: libcuda.so.1 is not there", "the system can't load it (libcuda.so.1 is not there)"),
    ],
)
def test_why_in_words(tmp_path: Path, said: str, words: str) -> None:
    build(tmp_path / "a")
    ours = Libraries(tmp_path)
    ours.environment()
    refused = ours.refuse("exit code 3", [MARK + said])
    assert refused is not None
    assert words in refused.why
    assert refused.kind == said.partition(":")[0]


def test_a_long_path_keeps_its_end() -> None:
    told = libraries.refusal_text(
        libraries.LibrariesRefused("/" + "deep/" * 200 + "cuda", "crash", "it is broken")
    )
    assert len(told) < 400
    assert "…" in told
    assert "/cuda can't be used: it is broken." in told


def test_the_process_that_measures_has_the_same_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_in_use", "")
    folder = build(tmp_path / "a")
    ours = Libraries(tmp_path)
    ours.environment()
    assert libraries.in_use() == "", "it has not been seen to work"
    ours.became_ready()
    assert libraries.in_use() == str(folder)
    assert libraries.environment_for(libraries.in_use())[VARIABLE] == str(folder)
