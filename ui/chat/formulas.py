"""The formulas that the window has drawn, their pictures, and what the screen still lacks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.language import tr
from app.render.math_values import MathDrawn, MathRefused, MathRequest, coloured
from ui.throttle import Throttle

#: px per em that formulas are drawn at; any other size is this one scaled.
EM: Final = 16.0
#: Of the formulas' font, em.
X_HEIGHT: Final = 0.473
KEPT_BYTES: Final = 8 * 2**20
PICTURE_BYTES: Final = 16 * 2**20
#: The view gathers them once more, with what else there is for a frame.
GATHER_MS: Final = 5
#: Of drawing pictures in one frame; one takes about half a millisecond.
_PAINT_S: Final = 0.005
_MOST_AREA: Final = 1_000_000.0  # px² at EM
_MOST_PIXELS: Final = 8_000_000
_OVERHEAD: Final = 400

Key = tuple[str, bool]
Result = MathDrawn | MathRefused


@dataclass(frozen=True, slots=True)
class Sized:
    """A drawn formula at `scale` times its size at EM; lengths in px."""

    key: Key
    drawn: MathDrawn
    scale: float

    @property
    def width(self) -> float:
        return self.drawn.width * self.scale

    @property
    def ascent(self) -> float:
        return self.drawn.baseline * self.scale

    @property
    def height(self) -> float:
        return self.drawn.height * self.scale


@dataclass(slots=True)
class Picture:
    """A formula in black, and the same in a colour. `over`: px from the top to the baseline."""

    mask: QImage
    over: float
    ink: int = -1
    inked: QImage | None = None

    @property
    def bytes(self) -> int:
        return 2 * int(self.mask.sizeInBytes()) + _OVERHEAD


class Formulas(QObject):
    """All of one conversation view. GUI thread.

    Signals:
        wanted: tuple of MathRequest, the next first; it takes the place of what was wanted before.
        due: something has come that was wanted, or a picture waits for another frame.
    """

    wanted = Signal(object)
    due = Signal()

    def __init__(
        self, parent: QObject | None = None, most: int = KEPT_BYTES, most_pictures: int = PICTURE_BYTES
    ) -> None:
        super().__init__(parent)
        self.setObjectName("formulas")
        self._known: OrderedDict[Key, Result] = OrderedDict()
        self._pictures: OrderedDict[tuple[str, bool, float], Picture] = OrderedDict()
        self._sizes = [0, 0]  # bytes of the two
        self._most = (most, most_pictures)
        self._sent: tuple[Key, ...] = ()
        self._spent = 0.0
        self._throttle = Throttle(GATHER_MS, self)
        self._throttle.due.connect(self.due)

    @property
    def bytes(self) -> tuple[int, int]:
        """Of formulas and of pictures."""
        return self._sizes[0], self._sizes[1]

    # -- what is known -------------------------------------------------------------------------------------

    def get(self, source: str, display: bool) -> Result | None:
        """A formula, why there is none, or None where nobody has drawn it yet."""
        key = (source, display)
        result = self._known.get(key)
        if result is not None:
            self._known.move_to_end(key)
        return result

    def knows_any(self, keys: Iterable[Key]) -> bool:
        """Whether one of those that were lacking has come."""
        return any(key in self._known for key in keys)

    def want(self, seen: Iterable[Key], near: Iterable[Key] | None = None) -> None:
        """Ask for what the screen lacks, from its top on, and for what is near it; without `near`, what was
        asked for stays if it begins with what the screen lacks."""
        lacking = tuple(
            dict.fromkeys(key for key in (*seen, *(near or ())) if key not in self._known),
        )
        coming = tuple(key for key in self._sent if key not in self._known)
        if near is None and lacking == coming[: len(lacking)]:
            return
        if lacking != coming:
            self.wanted.emit(tuple(MathRequest(source, display, EM) for source, display in lacking))
        self._sent = lacking

    @Slot(object, object)
    def on_drawn(self, request: MathRequest, result: Result) -> None:
        """Take what the worker brings."""
        if isinstance(result, MathDrawn) and result.width * result.height > _MOST_AREA:
            result = MathRefused(tr("It is too large."))
        key = (request.source, request.display)
        before = self._known.pop(key, None)
        if before is not None:
            self._sizes[0] -= _weight(key, before)
        self._known[key] = result
        self._sizes[0] += _weight(key, result)
        while self._sizes[0] > self._most[0] and len(self._known) > 1:
            old, gone = self._known.popitem(last=False)
            self._sizes[0] -= _weight(old, gone)
        self._throttle.request()

    # -- pictures ------------------------------------------------------------------------------------------

    def begin_frame(self) -> None:
        """The view begins to paint: there is time for some pictures again."""
        self._spent = 0.0

    def paint(self, painter: QPainter, one: Sized, corner: QPointF, color: QColor) -> None:
        """Draw a formula with its top left at `corner`; its baseline goes where a text would have it:
        on a whole pixel."""
        ratio = painter.device().devicePixelRatioF()
        picture = self._picture(one, ratio)
        if picture is None:
            return
        if picture.inked is None or picture.ink != color.rgba():
            picture.inked, picture.ink = _inked(picture.mask, color), color.rgba()
        start = corner + QPointF(0, one.ascent)
        exact = painter.deviceTransform().map(start)
        shift = QPointF(round(exact.x()) - exact.x(), round(exact.y()) - exact.y()) / ratio
        painter.drawImage(start + shift - QPointF(0, picture.over), picture.inked)

    def _picture(self, one: Sized, ratio: float) -> Picture | None:
        """None where this frame has had enough of them: the next one goes on."""
        place = (*one.key, round(one.scale * ratio, 4))
        picture = self._pictures.get(place)
        if picture is not None:
            self._pictures.move_to_end(place)
            return picture
        if self._spent > _PAINT_S:
            self._throttle.request()
            return None
        begun = perf_counter()
        picture = _picture(one, ratio)
        self._pictures[place] = picture
        self._sizes[1] += picture.bytes
        while self._sizes[1] > self._most[1] and len(self._pictures) > 1:
            self._sizes[1] -= self._pictures.popitem(last=False)[1].bytes
        self._spent += perf_counter() - begun
        return picture


def _weight(key: Key, result: Result) -> int:
    told = result.svg if isinstance(result, MathDrawn) else result.reason
    return len(key[0]) + len(told) + _OVERHEAD


def _picture(one: Sized, ratio: float) -> Picture:
    """The formula in black, its baseline between two pixels. One that would fill screens is drawn coarser."""
    wide, high = (max(1, ceil(length * ratio)) for length in (one.width, one.height))
    coarse = min(1.0, (_MOST_PIXELS / (wide * high)) ** 0.5)
    size = ratio * coarse
    over = ceil(one.ascent * size)
    image = QImage(ceil(wide * coarse), ceil(high * coarse) + 1, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer = QSvgRenderer(coloured(one.drawn.svg, "#000000").encode())
    top = over - one.ascent * size
    renderer.render(painter, QRectF(0, top, one.width * size, one.height * size))
    painter.end()
    image.setDevicePixelRatio(size)
    return Picture(image, over / size)


def _inked(mask: QImage, color: QColor) -> QImage:
    """A black picture in a colour."""
    image = mask.copy()
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(QRectF(0, 0, image.width(), image.height()), color)
    painter.end()
    return image
