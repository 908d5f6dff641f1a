"""What the README and the guides name is there."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from app import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "packaging/README.md", "docs/user-guide.md"]


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    return {_slug(match[1]) for match in re.finditer(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)}


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    page = ROOT / name
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for target in targets:
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), f"{name} leads to {target}"
        if anchor:
            assert anchor in _anchors(found), f"{name} leads to {target}"


@pytest.mark.parametrize("name", PAGES)
def test_targets_of_make_are_there(name: str) -> None:
    there = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`make ((?:[a-z][a-z0-9-]* ?)+)", text))
    targets = {target for group in named for target in group.split()}
    assert targets <= there, sorted(targets - there)


def test_the_guide_has_each_option_of_ask() -> None:
    commands = next(
        action for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    options = {
        option
        for action in commands.choices["ask"]._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    guide = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in guide.splitlines() if line.startswith("| `--"))
    assert options == set(re.findall(r"--[a-z-]+", rows))
