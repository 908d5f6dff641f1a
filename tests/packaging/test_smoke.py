"""Trying the frozen program out: a program that does not do what it should is found."""

import os
import sqlite3
import sys

import pytest

from app.paths import self_command


@pytest.fixture
def program(tmp_path):
    """A program that does what the test says."""

    def make(script):
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make


def test_nothing_of_this_machine_is_handed_on(smoke, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "here")
    assert smoke.environment(tmp_path) == {"HOME": str(tmp_path), "PATH": "", "LANG": "C.UTF-8"}
    assert smoke.environment(tmp_path, ":3")["DISPLAY"] == ":3"


def test_the_apps_clients_start_the_program_and_all_is_as_before(smoke, tmp_path):
    before = dict(os.environ), sys.executable, list(sys.path)
    with smoke.in_its_place(tmp_path / "program", tmp_path):
        assert self_command("math-process") == [str(tmp_path / "program"), "math-process"]
        assert os.environ["PATH"] == ""
    assert (dict(os.environ), sys.executable, list(sys.path)) == before
    assert not hasattr(sys, "frozen")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_an_answer_is_taken_and_none_is_a_failure(smoke, program, tmp_path):
    assert smoke.said(program("echo Yes $*"), tmp_path, "ask", "it") == "Yes ask it"
    for script in ("exit 0", "echo no >&2; exit 1"):
        with pytest.raises(smoke.SmokeError, match="ask ended with"):
            smoke.said(program(script), tmp_path, "ask")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_program_that_does_not_know_its_versions_is_a_failure(smoke, program, tmp_path):
    assert smoke.doctor(program("echo '1 (frozen)'; echo Fine"), tmp_path) == "Fine"
    for script in ("echo '1 (frozen)'; echo Qt: not known", "echo 1"):
        with pytest.raises(smoke.SmokeError, match="doctor: "):
            smoke.doctor(program(script), tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize("name", ["formula", "colours", "document", "memory", "exports"])
def test_a_process_that_says_nothing_is_a_failure(smoke, program, tmp_path, monkeypatch, name):
    tried = getattr(smoke, name)
    for other in ("formula", "colours", "document", "template", "memory", "exports"):
        monkeypatch.setattr(smoke, other, tried)
    with smoke.in_its_place(program("exit 1"), tmp_path), pytest.raises(smoke.SmokeError):
        next(smoke.processes(tmp_path))


def test_what_does_not_happen_is_named(smoke):
    smoke.until("a thing", 0.0, lambda: True)
    with pytest.raises(smoke.SmokeError, match="not within 0 s: a thing"):
        smoke.until("a thing", 0.0, lambda: False)


def test_only_whole_answers_with_words_count(smoke, tmp_path):
    assert smoke.answers(tmp_path) == 0
    (tmp_path / "conversations").mkdir()
    base = sqlite3.connect(tmp_path / "conversations" / "a.sqlite3")
    assert smoke.answers(tmp_path) == 0
    base.executescript(
        "CREATE TABLE message (number INTEGER, role TEXT, opened REAL);"
        "CREATE TABLE part (message INTEGER, text TEXT);"
        "INSERT INTO message VALUES (1, 'user', NULL), (2, 'assistant', NULL), (3, 'assistant', 5.0),"
        " (4, 'assistant', NULL);"
        "INSERT INTO part VALUES (1, 'q'), (2, 'a'), (3, 'half'), (4, '');"
    )
    base.close()
    assert smoke.answers(tmp_path) == 1
