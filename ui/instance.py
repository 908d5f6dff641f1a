"""One window for each data folder: the first listens, a second start hands over its files and ends."""

from __future__ import annotations

import sys
import time
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from ui.handover import REFUSED, TAKEN, Handover, Reader, pack

_CONNECT_MS: Final = 250
_AGAIN_S: Final = 0.05
#: A connection that says nothing whole for so long is dropped.
_PATIENCE_MS: Final = 3000
_MOST_WAITING: Final = 16


class Listener(QObject):
    """Takes what further starts hand over. GUI thread; the lock of the data folder must be held.

    Signals:
        arrived: a Handover.
    """

    arrived = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("listener")
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MOST_WAITING)
        # What is left there belongs to nobody: its owner would have the lock.
        QLocalServer.removeServer(name)
        self.listening = self._server.listen(name)
        self._server.newConnection.connect(self._on_connection)

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self.findChildren(_Visitor)) >= _MOST_WAITING:
                socket.abort()
                socket.deleteLater()
            else:
                _Visitor(socket, self).told.connect(self.arrived)

    def stop(self) -> None:
        """Listen no more; the name is free again."""
        self._server.close()
        for visitor in self.findChildren(_Visitor):
            visitor.leave()


class _Visitor(QObject):
    """One connection."""

    told = Signal(object)

    def __init__(self, socket: QLocalSocket, parent: Listener) -> None:
        super().__init__(parent)
        self.setObjectName("visitor")
        self._socket, self._reader = socket, Reader()
        socket.setParent(self)
        socket.setReadBufferSize(1 << 16)
        socket.readyRead.connect(self._on_bytes)
        socket.disconnected.connect(self.leave)
        QTimer.singleShot(_PATIENCE_MS, self, self.leave)
        self._on_bytes()

    @Slot()
    def _on_bytes(self) -> None:
        if not self._socket.bytesAvailable():
            return
        try:
            message = self._reader.feed(self._socket.readAll().data())
        except ValueError:
            self._answer(REFUSED)
            return
        if message is not None:
            self._answer(TAKEN)
            self.told.emit(message)

    def _answer(self, answer: bytes) -> None:
        self._socket.write(answer)
        self._socket.flush()
        self._socket.disconnectFromServer()

    @Slot()
    def leave(self) -> None:
        self._socket.abort()
        self.deleteLater()


def hand_over(name: str, message: Handover, seconds: float) -> bytes | None:
    """Give it to the window that listens there.

    Returns its answer, empty where nobody listens, None where it has not answered after so many seconds.
    """
    app = QCoreApplication.instance() or QCoreApplication(["cascade-desk"])
    end = time.monotonic() + seconds
    socket = QLocalSocket(app)
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MS):
        return b""
    _let_it_come_to_the_front()
    socket.write(pack(message))
    while socket.bytesToWrite() and time.monotonic() < end:
        if not socket.waitForBytesWritten(_CONNECT_MS) and not _is_connected(socket):
            break
    while not socket.bytesAvailable() and _is_connected(socket) and time.monotonic() < end:
        socket.waitForReadyRead(_CONNECT_MS)
    answer = socket.read(1).data()
    if answer:
        return answer
    return None if time.monotonic() >= end else b""


def _is_connected(socket: QLocalSocket) -> bool:
    return socket.state() != QLocalSocket.LocalSocketState.UnconnectedState


def _let_it_come_to_the_front() -> None:
    """Windows lets only the program that the person has just started put a window to the front."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)


def wait_a_moment() -> None:
    """Between two tries."""
    time.sleep(_AGAIN_S)
