from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from ui.garbage import GuiGarbage


class Cycle:
    def __init__(self) -> None:
        self.me = self


def test_cycles_are_collected_on_the_gui_thread_only(qtbot: QtBot) -> None:
    collected_on: list[int] = []
    garbage = GuiGarbage()
    try:
        assert not gc.isenabled()
        cycle = Cycle()
        gone = weakref.finalize(cycle, lambda: collected_on.append(threading.get_ident()))
        del cycle
        # Another thread allocates far more than any threshold: nothing is collected there.
        worker = threading.Thread(target=lambda: [Cycle() for _ in range(20_000)])
        worker.start()
        worker.join()
        assert gone.alive
        qtbot.waitUntil(lambda: not gone.alive, timeout=10_000)
        assert collected_on == [threading.get_ident()]
    finally:
        garbage.stop()
    assert gc.isenabled()
