"""The menus of conversations and of folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.chat.library import Entry
from app.language import ntr, tr
from ui.sidebar.contents import Section, one_line

if TYPE_CHECKING:
    from ui.sidebar.sidebar import Sidebar


def conversation_menu(sidebar: Sidebar, targets: list[Entry]) -> QMenu:
    """What can be done with the selected conversations. The menu deletes itself when it closes."""
    menu = _menu(sidebar, tr("Conversation menu"))
    ids = [entry.id for entry in targets]
    if any(entry.deleted is not None for entry in targets):
        _add(menu, "restore", _restore(len(ids))).triggered.connect(
            lambda: sidebar.restore_requested.emit(ids)
        )
        return menu
    one = targets[0] if len(targets) == 1 else None
    if one is not None:
        _add(menu, "open", tr("Open"), "Return").triggered.connect(sidebar.open_place)
        _add(menu, "rename", tr("Rename"), "F2").triggered.connect(lambda: sidebar.begin_rename(one.id))
        menu.addSeparator()
    pin = not all(entry.pinned for entry in targets)
    _add(menu, "pin", tr("Pin") if pin else tr("Unpin")).triggered.connect(
        lambda: sidebar.pin_requested.emit(ids, pin)
    )
    _add_folders(sidebar, menu, targets)
    if one is not None:
        _add(menu, "duplicate", tr("Duplicate")).triggered.connect(
            lambda: sidebar.duplicate_requested.emit(one.id)
        )
        _add(menu, "copy", tr("Copy conversation")).triggered.connect(
            lambda: sidebar.copy_requested.emit(one.id)
        )
    _add(menu, "export", _export(len(ids))).triggered.connect(lambda: sidebar.export_requested.emit(ids))
    menu.addSeparator()
    archive = not all(entry.archived for entry in targets)
    _add(menu, "archive", _archive(len(ids), archive)).triggered.connect(
        lambda: sidebar.archive_requested.emit(ids, archive)
    )
    _add(menu, "delete", _delete(len(ids)), "Del").triggered.connect(
        lambda: sidebar.delete_requested.emit(ids)
    )
    return menu


def folder_menu(sidebar: Sidebar, section: Section) -> QMenu:
    """What can be done with a folder, or with a heading."""
    menu = _menu(sidebar, tr("Folder menu") if section.folder else tr("Section menu"))
    text = tr("Open") if section.folded else tr("Close")
    _add(menu, "fold", text, "Return").triggered.connect(
        lambda: sidebar.set_section_folded(section.key, not section.folded)
    )
    if section.folder:
        _add(menu, "rename", tr("Rename"), "F2").triggered.connect(sidebar.rename_place)
        _add(menu, "remove", tr("Remove folder")).triggered.connect(
            lambda: sidebar.folder_removed.emit(section.folder)
        )
        menu.actions()[-1].setToolTip(tr("Its conversations are kept"))
        menu.setToolTipsVisible(True)
    return menu


def _add_folders(sidebar: Sidebar, menu: QMenu, targets: list[Entry]) -> None:
    ids = [entry.id for entry in targets]
    inside = {entry.folder for entry in targets}
    folders = menu.addMenu(tr("Move to folder"))
    folders.setObjectName("sidebar_folders")
    folders.setAccessibleName(tr("Move to folder"))
    for folder in sidebar.folders:
        action = _add(folders, f"folder_{folder.id}", one_line(folder.name).replace("&", "&&"))
        action.setEnabled(inside != {folder.id})
        action.triggered.connect(lambda _checked=False, to=folder.id: sidebar.move_requested.emit(ids, to))
    if sidebar.folders:
        folders.addSeparator()
    _add(folders, "new_folder", tr("New folder…")).triggered.connect(lambda: sidebar.begin_folder(ids))
    out = _add(folders, "no_folder", tr("No folder"))
    out.setEnabled(inside != {""})
    out.triggered.connect(lambda: sidebar.move_requested.emit(ids, ""))


def _menu(sidebar: Sidebar, name: str) -> QMenu:
    menu = QMenu(sidebar)
    menu.setObjectName("sidebar_menu")
    menu.setAccessibleName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _add(menu: QMenu, name: str, text: str, key: str = "") -> QAction:
    action = menu.addAction(text)
    action.setObjectName(f"sidebar_{name}")
    if key:
        action.setShortcut(QKeySequence(key))
    return action


def _restore(number: int) -> str:
    many = ntr("Restore {count} conversation", "Restore {count} conversations", number)
    return tr("Restore") if number == 1 else many


def _export(number: int) -> str:
    many = ntr("Export {count} conversation…", "Export {count} conversations…", number)
    return tr("Export…") if number == 1 else many


def _archive(number: int, archive: bool) -> str:
    if number == 1:
        return tr("Archive") if archive else tr("Unarchive")
    if archive:
        return ntr("Archive {count} conversation", "Archive {count} conversations", number)
    return ntr("Unarchive {count} conversation", "Unarchive {count} conversations", number)


def _delete(number: int) -> str:
    many = ntr("Delete {count} conversation", "Delete {count} conversations", number)
    return tr("Delete") if number == 1 else many
