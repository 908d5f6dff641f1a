"""Links and footnotes in a row: where they can be clicked, and what is said of where they lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel

from app.language import tr
from app.render.addresses import Target, target
from app.render.inline import parse_inline, plain_text
from ui.chat.items import Spot
from ui.chat.message import Ref, Row
from ui.chat.text_box import NOTE, TextBox
from ui.theme import RADIUS_CONTROL, SPACE
from ui.words import shown_line, tip_lines

if TYPE_CHECKING:
    from ui.chat.view import ChatView

SHARE: Final = 0.8  # of the view's width
_TIP_CHARS: Final = 600
_SAID_CHARS: Final = 200
_TIP_LINES: Final = 6


def spots_of(box: TextBox, x: float, y: float) -> list[Spot]:
    """What can be clicked in a text whose top left is at (x, y) of its row."""
    found = []
    for link in box.links:
        said, note = box.text[link.start : link.end], link.href.startswith(NOTE)
        kind, value = ("note", link.href.removeprefix(NOTE)) if note else ("link", link.href)
        name = tr("Footnote {value}", value=value) if note else tr("Link: {said}", said=said)
        found += [
            Spot(kind, rect.translated(x, y), name, value, said) for rect in box.rects(link.start, link.end)
        ]
    return found


def target_of(spot: Spot) -> Target:
    """Where a link's spot leads."""
    return target(spot.value, spot.said or spot.name)


def link_tip(spot: Spot) -> str:
    """A link's target as a tooltip."""
    found = target_of(spot)
    address = found.address if len(found.address) <= _TIP_CHARS else found.address[: _TIP_CHARS - 1] + "…"
    return tip_lines(*((found.warning,) if found.warning else ()), address)


class LinkTarget(QLabel):
    """The address of the link under the pointer, or that has the keyboard, at the bottom left of the view."""

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self._view = view
        self.setObjectName("link_target")
        self.setAccessibleName(tr("Target of the link"))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        #: Whether there is more of the address than it shows.
        self.cut = False
        self._on_theme_changed()
        view.theme.changed.connect(self._on_theme_changed)
        self.hide()

    def _on_theme_changed(self) -> None:
        surface, border, muted, danger = (
            self._view.theme.color(token).name() for token in ("surface", "border", "muted", "danger")
        )
        self.setStyleSheet(
            f"QLabel {{ background: {surface}; color: {muted}; border: 1px solid {border}; border-left: none;"
            f" border-bottom: none; border-top-right-radius: {RADIUS_CONTROL}px;"
            f" padding: {SPACE[0]}px {SPACE[2]}px {SPACE[0]}px {SPACE[1]}px; }}"
            f'QLabel[warning="true"] {{ color: {danger}; }}'
        )

    def refresh(self) -> None:
        """Show the target of what pointer or keyboard is at, or nothing."""
        view = self._view
        hot, spot = view.pointer.hot, view.navigator.spot() if view.hasFocus() else None
        spot = hot[1] if hot is not None and hot[1].kind == "link" else spot
        if spot is None or spot.kind != "link":
            self.hide()
            return
        found = target_of(spot)
        room = int(view.viewport().width() * SHARE)
        metrics = QFontMetrics(self.font())
        # its end is what an address can do without
        self.setText(metrics.elidedText(found.line[:_TIP_CHARS], Qt.TextElideMode.ElideRight, room))
        self.cut = self.text() != found.line
        self.setProperty("warning", bool(found.warning))
        self.style().unpolish(self)
        self.style().polish(self)
        self.adjustSize()
        self.move(0, view.viewport().height() - self.height())
        self.show()
        self.raise_()


def said(spot: Spot) -> str:
    """What a screen reader is told of a spot: a link with its target."""
    return f"{spot.name}, {target_of(spot).line[:_SAID_CHARS]}" if spot.kind == "link" else spot.name


# -- footnotes ---------------------------------------------------------------------------------------------


def back_spot(row: Row, place: QRectF) -> list[Spot]:
    """The number of a footnote leads back to where it is referred to."""
    block = row.block
    for kind, marker in zip(block.nest, block.markers, strict=True):
        if kind == "f" and marker:
            return [
                Spot("note_back", place, tr("Back to the text of footnote {marker}", marker=marker), marker)
            ]
    return []


def follow_note(view: ChatView, ref: Ref, spot: Spot) -> None:
    """From a reference to its note, or back to the reference that was used, or the first there is."""
    model = view.model
    model.complete(model.messages[ref.message])
    if not model.has(ref):
        return
    rows = model.messages[ref.message].sections[ref.section].rows
    came = view.doings.came_from
    back = spot.kind == "note_back"
    here = came is not None and came[0][:2] == ref[:2] and came[1] == spot.value
    if back and here and came is not None and model.has(came[0]):
        goal: int | None = came[0].row
    else:
        has = _refers if back else _notes
        goal = next((i for i, row in enumerate(rows) if has(row, spot.value)), None)
    if goal is None:
        return
    if not back:
        view.doings.came_from = (ref, spot.value)
    there = ref._replace(row=goal)
    view.placer.follow = False
    view.placer.hold(there, -SPACE[4])
    view.navigator.clear()
    wanted = "note" if back else "note_back"
    for index, one in enumerate(view.placer.measure(there).spots()):
        if (one.kind, one.value) == (wanted, spot.value):
            view.navigator.place = (there, index)
            break
    view.arrange()
    view.note_place()


def note_tip(view: ChatView, ref: Ref, spot: Spot) -> str:
    """What a footnote says, as a tooltip of its reference; as far as it has been read."""
    rows = view.model.messages[ref.message].sections[ref.section].rows
    start = next((i for i, row in enumerate(rows) if _notes(row, spot.value)), None)
    if start is None:
        return tip_lines(spot.name)
    depth = rows[start].block.markers.index(spot.value) + 1
    lines: list[str] = []
    for row in rows[start:]:
        if lines and (len(row.block.nest) < depth or any(row.block.markers[:depth])):
            break
        lines.append(shown_line(plain_text(row.block.text), _SAID_CHARS))
        if len(lines) == _TIP_LINES:
            break
    return tip_lines(*lines)


def _notes(row: Row, label: str) -> bool:
    block = row.block
    return any(kind == "f" and m == label for kind, m in zip(block.nest, block.markers, strict=True))


def _refers(row: Row, label: str) -> bool:
    block = row.block
    for text in [block.text] if not block.rows else [cell for cells in block.rows for cell in cells]:
        if f"[^{label}" in text and any(span.note == label for span in parse_inline(text)):
            return True
    return False
