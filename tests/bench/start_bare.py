"""The least that a Python program with a window and a text field is: what the start is measured against."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QMainWindow, QTextEdit


def main() -> int:
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    field = QTextEdit()
    window.setCentralWidget(field)
    window.resize(1180, 800)
    field.setFocus()
    window.show()
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
