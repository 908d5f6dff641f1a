"""What is wrong with a folder that was built, and what is taken out of it."""

import os
import shutil
import subprocess
import sys

import pytest

DOUBLE = b"x" * (64 * 1024)


@pytest.fixture
def program(freeze, tmp_path):
    """A folder with all that must be there."""
    for number, name in enumerate(freeze.wanted()):
        path = tmp_path / "_internal" / name.replace("*", f"of-{number}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_a_whole_folder_has_no_fault(freeze, program):
    assert freeze.faults(program) == []


def test_everything_that_must_be_there_is_missed(freeze, program):
    for path in sorted((program / "_internal").rglob("*")):
        if path.is_file():
            kept = path.read_bytes()
            path.unlink()
            assert freeze.faults(program) == [f"missing: {kept.decode()}"]
            path.write_bytes(kept)


def test_the_words_of_each_language_must_be_there(freeze, tmp_path, monkeypatch):
    monkeypatch.setattr(freeze, "ROOT", tmp_path)
    assert not any("translations" in name for name in freeze.wanted())
    catalogue = tmp_path / "resources" / "translations" / "de" / "LC_MESSAGES" / "cascade-desk.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_bytes(b"")
    assert "translations/de/LC_MESSAGES/cascade-desk.mo" in freeze.wanted()


def test_a_link_to_nowhere_and_large_doubles_are_faults(freeze, program):
    (program / "gone.so").symlink_to("nothing.so.0")
    for name in ("a.so", "b.so"):
        (program / name).write_bytes(DOUBLE)
        (program / f"small-{name}").write_bytes(DOUBLE[1:])
    (program / "c.so").symlink_to("a.so")
    nowhere, twice = freeze.faults(program)
    assert nowhere == f"leads nowhere: {program / 'gone.so'}"
    assert sorted(twice.removeprefix("there more than once: ").split(", ")) == ["a.so", "b.so"]


def test_links_weigh_nothing(freeze, tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to("a")
    assert freeze.size(tmp_path) == 5


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("strip"), reason="no strip here")
def test_symbols_are_taken_out_of_python_only(freeze, tmp_path):
    library = os.path.realpath(sys.executable)
    inside, outside = tmp_path / "_internal" / "libpython3.99.so.1.0", tmp_path / "_internal" / "libother.so"
    inside.parent.mkdir()
    for path in (inside, outside):
        shutil.copy(library, path)
    before = outside.read_bytes()
    freeze.strip(tmp_path)
    assert outside.read_bytes() == before
    listed = subprocess.run(["readelf", "-S", inside], capture_output=True, text=True, check=True).stdout
    assert ".debug_info" not in listed
    assert ".text" in listed
