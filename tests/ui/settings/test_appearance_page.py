from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app import language
from app.settings.model import TEXT_SIZES, AppearanceSettings
from tests.ui.settings.conftest import Person
from ui.frame_style import frame_stylesheet
from ui.theme import Reading, stylesheet


def test_each_of_it_holds_at_once(person: Person) -> None:
    page = person.dialog.appearance
    for row in (page.theme_row, page.size, page.width_row, page.spacing):
        person.press(row.combo, Qt.Key.Key_End)
    page.motion.switch.click()
    page.enter.switch.click()
    person.press(page.announce.combo, Qt.Key.Key_Down)
    about = {"enter_sends": False, "announce": "finished", "reduced_motion": True}
    reading = {"text_percent": 200, "line_width": "full", "spacing": "roomy"}
    assert person.settings.appearance == AppearanceSettings("contrast", **about, **reading)
    assert len(person.wanted) == 7


@pytest.mark.qt_log_ignore("No file name specified")
@pytest.mark.parametrize("code", ["en", "de"])
def test_its_lists_are_as_wide_as_each_other(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, code: str
) -> None:
    monkeypatch.setenv(language.VARIABLE, code)
    person: Person = request.getfixturevalue("person")
    page = person.dialog.appearance
    # as in the program, where the application has the first sheet and the window the second
    person.dialog.setStyleSheet(stylesheet(person.theme.tokens) + frame_stylesheet(person.theme.tokens))
    rows = (page.theme_row, page.size, page.width_row, page.spacing, page.announce)
    for row in rows:
        row.combo.setFont(person.theme.font("ui"))
    person.dialog.open_page("appearance")
    assert len({row.combo.width() for row in rows}) == 1


def test_the_sizes_stand_in_their_order_and_lead_back_to_the_normal_one(person: Person) -> None:
    row = person.dialog.appearance.size
    shown = [row.combo.itemText(at) for at in range(row.combo.count())]
    assert [int(text.split()[0]) for text in shown] == list(TEXT_SIZES)
    assert row.value() == 100
    assert row.reset.isHidden()
    person.press(row.combo, Qt.Key.Key_Up)
    assert person.settings.appearance.text_percent == 90
    assert not row.reset.isHidden()
    row.reset.click()
    assert person.settings.appearance.text_percent == 100


@pytest.mark.parametrize("reading", [Reading(zoom=2.0), Reading(spacing="roomy")])
def test_the_sample_follows(person: Person, reading: Reading) -> None:
    person.dialog.open_page("appearance")
    sample = person.dialog.appearance.sample
    before, height = sample.grab().toImage(), sample.height()
    person.theme.set_reading(reading)
    assert sample.grab().toImage() != before
    assert sample.height() > height
    person.theme.set_reading(Reading())
    assert sample.height() == height


def test_the_sample_stays_out_of_other_searches(person: Person) -> None:
    for words, seen in (("motion", False), ("spacing", True), ("", True)):
        person.dialog.search.setText(words)
        assert person.dialog.appearance.sample.isHidden() != seen


def test_the_language_is_the_system_s_or_one_that_there_is(person: Person) -> None:
    row = person.dialog.appearance.language
    shown = [row.combo.itemText(at) for at in range(row.combo.count())]
    assert shown[:2] == ["System", "English"]
    assert row.hint == "Holds from the next start on."
    person.press(row.combo, Qt.Key.Key_Down)
    assert person.settings.appearance.language == "en"
    row.reset.click()
    assert person.settings.appearance.language == ""
    person.set("appearance", language="xx")  # its catalogue was taken away: it stays what was chosen
    assert row.combo.currentText() == "xx"
