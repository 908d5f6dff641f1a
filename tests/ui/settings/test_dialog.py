"""The dialog as a whole: pages, search, keys, words, room."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.settings.model import AppearanceSettings
from tests.ui.settings.conftest import Person
from ui.frame_style import frame_stylesheet
from ui.settings.dialog import SettingsDialog
from ui.theme import ThemeManager, stylesheet

#: Frame, padding and arrow of a combo box, in px.
_ARROW = 2 + 2 * 8 + 24
ALL = ["Mode", "Engine", "Appearance", "Storage", "Network", "About"]


def visible(person: Person) -> list[str]:
    """The rows that the page that is shown leaves."""
    page = person.dialog.page(person.page)
    return [row.field for row in page.rows if not row.isHidden()]


def test_it_is_not_modal_and_esc_closes_it(person: Person) -> None:
    assert not person.dialog.isModal()
    assert person.pages == ALL
    person.press(person.dialog.search, Qt.Key.Key_Escape)
    assert not person.dialog.isVisible()


def test_a_search_leaves_the_rows_that_have_all_words(person: Person) -> None:
    person.qtbot.keyClicks(person.dialog.search, "GPU mem")
    assert person.pages == ["Engine"]
    assert person.page == "engine"
    assert visible(person) == ["n_gpu_layers", "cpu_experts", "n_batch"]
    label = person.dialog.engine.options["n_gpu_layers"].label
    assert label.text().count("<span") == 1
    headings = [one for one in person.dialog.engine.findChildren(QLabel) if one.property("role") == "heading"]
    assert [one.text() for one in headings if not one.isHidden()] == ["By hand"]
    person.dialog.search.clear()
    assert person.pages == ALL
    assert label.text() == "Layers on the GPU"


def test_a_page_and_a_heading_are_found_by_their_names(person: Person) -> None:
    person.dialog.search.setText("network")
    assert {"offline", "endpoint", "proxy", "token"} <= set(visible(person))
    person.dialog.search.setText("loading")
    assert visible(person) == ["load_last", "unload_idle_minutes"]


def test_a_search_without_hits_says_so(person: Person) -> None:
    person.dialog.search.setText("qwertz")
    assert person.pages == []
    assert person.dialog.none.isVisible()
    person.dialog.search.setText("")
    assert person.page == "mode"


def test_a_search_over_several_pages_keeps_the_page_that_has_hits(person: Person) -> None:
    person.dialog.open_page("storage")
    person.dialog.search.setText("ram")
    assert person.page == "storage"
    assert "Storage" in person.pages
    assert len(person.pages) < len(ALL)


def test_all_of_it_by_keyboard(person: Person) -> None:
    dialog = person.dialog
    dialog.activateWindow()
    person.qtbot.waitUntil(dialog.search.hasFocus)
    person.press(dialog.search, Qt.Key.Key_Down)
    assert dialog.list.hasFocus()
    for page in ("engine", "appearance"):
        person.press(dialog.list, Qt.Key.Key_Down)
        assert person.page == page
    person.press(dialog.list, Qt.Key.Key_Tab)
    combo = dialog.appearance.theme_row.combo
    assert combo.hasFocus()
    person.press(combo, Qt.Key.Key_Down)
    assert person.wanted[-1] == (
        "appearance",
        asdict(AppearanceSettings("light")),
    )
    person.press(combo, Qt.Key.Key_Tab)
    assert dialog.appearance.theme_row.reset.hasFocus()
    person.press(dialog.appearance.theme_row.reset, Qt.Key.Key_Space)
    assert person.settings.appearance.theme == "auto"
    person.qtbot.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    person.qtbot.waitUntil(dialog.search.hasFocus)


@pytest.mark.parametrize("page", ["mode", "engine", "appearance", "storage", "network"])
def test_tab_reaches_every_control_of_a_page(person: Person, page: str) -> None:
    shown = person.dialog.page(page)
    person.dialog.open_page(page)
    person.dialog.activateWindow()
    person.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit)
    wanted: set[QWidget] = {
        one
        for kind in kinds
        for one in shown.findChildren(kind)
        if one.isVisible() and one.isEnabled() and not isinstance(one.parent(), QAbstractSpinBox)
    }
    seen: set[QWidget] = set()
    for _ in range(80):
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused)
        person.press(focused, Qt.Key.Key_Tab)
    assert {one.objectName() for one in wanted - seen} == set()


def test_enter_presses_no_button(person: Person) -> None:
    person.dialog.open_page("storage")
    with person.qtbot.assertNotEmitted(person.dialog.storage.delete_wanted):
        person.press(person.dialog.storage.ram.spin, Qt.Key.Key_Return)
        person.press(person.dialog.search, Qt.Key.Key_Return)
    assert person.dialog.isVisible()
    assert person.wanted == []


def test_the_page_of_another_is_there_as_soon_as_it_has_a_widget(person: Person) -> None:
    given = QLabel("Models")
    given.setAccessibleName("Quantizations")
    person.dialog.set_page_widget("model", given)
    assert person.pages == ["Model", *ALL]
    person.dialog.open_page("model")
    assert given.isVisible()
    person.dialog.search.setText("quantiz")
    assert person.pages == ["Model"]
    person.dialog.search.setText("proxy")
    assert person.pages == ["Network"]


def test_it_opens_at_the_first_page_that_has_something(person: Person) -> None:
    person.dialog.hide()
    person.dialog.set_page_widget("model", QLabel("Models"))
    person.dialog.open_dialog()
    assert person.page == "model"


def test_a_widget_stands_above_the_rows_of_a_page(person: Person) -> None:
    given = QLabel("Slider")
    person.dialog.set_page_widget("engine", given)
    person.dialog.open_page("engine")
    assert given.isVisible()
    assert given.y() < person.dialog.engine.options["n_gpu_layers"].y()


def test_a_refusal_stands_below_its_row(person: Person) -> None:
    person.dialog.open_page("network")
    person.dialog.show_refused("network", "proxy", "This address cannot be used.")
    note = person.dialog.network.proxy.note
    assert note.isVisible()
    assert note.text() == "This address cannot be used."
    assert note.property("tone") == "warning"
    assert not person.dialog.network.endpoint.note.isVisible()


def test_no_setter_says_anything(person: Person) -> None:
    person.set("mode", mode="thinking", thinking_budget=99)
    person.set("engine", n_threads=3, cache_type="q8_0", flash_attention=False, unload_idle_minutes=7)
    person.set("appearance", theme="dark", enter_sends=False)
    person.set("storage", reading_ram_bytes=4_000_000_001, models_folder="/m")
    person.set("network", endpoint="http://mirror.example", offline=True)
    person.dialog.flush()
    person.dialog.hide()
    assert person.wanted == []
    assert not person.dialog.engine.waits


def test_everything_has_a_name(person: Person) -> None:
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QListWidget)
    nameless = [
        one.objectName() or type(one).__name__
        for kind in kinds
        for one in person.dialog.findChildren(kind)
        if not (one.accessibleName() or getattr(one, "text", str)())
        and not one.objectName().startswith("qt_")
    ]
    assert nameless == []
    names = [one.objectName() for kind in kinds[1:4] for one in person.dialog.findChildren(kind)]
    own = [name for name in names if name.startswith("setting_")]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("least", [True, False])
def test_nothing_is_cut_off(qapp: QApplication, qtbot: QtBot, mode: str, least: bool) -> None:
    theme = ThemeManager(mode=mode)
    dialog = SettingsDialog(theme, Paths.default("/data"))
    dialog.setStyleSheet(frame_stylesheet(theme.tokens))
    qtbot.addWidget(dialog)
    if least:
        dialog.resize(dialog.minimumSize())
    dialog.storage.set_used(9_999_900_000_000)
    dialog.network.set_token("held", "This system has no keyring that the app could use.")
    dialog.engine.options["n_gpu_layers"].spin.set_number(9999)
    for page in dialog.all[1:]:
        dialog.open_page(page.id)
        QApplication.processEvents()
        inner = page.area.widget()
        assert inner.width() <= page.area.viewport().width()
        for label in page.findChildren(QLabel):
            if not label.isVisible() or label.objectName().startswith("path_"):
                continue
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            assert label.height() >= needed, label.text()
            assert label.wordWrap() or label.width() >= label.sizeHint().width(), label.text()
        for combo in page.findChildren(QComboBox):
            room = combo.width() - _ARROW
            texts = [combo.itemText(index) for index in range(combo.count())]
            assert max(map(combo.fontMetrics().horizontalAdvance, texts)) <= room, texts
        for button in page.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                assert button.width() >= button.sizeHint().width(), button.text()


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", "No file name specified")
def test_a_list_of_choices_shows_all_of_them(person: Person) -> None:
    tokens = person.theme.tokens
    person.dialog.setStyleSheet(stylesheet(tokens) + frame_stylesheet(tokens))
    person.dialog.open_page("appearance")
    combo = person.dialog.appearance.theme_row.combo
    combo.showPopup()
    view = combo.view()
    person.qtbot.waitUntil(view.isVisible)
    last = view.visualRect(combo.model().index(combo.count() - 1, 0))
    assert 0 < last.top() < last.bottom() <= view.viewport().rect().bottom()
    assert view.mapToGlobal(view.rect().topLeft()).y() >= combo.mapToGlobal(combo.rect().bottomLeft()).y()
    combo.hidePopup()
