"""Every panel, dialog and menu as a screen reader finds it: names, roles, groups; and by Tab alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QScrollArea, QWidget

from tests.e2e.conftest import Desk
from ui.composer.attached import Attached
from ui.documents.text_pane import TextPane
from ui.documents.viewer import DocumentViewer
from ui.notices import Notice

OpenDesk = Callable[[Path], Desk]
Role, Text = QAccessible.Role, QAccessible.Text
ROWS = {Role.ListItem, Role.TreeItem, Role.Cell, Role.Row}
CONTROLS = ROWS | {
    *(Role.Button, Role.ButtonMenu, Role.ButtonDropDown, Role.CheckBox, Role.RadioButton, Role.Switch),
    *(Role.ComboBox, Role.EditableText, Role.SpinBox, Role.Slider, Role.Link, Role.MenuItem, Role.PageTab),
    *(Role.List, Role.Tree, Role.Table, Role.ProgressBar),
}
PANELS = ("settings", "models", "shortcuts", "reading_memory", "export_chat")


def walk(node: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield node
    for number in range(node.childCount()):
        child = node.child(number)
        if child is not None:
            yield from walk(child)


def where(node: QAccessibleInterface) -> str:
    """A node by the names of the objects that it stands in."""
    thing, found = node.object(), []
    while thing is not None and len(found) < 4:
        found.append(thing.objectName() or type(thing).__name__)
        thing = thing.parent()
    return f"{node.role().name} {node.text(Text.Name)!r} in {' < '.join(found)}"


def faults(top: QWidget) -> list[str]:
    """What is wrong with the names and roles of what a window shows."""
    found = []
    for node in walk(QAccessible.queryAccessibleInterface(top)):
        state, name, part = node.state(), node.text(Text.Name), node.object()
        if state.invisible or (isinstance(part, QWidget) and not part.isVisible()):
            continue
        cell = node.tableCellInterface() if node.role() in ROWS else None
        tabbed = isinstance(part, QWidget) and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not name.strip() and (node.role() in CONTROLS or tabbed) and not (cell and cell.columnIndex()):
            found.append(f"no name: {where(node)}")
        if isinstance(part, QAbstractButton) and "&" in name:
            found.append(f"a mnemonic's mark in a name: {where(node)}")
        if isinstance(part, QWidget) and _is_used(part) and node.role() not in CONTROLS:
            found.append(f"used, but no control: {where(node)}")
        found += _twins(node)
    return found


def _is_used(widget: QWidget) -> bool:
    """A pointing hand of its own promises that something can be clicked; what Tab comes to can be used."""
    hand = widget.testAttribute(Qt.WidgetAttribute.WA_SetCursor)
    hand = hand and widget.cursor().shape() == Qt.CursorShape.PointingHandCursor
    # Tab comes to an area that scrolls so that the keys can scroll it: it is read, not used.
    tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    tabbed = tabbed and not isinstance(widget, TextPane) and type(widget) is not QScrollArea
    return hand or tabbed


def _twins(node: QAccessibleInterface) -> list[str]:
    """Controls of one role and one name side by side that nothing else tells apart."""
    seen: set[tuple[Role, str, str]] = set()
    found = []
    for number in range(node.childCount()):
        child = node.child(number)
        part = child.object() if child is not None else None
        if child is None or child.role() not in CONTROLS - ROWS:
            continue
        if child.state().invisible or (isinstance(part, QWidget) and not part.isVisible()):
            continue
        key = (child.role(), child.text(Text.Name), child.text(Text.Description))
        if key in seen:
            found.append(f"twice in one group: {where(child)}")
        seen.add(key)
    return found


def stops(top: QWidget) -> set[QWidget]:
    """What Tab must come to."""
    return {
        widget
        for widget in top.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.window() is top
        and widget.focusProxy() is None
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.visibleRegion().isEmpty()
    }


def around(desk: Desk, top: QWidget) -> tuple[set[QWidget], list[str]]:
    """Where Tab goes in a window until it comes round, and which of it look the same without the keyboard."""
    top.activateWindow()
    desk.until(top.isActiveWindow)
    desk.qtbot.keyClick(top.focusWidget() or top, Qt.Key.Key_Tab)  # what is first need not show it
    start = focused = top.focusWidget()
    seen: set[QWidget] = set()
    unseen = []
    for _step in range(200):
        assert focused is not None
        seen.add(focused)
        if focused.visibleRegion().isEmpty():
            unseen.append(f"out of sight: {type(focused).__name__} {focused.objectName()}")
        place, before = _place(focused, top), _look(focused, top)
        desk.qtbot.keyClick(focused, Qt.Key.Key_Tab)
        left = top.focusWidget() is not focused and place == _place(focused, top)
        if left and before == _look(focused, top):
            unseen.append(f"{type(focused).__name__} {focused.objectName()}")
        focused = top.focusWidget()
        if focused is start:
            return seen, unseen
    raise AssertionError("Tab does not come round")


def _place(widget: QWidget, top: QWidget) -> QRect:
    room = QRect(widget.mapTo(top, QPoint()), widget.size())
    return room.adjusted(-4, -4, 4, 4).intersected(top.rect())


def _look(widget: QWidget, top: QWidget) -> QImage:
    return top.grab(_place(widget, top)).toImage()


@pytest.fixture
def desk(open_desk: OpenDesk, hybrid: Path, tmp_path: Path) -> Desk:
    """The window with a conversation and a notice with all it can have."""
    desk = open_desk(hybrid)
    desk.loaded()
    answer = desk.ask("Hello")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    desk.messages.stop()
    desk.finished(answer)
    notice = Notice("one", "Something happened.", "error", "retry_model", "Try again", "more")
    desk.window.notices.show_notice(notice)
    return desk


def attach(desk: Desk, *paths: Path) -> list[Attached]:
    """Documents that go with the next question, read."""
    kept: list[Attached] = []
    desk.application.attachments.changed.connect(lambda chips: kept.__setitem__(slice(None), chips))
    for path in paths:
        path.write_text("words " * 50)
    desk.application.attachments.add_paths([str(path) for path in paths])
    desk.until(lambda: [chip.state for chip in kept] == ["ready"] * len(paths))
    return kept


def opened(desk: Desk, document: str) -> dict[str, QWidget]:
    """Every dialog, open, by its object's name."""
    window = desk.window
    for name in PANELS:
        window.actions_by_id[name].trigger()
    desk.application.attachments.open(document)
    desk.until(lambda: window.findChild(DocumentViewer) is not None)
    tops = [top for top in QApplication.topLevelWidgets() if top.isVisible() and top is not window]
    return {top.objectName(): top for top in tops}


