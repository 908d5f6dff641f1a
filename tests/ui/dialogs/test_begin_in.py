from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QDir, QStandardPaths

from ui.dialogs.begin_in import DOCUMENTS, begin_in


def test_the_last_folder_comes_first_then_the_persons_documents_then_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "Documents"
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(documents))
    assert begin_in(str(tmp_path), DOCUMENTS) == str(tmp_path)
    assert begin_in("", DOCUMENTS) == QDir.homePath()
    documents.mkdir()
    assert begin_in("", DOCUMENTS) == str(documents)
    assert begin_in(str(tmp_path / "gone"), DOCUMENTS) == QDir.homePath()
