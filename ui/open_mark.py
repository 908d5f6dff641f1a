"""What tells the Windows installer that a window is open: a named mutex, as long as this process lives.

The installer then closes the window, and waits until it has saved, before it changes a file
(installer.iss: WindowMutex). Nothing to do elsewhere.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

MUTEX = "CascadeDesk"


def hold(windows: Any = None) -> int:
    """Hold the mutex until this process ends; its handle, 0 where there is none. Any thread.

    That others hold it already is no fault: each open window does.
    """
    if windows is None:
        if sys.platform != "win32":
            return 0
        windows = ctypes.windll
    create = windows.kernel32.CreateMutexW
    create.restype, create.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_wchar_p]
    # Never closed: the system does it with the process, and then its files are free, too.
    return create(None, 0, MUTEX) or 0
