"""The catalogues that come with the program: they are up to date, and no translation loses a part."""

from __future__ import annotations

import gettext
import io
import re
import string
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "resources" / "translations"
LANGUAGES = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
#: What a text ends with and its translation has to.
_END = re.compile(r"(\.\.\.|[.…:?,;)])?\s*$")

Key = tuple[str, str]


def texts(catalog: Catalog) -> dict[Key, Message]:
    """The messages by their texts and contexts."""
    found = [message for message in catalog if message.id]
    return {(message.context or "", "\0".join(_all(message.id))): message for message in found}


def _all(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def fields(text: str) -> set[tuple[str, str | None]]:
    """The fields of a text and how each is written; their order may change."""
    return {(name, kind) for _, name, _, kind in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def sources() -> dict[str, Catalog]:
    return {}


@pytest.fixture
def template(i18n: ModuleType, sources: dict[str, Catalog]) -> Catalog:
    """Every text of the sources, gathered once."""
    if not sources:
        sources["all"] = i18n.extracted()
    return sources["all"]


@pytest.fixture(params=LANGUAGES)
def catalog(request: pytest.FixtureRequest, i18n: ModuleType) -> Catalog:
    return i18n.read(TRANSLATIONS / request.param / "LC_MESSAGES" / "cascade-desk.po")


def test_german_is_there() -> None:
    assert "de" in LANGUAGES


def test_the_template_holds_the_texts_of_the_sources(i18n: ModuleType, template: Catalog) -> None:
    kept = texts(i18n.read(TRANSLATIONS / "cascade-desk.pot"))
    assert len(kept) > 400
    assert set(kept) == set(texts(template)), "make i18n has not been run"


def test_a_catalogue_holds_the_texts_of_the_sources(catalog: Catalog, template: Catalog) -> None:
    assert set(texts(catalog)) == set(texts(template)), "make i18n has not been run"


def test_what_the_program_reads_is_what_the_translator_wrote(catalog: Catalog, i18n: ModuleType) -> None:
    name = catalog.locale_identifier
    compiled = (TRANSLATIONS / str(name) / "LC_MESSAGES" / "cascade-desk.mo").read_bytes()
    assert compiled == i18n.mo_bytes(catalog), "make i18n has not been run"
    read = gettext.GNUTranslations(io.BytesIO(compiled))
    for message in texts(catalog).values():
        if isinstance(message.id, str) and message.string:
            got = read.pgettext(message.context, message.id) if message.context else read.gettext(message.id)
            assert got == message.string
        elif not isinstance(message.id, str) and all(message.string):
            got = [read.ngettext(*message.id, n) for n in (1, 2)]
            assert got == list(message.string)[:2]


def test_running_it_again_changes_nothing(catalog: Catalog, template: Catalog, i18n: ModuleType) -> None:
    before = i18n.po_bytes(catalog)
    i18n.update(catalog, template)
    assert i18n.po_bytes(catalog) == before


def test_each_translation_keeps_what_its_text_has(catalog: Catalog) -> None:
    """Fields and how they are written, one mnemonic, the white space and the sign at the ends."""
    for message in texts(catalog).values():
        sources = _all(message.id)
        for number, said in enumerate(_all(message.string)):
            if not said:
                continue
            meant = sources[min(number, len(sources) - 1)]
            assert fields(said) == fields(meant), said
            assert len(re.findall(r"&\w", said)) == len(re.findall(r"&\w", meant)), said
            assert re.match(r"\s*", said)[0] == re.match(r"\s*", meant)[0], said  # type: ignore[index]
            assert _END.search(said)[0] == _END.search(meant)[0], said  # type: ignore[index]
            assert said.count("\n") == meant.count("\n"), said
            assert re.findall(r"</?\w+", said) == re.findall(r"</?\w+", meant), said


def test_german_is_whole(i18n: ModuleType) -> None:
    german = texts(i18n.read(TRANSLATIONS / "de" / "LC_MESSAGES" / "cascade-desk.po"))
    missing = [key for key, message in german.items() if not all(_all(message.string)) or message.fuzzy]
    assert missing == []


def test_german_does_not_say_du(i18n: ModuleType) -> None:
    german = texts(i18n.read(TRANSLATIONS / "de" / "LC_MESSAGES" / "cascade-desk.po"))
    said = [one for message in german.values() for one in _all(message.string)]
    assert [one for one in said if re.search(r"\b(du|dir|dich|deine?[nmrs]?|euch|euer)\b", one, re.I)] == []
    assert [one for one in said if re.search(r"[“\"][^“”„\"]*[”\"]", one) and "„" not in one] == []


# ---- the program itself ----------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, i18n: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources of a few texts, with nothing translated."""
    for folder in ("app", "ui"):
        (tmp_path / folder).mkdir()
    (tmp_path / "app" / "one.py").write_text(
        "from app.language import ctr, mark, ntr, tr\n"
        'A = mark("Stopped")\n'
        'def f():\n    tr("Reading {name}", name=x)\n    ntr("{count} file", "{count} files", 2)\n'
        '    ctr("menu", "Open")\n    keeper.mark("no text")\n    print(f"{tr(\'100 % done\')}")\n'
    )
    (tmp_path / "ui" / "two.py").write_text(
        'from app.language import tr\ndef f():\n    tr("Stop" "ped")\n    tr(A)\n'
    )
    translations = tmp_path / "resources" / "translations"
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    monkeypatch.setattr(i18n, "TRANSLATIONS", translations)
    monkeypatch.setattr(i18n.catalogues, "__defaults__", (translations,))
    monkeypatch.setattr(i18n.extracted, "__defaults__", (tmp_path,))
    return tmp_path


def test_every_text_is_found_once(project: Path, i18n: ModuleType) -> None:
    found = texts(i18n.extracted(project))
    assert set(found) == {
        ("", "Stopped"), ("", "Reading {name}"), ("", "{count} file\0{count} files"), ("menu", "Open"),
        ("", "100 % done"),
    }  # fmt: skip
    assert [name for name, _ in found["", "Stopped"].locations] == ["app/one.py", "ui/two.py"]


def test_a_catalogue_follows_the_sources_and_guesses_nothing(project: Path, i18n: ModuleType) -> None:
    assert i18n.main(["--new", "pl"]) == 0
    path = project / "resources" / "translations" / "pl" / "LC_MESSAGES" / "cascade-desk.po"
    begun = path.read_text()
    assert "nplurals=" in begun
    assert "Date" not in begun
    path.write_text(begun.replace('msgid "Stopped"\nmsgstr ""', 'msgid "Stopped"\nmsgstr "Zatrzymano"'))
    source = project / "ui" / "two.py"
    source.write_text(source.read_text() + '    tr("Stopped now")\n')
    one = project / "app" / "one.py"
    one.write_text(one.read_text().replace('ctr("menu", "Open")', "pass"))
    assert i18n.main([]) == 0
    found = texts(i18n.read(path))
    assert (found["", "Stopped"].string, found["", "Stopped now"].string) == ("Zatrzymano", "")
    assert ("menu", "Open") not in found
    assert "fuzzy" not in path.read_text()
    assert "#~" not in path.read_text()
    with path.with_suffix(".mo").open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    assert (spoken.gettext("Stopped"), spoken.gettext("Stopped now")) == ("Zatrzymano", "Stopped now")


def test_it_writes_the_same_bytes_again(project: Path, i18n: ModuleType) -> None:
    i18n.main(["--new", "de"])
    files = sorted((project / "resources").rglob("cascade-desk.*"))
    assert [path.suffix for path in files] == [".pot", ".mo", ".po"]
    before = [path.read_bytes() for path in files]
    assert i18n.main([]) == 0
    assert [path.read_bytes() for path in files] == before


def test_a_catalogue_is_not_begun_twice(
    project: Path, i18n: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert i18n.main(["--new", "de"]) == 0
    assert i18n.main(["--new", "de"]) == 1
    assert capsys.readouterr().err == "i18n: there is a catalogue of de\n"
