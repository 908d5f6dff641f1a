"""packaging/ is no package (its scripts run before anything is installed): load them by path."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "packaging"
NEIGHBOURS = (
    "check_words", "llama_wheel", "markdown_specs", "system_packages", "wine", "frozen", "licences",
    "linux_packages", "smoke",
)  # fmt: skip


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A fresh copy of packaging/NAME.py; what it imports from beside it is fresh as well."""
    for neighbour in NEIGHBOURS:
        monkeypatch.delitem(sys.modules, neighbour, raising=False)
    monkeypatch.syspath_prepend(str(SCRIPTS))
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Recorded, so that the neighbours it imports leave sys.modules with the test.
    for loaded in (name, *NEIGHBOURS):
        monkeypatch.setitem(sys.modules, loaded, module if loaded == name else None)
    for neighbour in NEIGHBOURS:
        if neighbour != name:
            del sys.modules[neighbour]
    spec.loader.exec_module(module)
    return module


def _script(name: str) -> Any:
    """A fixture of that name: the script, loaded anew."""

    @pytest.fixture(name=name)
    def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
        return load(name, monkeypatch)

    return script


check_tree_fixture = _script("check_tree")
check_words_fixture = _script("check_words")
display_fixture = _script("display")
freeze_fixture = _script("freeze")
frozen_fixture = _script("frozen")
i18n_fixture = _script("i18n")
icons_fixture = _script("icons")
licences_fixture = _script("licences")
linux_packages_fixture = _script("linux_packages")
markdown_specs_fixture = _script("markdown_specs")
smoke_fixture = _script("smoke")


@pytest.fixture
def llama_wheel(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for variable in ("CASCADE_CMAKE_ARGS", "CASCADE_WHEEL_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    return load("llama_wheel", monkeypatch)


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("CASCADE_CMAKE_ARGS", raising=False)
    return load("bootstrap", monkeypatch)


@pytest.fixture
def system_packages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("CASCADE_NO_APT", raising=False)
    return load("system_packages", monkeypatch)


@pytest.fixture
def vulkan_headers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("VULKAN_SDK", raising=False)
    return load("vulkan_headers", monkeypatch)
