"""A build of llama.cpp with Vulkan in the data folder: found, named, and its device told. make test-gpu."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine import libraries
from app.engine.client import EngineClient
from app.engine.libraries import Libraries
from app.engine.protocol import Devices, GetDevices, Ready
from tests.engine import builds


def test_a_vulkan_build_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_in_use", "")
    folder = builds.sound(tmp_path / "vulkan")
    client = EngineClient(libraries=Libraries(tmp_path))
    try:
        client.start()
        ready = client.next_event(60)
        assert isinstance(ready, Ready), ready
        assert ready.libraries == str(folder)
        assert set(ready.backends) == {"CPU", "Vulkan"}
        assert ready.gpu_offload
        client.send(GetDevices(1))
        told = client.next_event(60)
        assert isinstance(told, Devices), told
        assert "Vulkan0" in [device.name for device in told.devices]
    finally:
        client.close()