def test_names_roles_and_tab_everywhere(desk: Desk, tmp_path: Path) -> None:
    window = desk.window
    assert not faults(window)
    documents = attach(desk, tmp_path / "one.txt", tmp_path / "two.txt")
    window.actions_by_id["chat_settings"].trigger()
    desk.until(window.settings.isVisible)
    assert not faults(window)
    for menu in window.findChildren(QMenu):
        for action in menu.actions():
            assert action.isSeparator() or action.text().strip(), menu.objectName()
    window.actions_by_id["palette"].trigger()
    assert not faults(window)
    desk.qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    dialogs = opened(desk, documents[0].id)
    assert {"settings", "models_dialog", "shortcuts_list", "document_viewer"} < set(dialogs)
    settings = desk.application.settings_dialog
    unreached, unseen = [], []
    for name, dialog in dialogs.items():
        assert dialog.windowTitle()
        for page in range(settings.list.count() if dialog is settings else 1):
            if dialog is settings:
                settings.list.setCurrentRow(page)
            assert not faults(dialog)
            seen, same = around(desk, dialog)
            unreached += [f"{name} {page}: {one.objectName()}" for one in stops(dialog) - seen]
            unseen += [f"{name} {page}: {one}" for one in same]
    assert not unreached
    assert not unseen
    viewer = dialogs["document_viewer"]
    assert isinstance(viewer, DocumentViewer)
    viewer.open_find()
    assert not faults(viewer)
