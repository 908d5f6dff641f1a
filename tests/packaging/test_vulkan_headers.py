"""Newer Vulkan headers: taken from where the person says, the system, or another release by apt."""

import subprocess
from pathlib import Path

import pytest

LISTED = (
    "Debian-Security|main|http://one.example/debian-security\n"
    "Debian|contrib|http://two.example/debian\n"
    "Debian|main|http://two.example/debian\n"
)


def put(include: Path, text: str) -> Path:
    (include / "vulkan").mkdir(parents=True)
    (include / "vulkan" / "vulkan_structs.hpp").write_text(text)
    return include


def test_which_are_new_enough(vulkan_headers, tmp_path):
    assert not vulkan_headers.new_enough(tmp_path)
    assert not vulkan_headers.new_enough(put(tmp_path / "old", "struct Extent2D;"))
    assert vulkan_headers.new_enough(put(tmp_path / "new", "struct LayerSettingEXT;"))


def test_a_named_sdk_is_taken(vulkan_headers, monkeypatch, tmp_path):
    monkeypatch.setenv("VULKAN_SDK", str(tmp_path))
    assert vulkan_headers.provide() == tmp_path


def test_the_systems_own_will_do(vulkan_headers, monkeypatch, tmp_path):
    monkeypatch.setattr(vulkan_headers, "SYSTEM", put(tmp_path, "struct LayerSettingEXT;"))
    assert vulkan_headers.provide() is None


def test_the_mirror_is_the_one_that_apt_uses(vulkan_headers, monkeypatch):
    listed = subprocess.CompletedProcess([], 0, LISTED, "")
    monkeypatch.setattr(vulkan_headers.subprocess, "run", lambda *_, **__: listed)
    assert vulkan_headers.mirror() == "http://two.example/debian"
    assert "URIs: http://two.example/debian\n" in vulkan_headers.sources("http://two.example/debian")
    listed.stdout = ""
    with pytest.raises(LookupError):
        vulkan_headers.mirror()


def test_what_was_fetched_once_is_kept(vulkan_headers, monkeypatch, tmp_path):
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path / "wheels"))
    monkeypatch.setattr(vulkan_headers, "SYSTEM", tmp_path / "none")
    put(tmp_path / "vulkan-headers" / "include", "struct LayerSettingEXT;")
    assert vulkan_headers.provide() == tmp_path / "vulkan-headers"
