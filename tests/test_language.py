"""The language of the program: what is chosen, what a catalogue may say, numbers, plurals."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from app import language
from app.language import ctr, mark, ntr, number, tr

Catalogue = Callable[[str, Mapping[str, str]], None]
GERMANIC = "nplurals=2; plural=(n != 1);"
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
SYSTEM = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def compiled(texts: Mapping[str, str], plural: str = GERMANIC) -> bytes:
    """A .mo file; forms of a plural have "\\0" between them, a context stands before "\\4"."""
    head = f"Content-Type: text/plain; charset=utf-8\nPlural-Forms: {plural}\n"
    pairs = sorted((one.encode(), other.encode()) for one, other in {"": head, **texts}.items())
    at = 28 + 16 * len(pairs)
    tables, body = [b"", b""], b""
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<2I", len(pair[side]), at + len(body))
            body += pair[side] + b"\0"
    first = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return first + tables[0] + tables[1] + body


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the person nor the system has named a language, and nothing is kept of one."""
    for name in (language.VARIABLE, *SYSTEM):
        monkeypatch.delenv(name, raising=False)
    forget()
    yield
    forget()


def forget() -> None:
    language._load.cache_clear()
    language._of_system.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of catalogues, empty at first."""
    monkeypatch.setattr("app.language.resources.files", lambda _name: tmp_path)
    return tmp_path / "translations"


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    def write(code: str, texts: Mapping[str, str], plural: str = GERMANIC) -> None:
        place = folder / code / "LC_MESSAGES"
        place.mkdir(parents=True, exist_ok=True)
        (place / "cascade-desk.mo").write_bytes(compiled(texts, plural))

    return write  # type: ignore[return-value]


# ---- English -------------------------------------------------------------------------------


def test_english_is_what_the_sources_say(folder: Path) -> None:
    language.choose("en")
    assert tr("Stopped") == "Stopped"
    assert tr("Reading {name}", name="a.txt") == "Reading a.txt"
    assert ctr("menu", "Open {name}", name="x") == "Open x"
    assert mark("Later {name}") == "Later {name}"
    assert [ntr("{count} file", "{count} files", n) for n in (0, 1, 2, 1234)] == [
        "0 files", "1 file", "2 files", "1,234 files",
    ]  # fmt: skip
    assert tr("") == ""


def test_a_text_without_values_is_not_filled_in() -> None:
    assert tr("Write {braces} as {{ and }}") == "Write {braces} as {{ and }}"


def test_the_braces_of_a_value_stay() -> None:
    assert tr("Reading {name}", name="{count} {0.__class__}") == "Reading {count} {0.__class__}"


def test_a_value_may_be_called_anything() -> None:
    assert tr("{text} {self} {context}", text="a", self="b", context="c") == "a b c"
    assert ntr("{count} of {one}", "{count} of {one}", 2, one="x") == "2 of x"


# ---- which language -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "POSIX"),
        ({"LANG": "de_DE.UTF-8"}, "de_DE"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "es_ES.UTF-8"}, "es_ES"),
        ({"LANG": "fr_FR", "LC_MESSAGES": "es_ES", "LC_ALL": "it_IT"}, "it_IT"),
        ({"LANG": "fr_FR", "LANGUAGE": "de:fr"}, "de"),
        ({"LANG": "../../etc"}, "en"),
        ({"CASCADE_LANGUAGE": "de", "LANG": "fr_FR"}, "de"),
        ({"CASCADE_LANGUAGE": "de-AT"}, "de_AT"),
        ({"CASCADE_LANGUAGE": "../de", "LANG": "fr_FR"}, "fr_FR"),
        ({"CASCADE_LANGUAGE": ""}, "en"),
    ],
)
def test_what_is_chosen_comes_before_what_the_system_says(
    environment: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.language.locale.getlocale", lambda: (None, None))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language.language() == code
    assert language.spoken() in (code.partition("_")[0], "en")


def test_where_no_variable_names_one_the_system_is_asked(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue("de", {"Yes": "Ja"})
    monkeypatch.setattr("app.language.locale.getlocale", lambda: ("de_DE", "cp1252"))
    assert (tr("Yes"), language.spoken()) == ("Ja", "de")


def test_a_choice_holds_at_once_and_for_processes_started_later(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue("de", {"Yes": "Ja"})
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    language.choose("de")
    assert (tr("Yes"), os.environ["CASCADE_LANGUAGE"]) == ("Ja", "de")
    language.choose("en")
    assert tr("Yes") == "Yes"
    language.choose("")
    assert "CASCADE_LANGUAGE" not in os.environ
    assert language.language() == "en_GB"
    language.choose("../de")
    assert "CASCADE_LANGUAGE" not in os.environ


def test_a_process_speaks_the_language_of_the_one_that_started_it() -> None:
    environment = {**os.environ, "CASCADE_LANGUAGE": "pseudo"}
    command = [sys.executable, "-c", "from app.language import tr; print(ascii(tr('Stop')))"]
    said = subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout
    language.choose("pseudo")
    assert said.strip() == ascii(tr("Stop")) != ascii("Stop")


def test_a_kind_of_a_language_is_that_language(catalogue: Catalogue) -> None:
    catalogue("pt", {"Yes": "Sim"})
    catalogue("pt_BR", {"Yes": "Sim!"})
    for code, said, spoken in (("pt_PT", "Sim", "pt"), ("pt-BR", "Sim!", "pt_BR"), ("pt", "Sim", "pt")):
        language.choose(code)
        assert (tr("Yes"), language.spoken()) == (said, spoken)


def test_the_languages_to_choose_from(folder: Path, catalogue: Catalogue) -> None:
    assert language.languages() == ["en"]
    for code in ("fr", "de", "no language"):
        catalogue(code, {})
    (folder / "cascade-desk.pot").touch()
    assert language.languages() == ["en", "de", "fr"]


# ---- what a catalogue may say ----------------------------------------------------------------


def test_a_translation_may_turn_its_fields_round(catalogue: Catalogue) -> None:
    catalogue("de", {"{name} in {place}": "In {place}: {name}", "menu\4Open": "Öffnen", "Open": "Offen"})
    language.choose("de")
    assert tr("{name} in {place}", name="a", place="b") == "In b: a"
    assert (ctr("menu", "Open"), tr("Open"), ctr("door", "Open")) == ("Öffnen", "Offen", "Open")
    assert tr("Nobody translated {name}", name="x") == "Nobody translated x"


@pytest.mark.parametrize(
    "wrong",
    [
        "{nmae}", "{}", "{0}", "{name", "name}", "{name.__class__}", "{name[0]}", "{name!x}", "{name:d}",
        "{name:{width}}", "{other} {name}",
    ],
)  # fmt: skip
def test_a_wrong_field_in_a_translation_gives_the_english_text(wrong: str, catalogue: Catalogue) -> None:
    catalogue("de", {"Reading {name}": wrong})
    language.choose("de")
    assert tr("Reading {name}", name="a.txt") == "Reading a.txt"


def test_a_wrong_field_in_one_form_gives_the_english_form(catalogue: Catalogue) -> None:
    catalogue("de", {"{count} file\0{count} files": "{count} Datei\0{cuont} Dateien"})
    language.choose("de")
    assert ntr("{count} file", "{count} files", 1) == "1 Datei"
    assert ntr("{count} file", "{count} files", 3) == "3 files"


def test_no_attribute_and_no_item_of_a_value_can_be_reached(catalogue: Catalogue) -> None:
    class Secret:
        password = "hidden"

        def __str__(self) -> str:
            return "shown"

        def __getitem__(self, _key: object) -> str:
            return "hidden"

    catalogue("de", {"A {it}": "{it.password}", "B {it}": "{it[0]}", "C {it}": "{it!s}"})
    language.choose("de")
    assert [tr(f"{letter} {{it}}", it=Secret()) for letter in "ABC"] == ["A shown", "B shown", "shown"]


def test_three_forms_of_a_plural(folder: Path, catalogue: Callable[..., None]) -> None:
    catalogue("pl", {"{count} file\0{count} files": "{count} plik\0{count} pliki\0{count} plików"}, POLISH)
    language.choose("pl")
    said = {n: ntr("{count} file", "{count} files", n) for n in (0, 1, 2, 4, 5, 12, 22, 25)}
    assert said == {
        0: "0 plików", 1: "1 plik", 2: "2 pliki", 4: "4 pliki", 5: "5 plików", 12: "12 plików",
        22: "22 pliki", 25: "25 plików",
    }  # fmt: skip


@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "charset", "plural"])
def test_a_damaged_catalogue_is_as_good_as_none(damage: str, folder: Path, catalogue: Catalogue) -> None:
    whole = compiled({"Yes": "Ja"})
    content = {
        "empty": b"",
        "cut": whole[: len(whole) - 20],
        "noise": b"\xff" * 400,
        "charset": whole.replace(b"utf-8", b"uff-9"),
        "plural": compiled({"Yes": "Ja"}, "nplurals=2; plural=__import__('os');"),
    }[damage]
    catalogue("de", {})
    (folder / "de" / "LC_MESSAGES" / "cascade-desk.mo").write_bytes(content)
    language.choose("de_AT")
    assert (tr("Yes"), language.spoken()) == ("Yes", "en")
    assert ntr("{count} file", "{count} files", 2) == "2 files"


def test_a_catalogue_is_read_once_and_when_asked_for(folder: Path, catalogue: Catalogue) -> None:
    catalogue("de", {"Yes": "Ja"})
    language.choose("de")
    language.load()
    (folder / "de" / "LC_MESSAGES" / "cascade-desk.mo").unlink()
    assert tr("Yes") == "Ja"


# ---- numbers --------------------------------------------------------------------------------


def test_numbers_are_written_as_the_language_writes_them(catalogue: Catalogue) -> None:
    catalogue("de", {"{size:.1f} GB": "{size:.1f} GB"})
    language.choose("de_DE")
    assert number(1234567) == "1.234.567"
    assert number(1234.5, ",.1f") == "1.234,5"
    assert tr("{size:.1f} GB", size=18.25) == "18,2 GB"
    assert tr("{count}, {text}, {yes}", count=1234, text="1,234.5", yes=True) == "1.234, 1,234.5, True"
    assert tr("{path!r}", path="1.2") == "'1.2'"


def test_numbers_are_english_where_the_words_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system in French, of which there is no catalogue."""
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert language.language() == "fr_FR"
    assert (number(1234.5, ",.1f"), tr("{count} tokens", count=4096)) == ("1,234.5", "4,096 tokens")


# ---- the pseudo language ---------------------------------------------------------------------


def test_pseudo_is_longer_and_keeps_fields_mnemonics_and_tags() -> None:
    language.choose("pseudo")
    said = tr("&Open <b>{name}</b> now", name="file")
    assert said.startswith("⟦")
    assert said.endswith("⟧")
    assert "&O" in said
    assert "<b>file</b>" in said
    assert len(said) > len("&Open <b>file</b> now") * 1.2
    # a line of it breaks where another language's would
    assert max(map(len, tr("One two three four. " * 20).split())) < 12
    assert tr("Close") != "Close"
    assert ntr("{count} file", "{count} files", 1234).startswith("⟦1,234 ")
    assert ctr("menu", "Open") == tr("Open")
    assert language.spoken() == "pseudo"


def test_the_languages_that_come_with_the_program() -> None:
    assert language.languages()[:2] == ["en", "de"]
    language.choose("de")
    assert (tr("Stopped"), number(0.5, ".1f")) == ("Gestoppt", "0,5")
