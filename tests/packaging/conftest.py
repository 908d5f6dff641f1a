"""packaging/ is no package (its scripts run before anything is installed): load them by path."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

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
def markdown_specs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("markdown_specs", monkeypatch)


@pytest.fixture
def system_packages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("CASCADE_NO_APT", raising=False)
    return load("system_packages", monkeypatch)


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("display", monkeypatch)


@pytest.fixture
def check_tree(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("check_tree", monkeypatch)


@pytest.fixture
def vulkan_headers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("VULKAN_SDK", raising=False)
    return load("vulkan_headers", monkeypatch)


@pytest.fixture
def check_words(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("check_words", monkeypatch)


@pytest.fixture
def i18n(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("i18n", monkeypatch)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("frozen", monkeypatch)


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("freeze", monkeypatch)


@pytest.fixture
def licences(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("licences", monkeypatch)


@pytest.fixture
def linux_packages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("linux_packages", monkeypatch)


@pytest.fixture
def icons(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("icons", monkeypatch)


@pytest.fixture
def smoke(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("smoke", monkeypatch)
