"""The list of snippets that a slash opens above the composer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.chat.library import Snippet
from app.language import mark, tr
from ui.composer.question_edit import QuestionEdit
from ui.theme import RADIUS_CONTROL, SPACE, ThemeManager

_SHOWN = 7
_ICON = 16
_PREVIEW = 200
_HINT = mark("Enter puts it in · Delete removes it · Esc closes")
_REMOVE = mark("Remove this snippet")
_NONE = mark("No snippets yet. Write one, then choose “Save as snippet…” in the text's menu.")
_WAYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_TAKING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class _Line(QStyledItemDelegate):
    """A snippet as its name and the beginning of its text."""

    def __init__(self, theme: ThemeManager, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index) -> QSize:  # type: ignore[no-untyped-def]
        return QSize(0, QFontMetrics(self._theme.font("ui")).height() + 2 * SPACE[0] + SPACE[0])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:  # type: ignore[no-untyped-def]
        snippet: Snippet = index.data(Qt.ItemDataRole.UserRole)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover"))
            painter.drawRoundedRect(option.rect, RADIUS_CONTROL, RADIUS_CONTROL)
        room = option.rect.adjusted(SPACE[1], 0, -SPACE[1] - (_ICON + SPACE[2]), 0)
        used = self._write(painter, room, snippet.name, "ui", "text")
        preview = " ".join(snippet.text[:_PREVIEW].split())
        self._write(painter, room.adjusted(used + SPACE[2], 0, 0, 0), preview, "meta", "muted")
        painter.restore()

    def _write(self, painter: QPainter, room: QRect, text: str, kind: str, colour: str) -> int:
        font = self._theme.font(kind)
        metrics = QFontMetrics(font)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room.width()))
        painter.setFont(font)
        painter.setPen(self._theme.color(colour))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, cut)
        return metrics.horizontalAdvance(cut)


class SnippetPopup(QFrame):
    """Follows the field: opens at a slash, narrows as the name is typed. Never takes the focus."""

    chosen = Signal(object, int)  # the snippet, how many characters it replaces
    removed = Signal(str)

    def __init__(self, theme: ThemeManager, edit: QuestionEdit, anchor: QWidget) -> None:
        super().__init__(anchor)
        self.setObjectName("snippet_popup")
        self.setAccessibleName(tr("Snippets"))
        self._theme, self._edit, self._anchor = theme, edit, anchor
        self._snippets: list[Snippet] = []
        self._dismissed = False
        self._build()
        anchor.installEventFilter(self)
        edit.textChanged.connect(self.refresh)
        edit.left.connect(self.hide)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def _build(self) -> None:
        self.list = QListWidget(self)
        self.list.setObjectName("snippet_list")
        self.list.setAccessibleName(tr("Snippets"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Line(self._theme, self.list))
        self.list.setMouseTracking(True)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(self._on_clicked)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.verticalScrollBar().valueChanged.connect(self._place_button)
        self.remove_button = QToolButton(self.list.viewport())
        self.remove_button.setObjectName("snippet_remove")
        self.remove_button.setAccessibleName(tr(_REMOVE))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.remove_button.setToolTip(tr("Remove this snippet (Delete)"))
        self.remove_button.setIconSize(QSize(_ICON, _ICON))
        self.remove_button.clicked.connect(self._on_remove)
        self.hint = QLabel(tr(_HINT), self)
        self.hint.setObjectName("snippet_hint")
        self.hint.setProperty("role", "meta")
        self.hint.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[0], SPACE[0], SPACE[0], SPACE[0])
        box.setSpacing(SPACE[0])
        box.addWidget(self.list)
        box.addWidget(self.hint)

    def set_snippets(self, snippets: list[Snippet]) -> None:
        """The snippets to choose from."""
        self._snippets = sorted(snippets, key=lambda one: one.name.casefold())
        if self.isVisible():
            self.refresh()

    # ---- opening and narrowing ------------------------------------------------------------

    @Slot()
    def dismiss(self) -> None:
        """Close, and stay closed until the slash is gone."""
        self._dismissed = self._edit.document().firstBlock().text().startswith("/")
        self.hide()

    @Slot()
    def refresh(self) -> None:
        """Open, narrow or close, by what stands between the slash and the cursor."""
        first = self._edit.document().firstBlock().text()
        if not first.startswith("/"):
            self._dismissed = False
            self.hide()
            return
        cursor = self._edit.textCursor()
        at = cursor.position()
        if self._dismissed or not self._edit.hasFocus() or not 0 < at <= len(first):
            self.hide()
            return
        query = first[1:at].casefold()
        found = [one for one in self._snippets if query in one.name.casefold()]
        found.sort(key=lambda one: not one.name.casefold().startswith(query))
        if found or not query:
            self._fill(found)
        else:
            self.hide()

    def _fill(self, found: list[Snippet]) -> None:
        kept = self._current()
        self.list.clear()
        for snippet in found:
            item = QListWidgetItem(snippet.name)
            item.setData(Qt.ItemDataRole.UserRole, snippet)
            self.list.addItem(item)
        self.hint.setText(tr(_HINT) if found else tr(_NONE))
        self.list.setVisible(bool(found))
        self._join_window()
        self.show()
        self._place()
        self.raise_()
        row = next((n for n, one in enumerate(found) if kept is not None and one.id == kept.id), 0)
        self.list.setCurrentRow(row if found else -1)
        self._place_button()

    def _join_window(self) -> None:
        window = self._anchor.window()
        if self.parentWidget() is not window:
            window.installEventFilter(self)
            self.setParent(window)

    def _place(self) -> None:
        window = self._anchor.window()
        rows = min(_SHOWN, self.list.count())
        self.list.setFixedHeight(max(1, rows) * max(1, self.list.sizeHintForRow(0)))
        self.setFixedWidth(self._anchor.width())
        self.layout().activate()
        height = self.layout().totalHeightForWidth(self.width())
        self.resize(self.width(), height if height > 0 else self.sizeHint().height())
        corner = self._anchor.mapTo(window, QPoint(0, 0)) if window is not self._anchor else QPoint(0, 0)
        self.move(corner.x(), max(0, corner.y() - self.height() - SPACE[0]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.isVisible() and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            if watched is self._anchor:
                self._place()
            elif event.type() == QEvent.Type.Resize:
                self.hide()
        return super().eventFilter(watched, event)

    # ---- keys and clicks ------------------------------------------------------------------

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether a key of the field was meant for the list."""
        if not self.isVisible():
            return False
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        if not plain or not self.list.count():
            return False
        if key in _WAYS:
            self.list.setCurrentRow((self.list.currentRow() + _WAYS[key]) % self.list.count())
        elif key in _TAKING:
            self._choose()
        elif key == Qt.Key.Key_Delete and self._edit.textCursor().atEnd():
            self._on_remove()
        else:
            return False
        return True

    def _current(self) -> Snippet | None:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _choose(self) -> None:
        snippet = self._current()
        if snippet is not None:
            self.dismiss()
            self.chosen.emit(snippet, self._edit.textCursor().position())

    @Slot(object)
    def _on_clicked(self, item: QListWidgetItem) -> None:
        self.list.setCurrentItem(item)
        self._choose()

    @Slot()
    def _on_remove(self) -> None:
        snippet = self._current()
        if snippet is not None:
            self.set_snippets([one for one in self._snippets if one.id != snippet.id])
            self.removed.emit(snippet.id)

    @Slot()
    def _on_current(self) -> None:
        snippet = self._current()
        self.remove_button.setAccessibleName(
            tr("Remove the snippet {name}", name=snippet.name) if snippet else tr(_REMOVE)
        )
        place = tr("{row} of {number}", row=self.list.currentRow() + 1, number=self.list.count())
        self._edit.setAccessibleDescription(
            tr("Snippet {name}, {place}", name=snippet.name, place=place) if snippet else ""
        )
        self._place_button()

    @Slot()
    def _place_button(self) -> None:
        item = self.list.currentItem()
        self.remove_button.setVisible(item is not None)
        if item is not None:
            line, size = self.list.visualItemRect(item), self.remove_button.sizeHint()
            self.remove_button.resize(size)
            top = line.center().y() - size.height() // 2 + 1
            self.remove_button.move(line.right() - size.width() - SPACE[0], top)

    def hideEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().hideEvent(event)
        self._edit.setAccessibleDescription("")

    @Slot()
    def _on_theme(self) -> None:
        self.remove_button.setIcon(self._theme.icon("trash", "muted", _ICON))
        self.list.viewport().update()
