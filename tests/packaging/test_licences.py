"""What may go into the program, and what stops the build."""

import json
import re
from importlib import metadata

import pytest

TEXT = [("LICENSE", b"words")]


@pytest.mark.parametrize(
    "licence",
    [
        "MIT", "BSD-3-Clause AND 0BSD AND MIT", "Apache Software License", "LGPL-3.0-only OR GPL-2.0-only",
        "Mozilla Public License 2.0 (MPL 2.0)", "GPL-3.0-or-later WITH GCC-exception-3.1",
        "MPL-2.0 AND (Apache-2.0 OR MIT)", "OFL-1.1", "PSF-2.0",
    ],
)  # fmt: skip
def test_an_allowed_licence_has_no_fault(licences, licence):
    assert list(licences.Part("lib", "1", licence, TEXT).faults()) == []


@pytest.mark.parametrize(
    "licence", ["", "UNKNOWN", "GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "Proprietary"]
)
def test_an_unknown_or_forbidden_licence_is_a_fault(licences, licence):
    (fault,) = licences.Part("lib", "1", licence, TEXT).faults()
    assert fault == f"lib: licence {licence!r} is not on the list"


def test_a_licence_without_its_text_is_a_fault(licences):
    assert list(licences.Part("lib", "1", "MIT").faults()) == ["lib: no text of its licence was found"]


def test_modules_and_files_lead_to_their_libraries(licences):
    found = licences.distributions(["jinja2.sandbox", "json"], [])
    assert [one.name.lower() for one in found] == ["jinja2"]
    lxml = metadata.distribution("lxml")
    file = next(str(lxml.locate_file(path)) for path in lxml.files if str(path).endswith(".so"))
    assert [one.name for one in licences.distributions([], [file])] == ["lxml"]


def test_a_library_that_leaves_its_text_out_gets_the_one_kept_here(licences):
    part = licences.library(metadata.distribution("PySide6_Essentials"))
    assert {"LGPL-3.0.txt", "GPL-3.0.txt"} <= {name for name, _text in part.texts}
    assert list(part.faults()) == []
    for names in licences.KEPT_TEXTS.values():
        assert all((licences.TEXTS / name).stat().st_size > 500 for name in names)


def test_every_library_that_the_project_needs_may_go_in(licences):
    faults = []
    for wanted in metadata.requires("cascade-desk"):
        if "extra ==" not in wanted:
            name = re.match(r"[\w.-]+", wanted)[0]
            faults += licences.library(metadata.distribution(name)).faults()
    assert faults == []


def test_a_system_library_without_a_known_licence_is_a_fault(licences):
    assert any("not on the list" in fault for fault in licences.debian_package("libnever9").faults())
    assert licences.debian_package("libxcb-icccm4").licence == "MIT"


def test_the_list_names_all_parts_and_a_fault_fails(licences, tmp_path, monkeypatch, capsys):
    parts = [licences.Part("Good One", "1", "MIT", TEXT), licences.Part("Bad", "2", "GPL-3.0", TEXT)]
    monkeypatch.setattr(licences, "collect", lambda _contents: parts)
    (tmp_path / "c.json").write_text(json.dumps({"modules": [], "files": []}))
    assert licences.main(str(tmp_path / "c.json"), str(tmp_path / "licences")) == 1
    assert "Bad: licence" in capsys.readouterr().err
    assert (tmp_path / "licences" / "Good-One" / "LICENSE").read_bytes() == b"words"
    assert "| Bad | 2 | GPL-3.0 |" in (tmp_path / "licences" / "LICENCES.md").read_text()
    parts.pop()
    assert licences.main(str(tmp_path / "c.json"), str(tmp_path / "licences")) == 0
    assert not (tmp_path / "licences" / "Bad").exists()
